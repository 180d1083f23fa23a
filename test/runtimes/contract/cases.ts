// The contract: what each runtime must do, by one suite. A case throws where it does not, and Impossible where the runtime cannot. It
// runs on every runtime, so it uses nothing that one of them has not.

import type { AsyncTcpConnection, Transport, TransportHandlers, TransportTarget, WsimdError } from 'wsimd';
import { expectSame, expectTrue, Impossible, isSame, pattern, type Stage, sleep } from './stage';

const SIZES = [0, 1, 125, 126, 65_535, 65_536, 131_073, 1_048_576, 5_000_000];

async function echoes(
  stage: Stage,
  path: string,
  scheme: 'ws' | 'wss',
  configure: (connection: AsyncTcpConnection) => void = () => {},
): Promise<void> {
  const { connection, told } = await stage.open(
    path,
    (one) => {
      one.maxSendBufferSize = 64 * 1024 * 1024;
      configure(one);
    },
    {},
    scheme,
  );
  const messages = SIZES.flatMap((size) => [
    'é한😀 '.repeat(size / 10) + 'x'.repeat(size % 10),
    pattern(size, size + 1),
  ]);
  for (const message of messages) connection.send(message);
  await told.until('', 1 + messages.length);
  for (const [i, message] of messages.entries()) {
    const found = told.messages[i];
    if (typeof message === 'string')
      expectTrue(found === message, `text ${i} of ${message.length} units is another one`);
    else
      expectTrue(
        typeof found !== 'string' && isSame(found, message),
        `binary ${i} of ${message.length} bytes is another one`,
      );
  }
  connection.close(1000, 'done');
  await told.until('close');
  expectSame(told.lines.at(-1), 'close 1000 clean');
}

/** Sends more than fits until the peer reads. */
function backPressure(send: (data: Uint8Array) => unknown, size: number): { bytes: number; count: number } {
  const count = 64;
  let isKept = false;
  for (let i = 0; i < count; i += 1)
    isKept = send(i === count - 1 ? lastOf(size) : new Uint8Array(size)) !== true || isKept;
  expectTrue(isKept, 'everything was on its way at once, to a server that does not read');
  return { bytes: count * size, count };
}

function lastOf(size: number): Uint8Array {
  const last = new Uint8Array(size);
  last.set(new TextEncoder().encode('last'));
  return last;
}

