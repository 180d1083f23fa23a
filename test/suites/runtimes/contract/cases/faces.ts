// The other faces, and other pipes. See ../cases.ts.

import type { Transport, TransportHandlers, TransportTarget } from 'wsimd';
import type { Cases } from '../cases';
import { expectSame, expectTrue, Impossible, isSame, pattern, type Stage } from '../stage';

export const FACES: Cases = {
  async 'wsimd/web: events, both types, closing'(stage: Stage) {
    const { socket, told } = stage.webSocket('/echo');
    await told.until('open');
    socket.send('héllo');
    socket.send(pattern(100_000));
    await told.until('binary');
    expectTrue(isSame(told.messages[1], pattern(100_000)), 'other bytes came back');
    socket.close(3000, 'done');
    await told.until('close');
    expectSame(told.lines, ['open', 'text héllo', 'binary 100000', 'close 3000 clean']);
  },

  async 'wsimd/web: WebSocketStream'(stage: Stage) {
    const { WebSocketStream } = stage.modules.web;
    const stream = new WebSocketStream(`${stage.place.ws}/echo`);
    const { readable, writable } = await stream.opened;
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    for (const data of ['one', 'two']) {
      await writer.write(data);
      expectSame((await reader.read()).value, data);
    }
    stream.close({ closeCode: 1000 });
    expectSame((await stream.closed).closeCode, 1000);
  },

  async 'wsimd/web: a connection that fails'(stage: Stage) {
    const { told } = stage.webSocket('/refuse');
    await told.until('close');
    expectSame(told.lines, ['error', 'close 1006']);
  },

  async 'the drop-in for ws: events, both types, closing'(stage: Stage) {
    const { WebSocket } = stage.modules.wsimd;
    if (WebSocket.prototype.send === undefined) {
      let sentence = '';
      try {
        new WebSocket(stage.place.ws);
      } catch (error) {
        sentence = (error as Error).message;
      }
      expectTrue(sentence.startsWith('The drop-in for ws needs Node.js'), `it says: ${sentence}`);
      throw new Impossible('the drop-in is made of node:http, and says so');
    }
    const socket = new WebSocket(`${stage.place.ws}/echo`);
    const lines: unknown[] = [];
    await new Promise<unknown>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => {
        socket.send('text');
        socket.send(pattern(70_000));
      });
      socket.on('message', (data, isBinary) => {
        lines.push(isBinary ? isSame(data as Buffer, pattern(70_000)) : data.toString());
        if (isBinary) socket.close(1000, 'done');
      });
      socket.on('close', (code, reason) => resolve(lines.push(code, reason.toString())));
    });
    expectSame(lines, ['text', true, 1000, 'done']);
  },

  async 'the drop-in for ws: an answer that is no 101'(stage: Stage) {
    const { WebSocket } = stage.modules.wsimd;
    if (WebSocket.prototype.send === undefined) throw new Impossible('the drop-in is made of node:http, and says so');
    const socket = new WebSocket(`${stage.place.ws}/refuse`);
    const lines = await new Promise<unknown>((resolve) => {
      const lines: unknown[] = [];
      socket.on('error', (error) => lines.push(error.message));
      socket.on('close', (code) => resolve([...lines, code]));
    });
    expectSame(lines, ['Unexpected server response: 403', 1006]);
  },

  async 'wsimd/framing: an encoder and a decoder'(stage: Stage) {
    const { Encoder, Decoder } = stage.modules.framing;
    const encoder = new Encoder({ role: 'client' });
    const told: unknown[] = [];
    const decoder = new Decoder({
      role: 'server',
      onMessage: (data) => told.push(typeof data === 'string' ? data : data.length),
    });
    for (const bytes of [encoder.text('é한😀'), encoder.binary(pattern(70_000)), encoder.text('x'.repeat(200_000))]) {
      for (let at = 0; at < bytes.length; at += 999) decoder.feed(bytes.subarray(at, at + 999));
    }
    decoder.close();
    expectSame(told, ['é한😀', 70_000, 'x'.repeat(200_000)]);
  },

  async 'options.transport: a pair of streams of one’s own'(stage: Stage) {
    const { AsyncTcpConnection, overStreams } = stage.modules.wsimd;
    const { Encoder, Decoder } = stage.modules.framing;
    const [up, down] = [new TransformStream<Uint8Array>(), new TransformStream<Uint8Array>()];
    const answers = down.writable.getWriter();
    const encoder = new Encoder({ role: 'server' });
    const decoder = new Decoder({
      role: 'server',
      onMessage: (data) => void answers.write(encoder.text(`echo ${data}`)),
      onClose: (code) => void answers.write(encoder.close(code)).then(() => answers.close()),
    });
    const serve = async (): Promise<void> => {
      const reader = up.readable.getReader();
      const head = new TextDecoder().decode((await reader.read()).value);
      const key = /sec-websocket-key: (.*)\r/i.exec(head)![1];
      const digest = await crypto.subtle.digest(
        'SHA-1',
        new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`),
      );
      const accept = btoa(String.fromCharCode(...new Uint8Array(digest)));
      await answers.write(
        new TextEncoder().encode(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        ),
      );
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        decoder.feed(value);
      }
      decoder.close();
    };
    const served = serve();
    const targets: string[] = [];
    const transport = (target: TransportTarget, handlers: TransportHandlers): Transport => {
      targets.push(`${target.hostname}:${target.port}`);
      return overStreams({ readable: down.readable, writable: up.writable }, handlers);
    };
    const connection = new AsyncTcpConnection('ws://memory.invalid/', { transport });
    const lines: unknown[] = [];
    await new Promise<unknown>((resolve, reject) => {
      connection.onWebSocketConnect = () => connection.send('hello');
      connection.onMessage = (one, data) => {
        lines.push(data);
        one.close(1000);
      };
      connection.onError = (_, _code, message) => reject(new Error(message));
      connection.onClose = (_, { code, wasClean }) => resolve(lines.push(code, wasClean));
      connection.connect();
    });
    await served;
    expectSame([...targets, ...lines], ['memory.invalid:80', 'echo hello', 1000, true]);
  },
};
