// What can be watched of every face: the same channels, in the same shape, and the same lines. Those of AsyncTcpConnection alone
// are in callback/diagnostics.test.ts.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DiagnosticMessages } from '../../src/index';
import { AsyncTcpConnection, WebSocket as DropIn, WsimdError } from '../../src/index';
import { WebSocket as Web, WebSocketStream } from '../../src/web';
import { ChildProgram } from '../support/child-program';
import { frame, PING, PONG } from '../support/raw-peer';
import { closedPort, echoServer, rawServer } from '../support/servers';

type Name = keyof DiagnosticMessages;
const NAMES: readonly Name[] = ['open', 'close', 'error', 'ping', 'pong', 'reconnect'];

type Message = DiagnosticMessages[Name];

interface Watch {
  readonly told: [Name, Message][];
  /** The first of that name, be it told already. */
  readonly first: (name: Name) => Promise<Message>;
}

function watch(): Watch {
  const told: [Name, Message][] = [];
  for (const name of NAMES) {
    const listener = (message: unknown): unknown => told.push([name, message as Message]);
    subscribe(`wsimd:${name}`, listener);
    onTestFinished(() => {
      unsubscribe(`wsimd:${name}`, listener);
    });
  }
  const find = (name: Name): Message | undefined => told.find(([other]) => other === name)?.[1];
  return {
    told,
    first: async (name) => {
      await expect.poll(() => find(name), { timeout: 10_000 }).toBeDefined();
      return find(name)!;
    },
  };
}

/** Each face: how it is begun, and how it ends by itself. */
const FACES = {
  callback: (url: string) => {
    const connection = new AsyncTcpConnection(url);
    connection.connect();
    return { connection, close: () => connection.close() };
  },
  ws: (url: string) => {
    const connection = new DropIn(url);
    connection.on('error', () => {});
    return { connection, close: () => connection.close() };
  },
  web: (url: string) => {
    const connection = new Web(url);
    return { connection, close: () => connection.close() };
  },
  stream: (url: string) => {
    const connection = new WebSocketStream(url);
    connection.closed.catch(() => {});
    connection.opened.catch(() => {});
    return { connection, close: () => connection.close() };
  },
};

describe.each(Object.keys(FACES) as (keyof typeof FACES)[])('the channels tell of the face %s', (face) => {
  const begin = FACES[face];

  it('a connection: open, ping, pong, close', async () => {
    const server = await rawServer('ws');
    const { told, first } = watch();
    const { connection, close } = begin(`${server.url}/path?token=secret`);
    const peer = await server.acceptedPeer();
    const address = `127.0.0.1:${server.port}`;
    const common = { connection, face, host: '127.0.0.1', address, phase: 'open' };
    expect(await first('open')).toMatchObject({ ...common, response: { status: 101 } });
    peer.write(frame(PING, 'ping'), frame(PONG, 'pong'));
    for (const name of ['ping', 'pong'] as const) {
      const message = (await first(name)) as DiagnosticMessages['ping'];
      expect(message).toMatchObject(common);
      expect(String(Buffer.from(message.payload))).toBe(name);
    }
    close();
    peer.write((await peer.readFrameOf(0x88)).payload.length === 0 ? frame(0x88) : frame(0x88, Buffer.of(3, 232)));
    peer.socket.end();
    const told2 = await first('close');
    expect(told2).toMatchObject({ connection, face, host: '127.0.0.1', phase: 'closed' });
    expect(told2).toMatchObject({ event: { wasClean: true, error: undefined, attempt: 0, willReconnect: false } });
    expect(told.map(([name]) => name)).toEqual(['open', 'ping', 'pong', 'close']);
    // What there has been always, and nothing besides, is what a copy of a message has.
    expect(Object.keys(told[0]![1])).toEqual(['connection', 'response']);
  });

  it('an attempt that fails: error with the phase, close with the reason', async () => {
    const { told, first } = watch();
    const { connection } = begin(`ws://127.0.0.1:${await closedPort()}`);
    const { error, phase, host, address } = (await first('error')) as DiagnosticMessages['error'];
    expect(error).toBeInstanceOf(WsimdError);
    expect(error.code).toBe('WS_ERR_CONNECT');
    expect({ phase, host, address }).toEqual({ phase: 'TCP', host: '127.0.0.1', address: '' });
    expect(await first('close')).toMatchObject({
      connection,
      face,
      event: { code: 1006, error: { code: error.code } },
    });
    expect(told.map(([name]) => name)).toEqual(['error', 'close']);
  });

  it('a refusal, and a broken rule', async () => {
    const server = await rawServer('ws');
    const one = watch();
    begin(server.url);
    const refusing = await server.peer();
    await refusing.readHead();
    refusing.socket.end('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n');
    expect(await one.first('error')).toMatchObject({
      phase: 'handshake',
      address: `127.0.0.1:${server.port}`,
      error: { code: 'WS_ERR_HANDSHAKE_STATUS' },
    });
    await one.first('close');
    const two = watch();
    begin(server.url);
    const peer = await server.acceptedPeer();
    await two.first('open');
    peer.write(frame(0x83, 'reserved'));
    peer.socket.end();
    expect(await two.first('error')).toMatchObject({ phase: 'open', error: { code: 'WS_ERR_INVALID_OPCODE' } });
    await two.first('close');
  });
});