export const CASES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async 'connect, echo, close'(stage: Stage) {
    const { connection, told } = await stage.open('/echo');
    connection.send('hello');
    connection.send(new Uint8Array([1, 2, 3]));
    await told.until('binary');
    connection.close();
    await told.until('close');
    expectSame(told.lines, ['open', 'text hello', 'binary 3', 'close 1000 clean']);
  },

  'every size, both ways': (stage: Stage) => echoes(stage, '/echo', 'ws'),

  'every size, both ways, over TLS': (stage: Stage) => echoes(stage, '/echo', 'wss'),

  async 'TLS: a certificate that nobody vouches for'(stage: Stage) {
    const { AsyncTcpConnection } = stage.modules.wsimd;
    if (stage.place.ca === undefined)
      throw new Impossible('whom to trust is a matter of the platform, for all connections');
    const { connection, told } = stage.connection('/echo', {}, 'ws');
    connection.destroy();
    const stranger = new AsyncTcpConnection(`${stage.place.wss}/echo`);
    const lines: unknown[] = [];
    await new Promise<unknown>((resolve) => {
      stranger.onError = (_, code, _message, cause) =>
        lines.push(code === AsyncTcpConnection.TLS_FAIL, (cause as WsimdError).code);
      stranger.onClose = resolve;
      stranger.connect();
    });
    expectSame(lines, [true, 'WS_ERR_TLS']);
    expectSame(told.messages, []);
  },

  async 'a port where nobody listens'(stage: Stage) {
    const { AsyncTcpConnection } = stage.modules.wsimd;
    const connection = new AsyncTcpConnection('ws://127.0.0.1:9/');
    const lines: unknown[] = [];
    await new Promise<unknown>((resolve) => {
      connection.onError = (_, code) => lines.push(code === AsyncTcpConnection.CONNECT_FAIL);
      connection.onClose = (_, { code, error }) => resolve(lines.push(code, error?.code));
      connection.connect();
    });
    expectSame(lines, [true, 1006, 'WS_ERR_CONNECT']);
  },

  async 'a handshake that is refused'(stage: Stage) {
    const { connection, told } = stage.connection('/refuse');
    connection.connect();
    await told.until('close');
    expectSame(told.lines, ['error WS_ERR_HANDSHAKE_STATUS', 'close 1006 WS_ERR_HANDSHAKE_STATUS']);
  },

  async 'UTF-8: text of every kind, and text that is none'(stage: Stage) {
    const { connection, told } = await stage.open('/echo');
    const texts = [
      '',
      '\u0000',
      'é',
      '한국어',
      '😀',
      '\ufeffBOM',
      'a'.repeat(31),
      'a'.repeat(33),
      'é'.repeat(5_000),
      '😀x'.repeat(40_000),
    ];
    for (const text of texts) connection.send(text);
    await told.until('text', texts.length);
    expectSame(told.messages, texts);
    const bad = await stage.open('/bad-utf8');
    await bad.told.until('close');
    expectSame(bad.told.lines, ['open', 'error WS_ERR_INVALID_UTF8', 'close 1006 WS_ERR_INVALID_UTF8']);
  },

  async 'frames that break a rule'(stage: Stage) {
    for (const [path, code] of [
      ['/masked', 'WS_ERR_UNEXPECTED_MASK'],
      ['/huge', 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'],
    ] as const) {
      const { told } = await stage.open(path);
      await told.until('close');
      expectSame(told.lines, ['open', `error ${code}`, `close 1006 ${code}`]);
    }
  },

  async 'fragments, and a ping between them'(stage: Stage) {
    const { told } = await stage.open('/fragments');
    await told.until('text');
    expectSame(told.messages, ['one two three']);
  },

  async 'a ping is answered, a pong is told'(stage: Stage) {
    const { told } = await stage.open('/ping');
    await told.until('text pong are you there');
    const { connection } = await stage.open('/echo');
    const payload = await new Promise<unknown>((resolve) => {
      connection.onWebSocketPong = (_, payload) => resolve(new TextDecoder().decode(payload));
      connection.ping('mine');
    });
    expectSame(payload, 'mine');
  },

  async 'the server closes'(stage: Stage) {
    const { told } = await stage.open('/close?code=3001&reason=bye');
    await told.until('close');
    expectSame(told.lines, ['open', 'close 3001 clean']);
  },

  async 'a peer that does not read: what is sent waits, and leaves in order'(stage: Stage) {
    const id = stage.id();
    const { connection, told } = await stage.open(`/stall?id=${id}`, (one) => {
      one.maxSendBufferSize = 8 * 1024 * 1024;
    });
    const expected = backPressure((data) => connection.send(data), 1_048_576 / 2);
    await told.until('full').catch(() => {});
    const dropped = told.lines.filter((line) => line === 'error WS_ERR_SEND_BUFFER_FULL').length;
    expectTrue(dropped > 0, `nothing was dropped beyond the limit: ${told.lines.join(' | ')}`);
    await stage.open(`/release?id=${id}`);
    await told.until('drain');
    connection.send(lastOf(4));
    await told.until('text');
    const { bytes, count } = JSON.parse(told.messages.at(-1) as string);
    expectSame([bytes, count], [expected.bytes - dropped * (1_048_576 / 2) + 4, expected.count - dropped + 1]);
  },

  async 'a pause: the server has to wait, and nothing is lost'(stage: Stage) {
    const id = stage.id();
    const [count, size] = [3_000, 20_000];
    let isPaused = false;
    const seen: unknown[] = [];
    const { connection, told } = await stage.open(`/flood?id=${id}&count=${count}&size=${size}`);
    connection.onMessage = (_, data) => {
      if (isPaused) told.tell('a message in a pause');
      const { buffer, byteOffset } = data as Uint8Array;
      seen.push(new DataView(buffer, byteOffset).getUint32(0, true));
      if (seen.length === 10) {
        isPaused = true;
        connection.pauseRecv();
        told.tell('paused');
      }
      if (seen.length === count) told.tell('all');
    };
    connection.send('go');
    await told.until('paused');
    await sleep(500);
    const state = await stage.open(`/state?id=${id}`);
    state.connection.send('how far');
    await state.told.until('text');
    const { sent, waiting } = JSON.parse(state.told.messages[0] as string);
    expectTrue(seen.length === 10, `${seen.length} messages in place of 10`);
    expectTrue(sent < count && waiting > 0, `the server had sent ${sent} messages, and ${waiting} bytes waited`);
    isPaused = false;
    connection.resumeRecv();
    await told.until('all');
    expectTrue(
      seen.every((number, i) => number === i),
      'messages out of order',
    );
    expectSame(told.lines, ['open', 'paused', 'all']);
  },

  async 'a pause in the middle of a batch'(stage: Stage) {
    const { connection, told } = await stage.open('/echo');
    const seen: unknown[] = [];
    connection.onMessage = (_, data) => {
      seen.push(data);
      connection.pauseRecv();
      told.tell('paused');
    };
    for (let i = 0; i < 20; i += 1) connection.send(`message ${i}`);
    for (let i = 1; i <= 20; i += 1) {
      await told.until('paused', i);
      await sleep(2);
      expectSame(seen.length, i);
      connection.resumeRecv();
    }
  },

  async 'a connection that is reset'(stage: Stage) {
    const { connection, told } = await stage.open('/reset');
    connection.send('now');
    await told.until('close');
    expectTrue(/^close 1006 WS_ERR_(RESET|ENDED)$/.test(told.lines.at(-1)!), told.lines.join(' | '));
  },

  async 'a server that ends its half: the last words are told'(stage: Stage) {
    const { told } = await stage.open('/half');
    await told.until('close');
    expectSame(told.lines, ['open', 'text last words', 'close 1006 WS_ERR_ENDED']);
  },

  async 'end(): what was sent leaves, then TCP ends'(stage: Stage) {
    const id = stage.id();
    const { connection, told } = await stage.open(`/comeback?id=${id}`);
    await told.until('text connection 1');
    connection.lingerTimeout = 5;
    connection.send('x'.repeat(1_000_000));
    connection.end('bye');
    await told.until('close');
    expectTrue(told.lines.at(-1)!.startsWith('close 1006'), told.lines.join(' | '));
  },

  async 'heartbeat: a peer that lives'(stage: Stage) {
    const { connection, told } = await stage.open('/echo', (one) => {
      one.websocketPingInterval = 0.05;
      one.websocketPingTimeout = 5;
    });
    await sleep(400);
    expectTrue((connection.latency ?? -1) >= 0 && connection.latency! < 5, `latency ${connection.latency}`);
    expectSame(told.lines, ['open']);
  },

  async 'heartbeat: a peer that is dead'(stage: Stage) {
    const { told } = await stage.open('/silent', (one) => {
      one.websocketPingInterval = 0.1;
    });
    await told.until('close');
    expectSame(told.lines, ['open', 'error WS_ERR_DEAD_PEER', 'close 1006 WS_ERR_DEAD_PEER']);
  },

  async 'a server that never answers the close frame'(stage: Stage) {
    const { connection, told } = await stage.open('/silent', (one) => {
      one.closeTimeout = 0.2;
    });
    connection.close(1000);
    await told.until('close');
    expectSame(told.lines, ['open', 'close 1006 WS_ERR_CLOSE_TIMEOUT']);
  },

  async 'reconnect: by the policy'(stage: Stage) {
    const { connection, told } = await stage.open(`/comeback?id=${stage.id()}`, (one) => {
      one.reconnectPolicy = { minDelay: 0.05, maxDelay: 0.1 };
    });
    for (let i = 1; i <= 3; i += 1) {
      await told.until(`text connection ${i}`);
      if (i < 3) connection.send('cut');
    }
    connection.close();
    await told.until('close 1000 clean');
    expectSame(
      told.lines
        .filter((line) => !line.startsWith('error'))
        .map((line) => line.replace(/WS_ERR_(RESET|ENDED)/, 'lost')),
      [
        'open',
        'text connection 1',
        'close 1006 lost back',
        'reconnect 1',
        'open',
        'text connection 2',
        'close 1006 lost back',
        'reconnect 2',
        'open',
        'text connection 3',
        'close 1000 clean',
      ],
    );
  },

  async 'reconnect: by hand, in onClose'(stage: Stage) {
    const { connection, told } = await stage.open(`/comeback?id=${stage.id()}`);
    const { onClose } = connection;
    connection.onClose = (one, event) => {
      onClose!(one, event);
      if (event.code === 1006) one.reConnect(0.05);
    };
    await told.until('text connection 1');
    connection.send('cut');
    await told.until('text connection 2');
    connection.close();
    await told.until('close 1000');
  },

  async 'connections at once, that know nothing of each other'(stage: Stage) {
    const connections = await Promise.all(Array.from({ length: 20 }, () => stage.open('/echo')));
    for (const [i, { connection }] of connections.entries())
      for (let n = 0; n < 50; n += 1) connection.send(`${i} ${n}`);
    for (const [i, { told }] of connections.entries()) {
      await told.until('text', 50);
      expectSame(
        told.messages,
        Array.from({ length: 50 }, (_, n) => `${i} ${n}`),
      );
    }
  },

  async 'through a proxy, with and without TLS'(stage: Stage) {
    const proxy = stage.place.ws.replace('ws:', 'http:');
    for (const scheme of ['ws', 'wss'] as const) {
      const { connection, told } = await stage.open(
        '/echo',
        (one) => Object.assign(one, { proxyHttp: proxy }),
        {},
        scheme,
      );
      connection.send(pattern(300_000));
      await told.until('binary');
      expectTrue(isSame(told.messages[0], pattern(300_000)), 'other bytes came back');
    }
  },

  async 'compression: every size, both ways'(stage: Stage) {
    const { connection } = stage.connection('/deflate');
    try {
      connection.perMessageDeflate = true;
    } catch (error) {
      expectSame((error as Error).name, 'TypeError');
      throw new Impossible('workerd has a zlib with the flag nodejs_compat only');
    }
    await echoes(stage, '/deflate', 'ws', (one) => {
      one.perMessageDeflate = true;
    });
    await echoes(stage, '/deflate', 'ws', (one) => {
      one.perMessageDeflate = {
        serverNoContextTakeover: true,
        clientNoContextTakeover: true,
        threshold: 0,
        serverMaxWindowBits: 10,
      };
    });
  },

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

  async 'an option that the platform cannot honour'(stage: Stage) {
    const { connection, told } = stage.connection('/echo', { localAddress: '127.0.0.1' });
    connection.connect();
    await Promise.race([told.until('open'), told.until('close')]);
    if (told.lines[0] === 'open') return;
    expectSame(told.lines, ['error WS_ERR_UNSUPPORTED', 'close 1006 WS_ERR_UNSUPPORTED']);
    throw new Impossible('workerd chooses the address; the error says so');
  },
};
