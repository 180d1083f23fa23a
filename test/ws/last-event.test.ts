// 'close' is the last event, as in `ws`: whatever waits for its turn is told before it, and what comes too late is not told.

import { once } from 'node:events';
import type { ClientRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import * as wsimd from '../../src/index';
import { frame, PING, RawPeer, TEXT } from '../support/raw-peer';
import { rawServer } from '../support/servers';

type Client = wsimd.WebSocket;
interface Implementation {
  readonly WebSocket: typeof wsimd.WebSocket;
  readonly createWebSocketStream: typeof wsimd.createWebSocketStream;
}
const both = [ws as unknown as Implementation, wsimd as unknown as Implementation] as const;

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

/** Writes down what a client tells, each with the state that it is in. */
function told(client: Client): string[] {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(`${line} (${client.readyState})`);
  client.on('message', (data) => write(String(data)));
  client.on('ping', (data) => write(`ping ${data}`));
  client.on('upgrade', () => write('upgrade'));
  client.on('redirect', () => write('redirect'));
  client.on('unexpected-response', () => write('unexpected response'));
  client.on('error', ({ message }) => write(message));
  client.on('close', (code) => write(`close ${code}`));
  return lines;
}

/** What both tell in the same scene. */
async function compared(scene: (implementation: Implementation) => Promise<string[]>): Promise<[string[], string[]]> {
  const [theirs, ours] = both;
  return [await scene(theirs), await scene(ours)];
}

describe('messages that wait for their turn', () => {
  /** Four frames in one segment; at the first message this happens. */
  const scene =
    (happens: (client: Client, peer: RawPeer) => void) =>
    async ({ WebSocket }: Implementation): Promise<string[]> => {
      const server = await rawServer('ws');
      const client = new WebSocket(server.url, { allowSynchronousEvents: false, perMessageDeflate: false });
      const lines = told(client);
      const closed = new Promise((resolve) => client.once('close', resolve));
      const peer = await server.acceptedPeer();
      client.once('message', () => happens(client, peer));
      peer.write(frame(TEXT, 'A'), frame(TEXT, 'B'), frame(PING, 'C'), frame(TEXT, 'D'));
      await closed;
      await settled();
      return lines;
    };

  it.each<[string, (client: Client, peer: RawPeer) => void]>([
    ['the socket is destroyed', (client) => (client as unknown as { _socket: { destroy(): void } })._socket.destroy()],
    [
      'the peer resets the connection',
      (client, peer) => {
        peer.socket.resetAndDestroy();
        client.send('x');
      },
    ],
    [
      'we close, and the peer resets the connection',
      (client, peer) => {
        client.close();
        peer.socket.resetAndDestroy();
      },
    ],
  ])('are told before the end: %s', async (_, happens) => {
    const [theirs, ours] = await compared(scene(happens));
    expect(theirs.at(-1)).toBe('close 1006 (3)');
    expect(ours).toEqual(theirs);
  });

  it.each([0, 1, 2, 3])('are told before the end: it is terminated %s turns later', async (turns) => {
    const terminate = (client: Client, left: number): void => {
      if (left === 0) client.terminate();
      else setImmediate(() => terminate(client, left - 1));
    };
    const ours = await scene((client) => terminate(client, turns))(both[1]);
    expect(ours.at(-1)).toBe('close 1006 (3)');
    expect(ours.filter((line) => line.startsWith('close'))).toHaveLength(1);
  });

  it('are chunks of a stream before its end', async () => {
    const read = async ({ WebSocket, createWebSocketStream }: Implementation): Promise<string[]> => {
      const server = await rawServer('ws');
      const client = new WebSocket(server.url, { allowSynchronousEvents: false, perMessageDeflate: false });
      const stream = createWebSocketStream(client, { encoding: 'utf8' });
      const lines: string[] = [];
      stream.on('data', (data) => lines.push(`data ${data}`));
      for (const event of ['end', 'error', 'close']) stream.on(event, () => lines.push(event));
      const peer = await server.acceptedPeer();
      stream.once('data', () => (client as unknown as { _socket: { destroy(): void } })._socket.destroy());
      peer.write(frame(TEXT, 'A'), frame(TEXT, 'B'), frame(TEXT, 'C'));
      await once(stream, 'end');
      stream.end();
      await settled();
      return lines;
    };
    const [theirs, ours] = await compared(read);
    expect(theirs.slice(0, 3)).toEqual(['data A', 'data B', 'data C']);
    expect(ours).toEqual(theirs);
  });
});

describe('an attempt that is given up', () => {
  it.each<[string, (client: Client) => void]>([
    ['closed', (client) => client.close()],
    ['terminated', (client) => client.terminate()],
  ])('within finishRequest, %s, tells nothing behind its end, and leaves no socket', async (_, giveUp) => {
    const scene = async ({ WebSocket }: Implementation): Promise<string[]> => {
      const server = await rawServer('ws');
      const finishRequest = (request: ClientRequest, client: Client): void => {
        request.end();
        giveUp(client);
      };
      const client = new WebSocket(server.url, { finishRequest });
      const lines = told(client);
      await new Promise((resolve) => client.once('close', resolve));
      await settled();
      return lines;
    };
    const [theirs, ours] = await compared(scene);
    expect(theirs).toHaveLength(2);
    expect(ours).toEqual(theirs);
  });

  it('when an interim response comes does not tell of the answer behind it', async () => {
    const server = await rawServer('ws');
    const finishRequest = (request: ClientRequest, client: Client): void => {
      request.on('information', () => client.terminate());
      request.end();
    };
    const client = new wsimd.WebSocket(server.url, { finishRequest });
    const lines = told(client);
    const peer = await server.peer();
    const interim = 'HTTP/1.1 103 Early\r\n\r\n';
    peer.write(Buffer.from(interim + RawPeer.answer(await peer.readHead()), 'latin1'));
    await new Promise((resolve) => client.once('close', resolve));
    await settled();
    expect(lines).toEqual(['WebSocket was closed before the connection was established (2)', 'close 1006 (3)']);
  });

  it('within a listener of redirect asks nobody', async () => {
    const scene = async ({ WebSocket }: Implementation): Promise<string[]> => {
      const server = await rawServer('ws');
      const client = new WebSocket(server.url, { followRedirects: true });
      const lines = told(client);
      client.on('redirect', () => client.terminate());
      const peer = await server.peer();
      await peer.readHead();
      peer.write(Buffer.from('HTTP/1.1 302 Found\r\nLocation: /there\r\n\r\n'));
      await new Promise((resolve) => client.once('close', resolve));
      await settled();
      return lines;
    };
    const [theirs, ours] = await compared(scene);
    expect(ours).toEqual(theirs);
  });
});

describe('a Blob that cannot be read when its connection is closed', () => {
  it('is no error behind the end', async () => {
    const scene = async ({ WebSocket }: Implementation): Promise<string[]> => {
      const server = await rawServer('ws');
      const client = new WebSocket(server.url, { perMessageDeflate: false });
      const lines = told(client);
      await server.acceptedPeer();
      if (client.readyState !== 1) await once(client, 'open');
      let fail = (_error: Error): void => {};
      const read = new Promise<ArrayBuffer>((_, reject) => {
        fail = reject;
      });
      const blob = { size: 3, type: '', stream: () => {}, arrayBuffer: () => read, [Symbol.toStringTag]: 'Blob' };
      client.send(blob as unknown as Blob);
      client.terminate();
      await new Promise((resolve) => client.once('close', resolve));
      fail(new Error('too late'));
      await settled();
      return lines;
    };
    const [theirs, ours] = await compared(scene);
    expect(ours).toEqual(theirs);
    expect(ours).toEqual(['upgrade (0)', 'close 1006 (3)']);
  });
});
