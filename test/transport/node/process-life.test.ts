// Whether a process lives: for every connection that is open, whatever it is doing, unless it was told not to. Each in a process of
// its own, whose only reason to live is the connection; a signal is none.

import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ChildProgram } from '../../support/child-program';
import { closeFrame, frame, type RawPeer, TEXT } from '../../support/raw-peer';
import { closedPort, rawServer, type Scheme } from '../../support/servers';

/** Longer than any tick of what keeps a process whose connections are not read. */
const LONG_ENOUGH = 1_500;

/** What each face's program does: `open` makes one and says 'paused' once it is so, and the signal has it go on. */
const FACES = {
  ws: `
    import WebSocket from 'wsimd';
    const connection = new WebSocket(url, { rejectUnauthorized: false });
    connection.on('open', () => { connection.pause(); paused(() => connection.resume()); });
    connection.on('message', (data) => { told(data); connection.terminate(); });
    connection.on('error', () => {});
    connection.on('close', () => told('closed'));
    const unref = () => connection._socket.unref();`,
  'ws, as a stream that nobody reads': `
    import WebSocket, { createWebSocketStream } from 'wsimd';
    const connection = new WebSocket(url, { rejectUnauthorized: false });
    const stream = createWebSocketStream(connection, { readableHighWaterMark: 1 });
    stream.on('error', () => {});
    connection.on('open', () => { stream.read(0); paused(() => stream.on('data', (data) => { told(data); connection.terminate(); })); });
    const unref = () => connection._socket.unref();`,
  AsyncTcpConnection: `
    import { AsyncTcpConnection } from 'wsimd';
    const connection = new AsyncTcpConnection(url, { rejectUnauthorized: false });
    connection.onWebSocketConnect = () => { connection.pauseRecv(); paused(() => connection.resumeRecv()); };
    connection.onMessage = (_, data) => { told(data); connection.destroy(); };
    connection.onClose = () => told('closed');
    connection.connect();
    const unref = () => connection.unref();`,
  'a WebSocketStream that nobody reads': `
    import { WebSocketStream } from 'wsimd/web';
    const stream = new WebSocketStream(url, { tls: { rejectUnauthorized: false } });
    stream.closed.catch(() => {});
    stream.opened.then(({ readable }) => {
      const reader = readable.getReader();
      paused(() => reader.read().then(() => reader.read()).then(({ value }) => { told(value); process.exit(); }));
    });`,
};
type FaceName = keyof typeof FACES;
const NAMES = Object.keys(FACES) as FaceName[];

function programOf(face: FaceName, url: string, more = ''): ChildProgram {
  return new ChildProgram(`
    const url = ${JSON.stringify(url)};
    const told = (line) => console.log('told ' + line);
    const paused = (goOn) => { process.on('SIGUSR2', goOn); process.on('SIGUSR1', () => unref()); console.log('paused'); ${more} };
    ${FACES[face]}
  `);
}

async function begun(face: FaceName, scheme: Scheme, more?: string): Promise<{ program: ChildProgram; peer: RawPeer }> {
  const server = await rawServer(scheme);
  const program = programOf(face, server.url, more);
  const peer = await server.peer();
  await peer.accept();
  await program.until((output) => output.includes('paused'));
  return { program, peer };
}

/** It is still there when it had the time to end. */
async function expectAlive(program: ChildProgram): Promise<void> {
  expect(await Promise.race([program.exit, setTimeout(LONG_ENOUGH, 'alive')]), program.output).toBe('alive');
}

describe.each<[Scheme, FaceName]>([
  ...NAMES.map((name): [Scheme, FaceName] => ['ws', name]),
  ['wss', 'ws'],
  ['wss', 'AsyncTcpConnection'],
])('over %s, %s that is paused', (scheme, face) => {
  it('keeps the process, and is there when it goes on', async () => {
    const { program, peer } = await begun(face, scheme);
    await expectAlive(program);
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'));
    await expectAlive(program);
    program.signal('SIGUSR2');
    await program.until((output) => output.includes('told'));
    expect(program.output).toMatch(/told (one|two)/);
    expect(await program.exit).toBe(0);
  });

  it('keeps it though more lies unread than is ever read in a pause', async () => {
    const { program, peer } = await begun(face, scheme);
    for (let count = 0; count < 64; count += 1) peer.write(frame(TEXT, 'x'.repeat(65_536)));
    await expectAlive(program);
    await expectAlive(program);
    program.signal('SIGUSR2');
    expect(await program.exit).toBe(0);
  });
});