it.each(['web', 'stream'] as const)('a port that the web does not connect to was never open: %s', async (face) => {
  const { first } = watch();
  FACES[face]('ws://127.0.0.1:1');
  expect(await first('error')).toMatchObject({ phase: 'connecting', address: '', error: { code: 'WS_ERR_CONNECT' } });
  await first('close');
});

it('a subscriber that ends a connection of the drop-in when it opens has no open event behind that', async () => {
  const { url } = await echoServer('ws');
  const events: string[] = [];
  const listener = (message: unknown): void => (message as { connection: DropIn }).connection.terminate();
  subscribe('wsimd:open', listener);
  onTestFinished(() => {
    unsubscribe('wsimd:open', listener);
  });
  const socket = new DropIn(url);
  socket.on('open', () => events.push('open'));
  await new Promise((resolve) => socket.once('close', resolve));
  expect(events).toEqual([]);
});

it.each([
  ['DNS', 'ws://name.invalid', 'WS_ERR_CONNECT'],
  ['TCP', 'ws://127.0.0.1:1', 'WS_ERR_CONNECT'],
])('an error has the phase %s', async (phase, url, code) => {
  const connection = new AsyncTcpConnection(url);
  const cause = await new Promise<unknown>((resolve) => {
    connection.onError = (_connection, _kind, _message, error) => resolve(error);
    connection.connect();
  });
  expect(cause).toMatchObject({ phase, code });
  expect(Object.keys(cause as object)).not.toContain('phase');
});

it('NODE_DEBUG=wsimd has a line for each event of each face, without secrets', async () => {
  const server = await echoServer('ws');
  const refused = `ws://user:secret@127.0.0.1:${await closedPort()}/secret?secret`;
  const program = `
    import { WebSocket as DropIn } from 'wsimd';
    import { WebSocket, WebSocketStream } from 'wsimd/web';
    const url = '${server.url}/?token=secret';
    const ends = (socket) => new Promise((resolve) => socket.addEventListener('close', resolve));
    const dropIn = new DropIn(url, { headers: { Authorization: 'Bearer secret' } });
    dropIn.on('open', () => dropIn.close(1000, 'secret'));
    await ends(dropIn);
    const web = new WebSocket(url);
    web.onopen = () => web.close(1000, 'secret');
    await ends(web);
    const stream = new WebSocketStream(url);
    await stream.opened;
    stream.close();
    await stream.closed;
    const failing = new DropIn('${refused}');
    failing.on('error', () => {});
    await ends(failing);
    await ends(new WebSocket('${refused}'));
  `;
  const child = new ChildProgram(program, { NODE_DEBUG: 'wsimd' });
  expect(await child.exit).toBe(0);
  const lines = child.output
    .trim()
    .split('\n')
    .map((line) => line.replace(/^WSIMD \d+: /, ''));
  const address = `127.0.0.1, 127.0.0.1:${server.port}`;
  const { port } = new URL(refused);
  const reason = `The server could not be reached: 127.0.0.1 port ${port}, connect ECONNREFUSED 127.0.0.1:${port}.`;
  expect(lines).toEqual([
    `ws#1 open ${address}`,
    'ws#1 close 1000, clean',
    `web#2 open ${address}`,
    'web#2 close 1000, clean',
    `stream#3 open ${address}`,
    'stream#3 close 1005, clean',
    `ws#4 error WS_ERR_CONNECT, TCP, 127.0.0.1, ${reason}`,
    'ws#4 close 1006, not clean, WS_ERR_CONNECT',
    `web#5 error WS_ERR_CONNECT, TCP, 127.0.0.1, ${reason}`,
    'web#5 close 1006, not clean, WS_ERR_CONNECT',
  ]);
  expect(child.output).not.toContain('secret');
});