describe.each(['ws', 'AsyncTcpConnection'] as const)('%s that is paused', (face) => {
  it.each<[string, Scheme, (peer: RawPeer) => unknown]>([
    ['ends TCP', 'ws', (peer) => peer.socket.end()],
    ['ends TCP', 'wss', (peer) => peer.socket.end()],
    ['resets it', 'ws', (peer) => peer.socket.resetAndDestroy()],
    ['ends TCP behind a message', 'ws', (peer) => peer.socket.end(frame(TEXT, 'unread'))],
    ['ends TCP behind its close frame', 'ws', (peer) => peer.socket.end(closeFrame(1000))],
  ])('lets it go when the peer %s, over %s', async (_, scheme, end) => {
    const { program, peer } = await begun(face, scheme);
    end(peer);
    expect(await program.exit).toBe(0);
  });

  it('is told of an end behind which nothing is unread, as with ws', async () => {
    const { program, peer } = await begun(face, 'ws');
    peer.socket.end();
    expect(await program.exit).toBe(0);
    expect(program.output).toContain('told closed');
  });

  it.each(['ws', 'wss'] as const)('lets it go when it is told to, over %s', async (scheme) => {
    const { program } = await begun(face, scheme);
    program.signal('SIGUSR1');
    expect(await program.exit).toBe(0);
    expect(program.output).not.toContain('told');
  });

  it('lets it go when it was told so before the pause', async () => {
    const { program } = await begun(face, 'ws', 'unref();');
    expect(await program.exit).toBe(0);
    expect(program.output).not.toContain('told');
  });

  it('lets it go when it goes on and is closed', async () => {
    const { program, peer } = await begun(face, 'ws', 'setImmediate(goOn);');
    peer.write(frame(TEXT, 'one'));
    expect(await program.exit).toBe(0);
    expect(program.output).toContain('told one');
  });
});

describe('unref() of AsyncTcpConnection', () => {
  const program = (url: string, lines: string): ChildProgram =>
    new ChildProgram(`
      import { AsyncTcpConnection } from 'wsimd';
      const connection = new AsyncTcpConnection(${JSON.stringify(url)});
      connection.onWebSocketConnect = () => console.log('open');
      connection.onReconnect = () => console.log('comes back');
      ${lines}
    `);

  it('lets the process go that an open connection would keep; its heartbeat keeps none', async () => {
    const server = await rawServer('ws');
    const one = program(server.url, 'connection.websocketPingInterval = 1; connection.connect(); connection.unref();');
    await (await server.peer()).accept();
    expect(await one.exit).toBe(0);
  });

  it('is taken back by ref()', async () => {
    const server = await rawServer('ws');
    const one = program(
      server.url,
      `connection.onWebSocketConnect = () => { process.on('SIGUSR2', () => connection.unref()); console.log('open'); };
       connection.unref().ref().connect();`,
    );
    await server.acceptedPeer();
    await one.until((output) => output.includes('open'));
    await expectAlive(one);
    one.signal('SIGUSR2');
    expect(await one.exit).toBe(0);
  });

  it('is of the object, and so of its second connection', async () => {
    const server = await rawServer('ws');
    const one = program(
      server.url,
      `connection.reconnectPolicy = { minDelay: 0.01 };
       let opened = 0;
       const other = setInterval(() => {}, 1000);
       connection.onWebSocketConnect = () => { opened += 1; if (opened === 2) clearInterval(other); };
       connection.connect();
       connection.unref();`,
    );
    (await server.acceptedPeer()).socket.destroy();
    await server.acceptedPeer();
    expect(await one.exit).toBe(0);
  });

  it.each([
    ['unref() before connect()', 'connection.unref(); connection.connect();'],
    [
      'unref() in onReconnect',
      "connection.connect(); connection.onReconnect = () => { console.log('comes back'); connection.unref(); };",
    ],
  ])('lets the process go between two attempts: %s', async (_, lines) => {
    const one = program(
      `ws://127.0.0.1:${await closedPort()}`,
      `connection.reconnectPolicy = { minDelay: 600, maxDelay: 600, jitter: 0 }; ${lines}`,
    );
    expect(await one.exit).toBe(0);
    expect(one.output).toContain('comes back');
  });

  it('not called, an attempt that waits keeps it', async () => {
    const one = program(
      `ws://127.0.0.1:${await closedPort()}`,
      'connection.reconnectPolicy = { minDelay: 600, maxDelay: 600, jitter: 0 }; connection.connect();',
    );
    await one.until((output) => output.includes('comes back'));
    await expectAlive(one);
  });

  it('lets it go in the midst of a handshake that nobody answers, and while it closes', async () => {
    const server = await rawServer('ws');
    const one = program(server.url, 'connection.connectTimeout = 600; connection.connect(); connection.unref();');
    await (await server.peer()).readHead();
    expect(await one.exit).toBe(0);
    const two = program(
      server.url,
      `connection.closeTimeout = 600; connection.unref(); connection.connect();
       connection.onWebSocketConnect = () => { connection.close(); console.log('closing'); };`,
    );
    await server.acceptedPeer();
    expect(await two.exit).toBe(0);
  });
});
