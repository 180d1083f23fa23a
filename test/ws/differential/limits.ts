// Limits and times that a program sets, and options of node:http that go along.

import { Agent } from 'node:http';
import { Socket } from 'node:net';
import { BINARY, closeFrame, frame, PING, RawPeer, TEXT } from '../../support/raw-peer';
import { selfSigned } from '../../support/self-signed';
import { script } from './script';
import type { Options, Stage } from './stage';

const certificate = selfSigned(['127.0.0.1']);
const pings = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, (_, i) => frame(PING, String(i))));

/** The server sends this, and then ends properly, if it still can. */
async function sends(stage: Stage, bytes: Buffer, options: Options = {}): Promise<void> {
  const { peer } = await stage.opened(options);
  peer.write(bytes);
  await peer.finish();
  await stage.closed();
}

/** The client closes, and the server is silent. */
async function silence(stage: Stage, closeTimeout: unknown): Promise<void> {
  const { client, peer } = await stage.opened({ closeTimeout });
  client.close(1000);
  await peer.next();
  await stage.closed();
}

/** An answer to a request with these options. */
async function answer(stage: Stage, options: Options, make: (request: string) => string): Promise<void> {
  const server = await stage.raw();
  stage.connect(server.url, [], options);
  const peer = await server.peer();
  peer.write(Buffer.from(make(await peer.request()), 'latin1'));
  await Promise.race([stage.until('OPEN open'), stage.closed()]);
  if (!stage.told.all.includes('OPEN open')) return;
  await peer.finish();
  await stage.closed();
}

/** A refusal by a server of `ws`. */
async function refused(stage: Stage, options: import('ws').ServerOptions, path = '/'): Promise<void> {
  const { url } = await stage.ws((socket) => socket.close(1000), options);
  stage.connect(url + path);
  await stage.closed();
}

export const limits = [
  script('60 pings in one segment', (stage) => sends(stage, pings(60))),
  script('62 pings in one segment', (stage) => sends(stage, pings(62))),
  script('5 pings in one segment, of which 5 may wait', (stage) => sends(stage, pings(5), { maxPendingAutoPongs: 5 })),
  script('6 pings in one segment, of which 5 may wait', (stage) => sends(stage, pings(6), { maxPendingAutoPongs: 5 })),
  script('62 pings in one segment, of which all may wait', (stage) =>
    sends(stage, pings(62), { maxPendingAutoPongs: 0 }),
  ),
  script('62 pings in one segment that are not answered', (stage) => sends(stage, pings(62), { autoPong: false })),
  script('a time for the close of 0', (stage) => silence(stage, 0)),
  script('a time for the close as a string', (stage) => silence(stage, '60')),
  script('a time for the close that is undefined', (stage) => silence(stage, undefined)),
  script('a time for the close that is no number', (stage) => silence(stage, Number.NaN)),
  script('a time for the close that is too long for a timer', (stage) => silence(stage, 2 ** 40)),
  script('a source of masks for pongs and for the close', async (stage) => {
    const { client, peer } = await stage.opened({ generateMask: (mask) => void mask.fill(5) });
    peer.write(frame(PING, 'p'), closeFrame(1000));
    const { key } = await peer.next();
    stage.seen.write(`key ${key.toString('hex')}`);
    stage.seen.write(`key ${(await peer.next()).key.toString('hex')}`);
    await peer.rest();
    await stage.closed();
    stage.note(client, 'at last');
  }),
  script('a message byte by byte, of which few pieces may wait', async (stage) => {
    const { peer } = await stage.opened({ maxBufferedChunks: 1000 });
    await peer.trickle(frame(BINARY, 'x'.repeat(100)));
    await peer.finish();
    await stage.closed();
  }),
  script('a signal that is aborted before', (stage) => {
    stage.construct('aborted', 'ws://127.0.0.1:1/', [], { signal: AbortSignal.abort() });
  }),
  script('a signal that is aborted at once', async (stage) => {
    const { url } = await stage.echo();
    const controller = new AbortController();
    stage.connect(url, [], { signal: controller.signal } as never);
    controller.abort();
    await stage.closed();
  }),
  script('a signal that is aborted during the handshake', async (stage) => {
    const server = await stage.raw();
    const controller = new AbortController();
    stage.connect(server.url, [], { signal: controller.signal } as never);
    const peer = await server.peer();
    await peer.readHead();
    controller.abort(new Error('mine'));
    await stage.closed();
    await peer.rest();
  }),
  script('a signal that is aborted when it is open', async (stage) => {
    const controller = new AbortController();
    const { client, peer } = await stage.opened({ signal: controller.signal } as never);
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 30));
    stage.note(client, 'then');
    client.terminate();
    await stage.closed();
    await peer.rest();
  }),
  script('a signal that is none', (stage) => {
    for (const signal of [5, {}, 'signal']) stage.construct(String(signal), 'ws://127.0.0.1:1/', [], { signal });
  }),
  script('a largest head of the answer', (stage) =>
    answer(stage, { maxHeaderSize: 300 } as never, (request) => RawPeer.answer(request, `X-Long: ${'x'.repeat(400)}`)),
  ),
  script('a parser that is lenient', (stage) =>
    answer(stage, { insecureHTTPParser: true } as never, (request) => RawPeer.answer(request, 'X-Odd: a\x01b')),
  ),
  script('headers of the answer that are joined', (stage) =>
    answer(stage, { joinDuplicateHeaders: true } as never, (request) => RawPeer.answer(request, 'X-A: 1', 'X-A: 2')),
  ),
  script('headers of the request that are unique', (stage) =>
    answer(stage, { uniqueHeaders: ['x-a'], headers: { 'X-A': ['1', '2'] } } as never, (request) =>
      RawPeer.answer(request),
    ),
  ),
  script('a method and a body of one’s own', (stage) =>
    answer(stage, { method: 'PUT', body: 'x' } as never, (request) => RawPeer.answer(request)),
  ),
  script('socket options of node:net', (stage) =>
    answer(
      stage,
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: 1000, family: 4, hints: 0 } as never,
      (request) => RawPeer.answer(request),
    ),
  ),
  script('an address family that is none', (stage) => {
    stage.construct('7', 'ws://localhost:1/', [], { family: 7 });
    stage.construct('a string', 'ws://localhost:1/', [], { family: 'IPv4' });
    stage.construct('hints', 'ws://localhost:1/', [], { hints: 12345 });
  }),
  script('a lookup that is no function', (stage) => {
    stage.construct('a lookup', 'ws://localhost:1/', [], { lookup: 5 });
  }),
  script('options that are no functions', (stage) => {
    for (const name of ['createConnection', 'finishRequest', 'generateMask']) {
      // Nobody listens to what comes of a request behind an exception: it is given a socket that tells nothing.
      for (const value of [5, {}, 'f', true]) {
        const options = { createConnection: () => new Socket(), [name]: value };
        stage.construct(`${name} ${value}`, 'ws://127.0.0.1:1/', [], options);
      }
    }
  }),
  script('options that are no object', (stage) => {
    for (const options of [null, 5, 'options', true, () => {}]) {
      stage.construct(String(options), 'ws://127.0.0.1:1/', [], options);
    }
    stage.construct('null in the place of subprotocols', 'ws://127.0.0.1:1/', null, {});
  }),
  script('a version of TLS that the server has not', async (stage) => {
    const { url } = await stage.echo(undefined, { tls: { ...certificate, minVersion: 'TLSv1.3' } } as never);
    stage.connect(url, [], { ca: certificate.cert, maxVersion: 'TLSv1.2' } as never);
    await stage.closed();
  }),
  script('a certificate of the client', async (stage) => {
    const own = selfSigned(['client.example']);
    const tls = { ...certificate, requestCert: true, ca: own.cert, rejectUnauthorized: true };
    const { url } = await stage.ws(
      (socket) => {
        const { authorized } = (socket as unknown as { _socket: { authorized: boolean } })._socket;
        stage.seen.write(`authorized ${authorized}`);
        socket.close(1000);
      },
      { tls } as never,
    );
    stage.connect(url, [], { ca: certificate.cert, cert: own.cert, key: own.key } as never);
    await stage.closed();
  }),
  script('a ws server that refuses by verifyClient', (stage) => refused(stage, { verifyClient: () => false })),
  script('a ws server that refuses with a status of its own', (stage) =>
    refused(stage, {
      verifyClient: (_info, done) => done(false, 403, 'not you', { 'X-Why': 'because' }),
    }),
  ),
  script('a ws server that has another path', (stage) => refused(stage, { path: '/chat' }, '/other')),
  script('a ws server that has this path', (stage) => refused(stage, { path: '/chat' }, '/chat?x')),
  script('a ws server that would compress', (stage) => refused(stage, { perMessageDeflate: true })),
  script('a ws server that wants smaller messages', async (stage) => {
    const { url } = await stage.ws(() => {}, { maxPayload: 10 });
    const client = stage.connect(url);
    await stage.until('open');
    client.send('x'.repeat(11));
    await stage.closed();
  }),
  script('a ws server in fragments, pings and both types', async (stage) => {
    const { url } = await stage.ws((socket) => {
      socket.send('a', { fin: false });
      socket.ping('between');
      socket.send('b', { fin: true });
      socket.send(Buffer.from('bytes'), { fin: false });
      socket.send(Buffer.alloc(0), { fin: true });
      socket.close(3333, 'all');
    });
    stage.connect(url);
    await stage.closed();
  }),
  script('an agent that keeps connections, and a refusal', async (stage) => {
    const agent = new Agent({ keepAlive: true });
    stage.later(() => agent.destroy());
    const { url } = await stage.http((_request, response) => {
      response.statusCode = 404;
      response.end();
    });
    stage.connect(url, [], { agent });
    await stage.closed();
    stage.told.write(`free ${Object.keys(agent.freeSockets).length}`);
  }),
  script('an agent with one socket, and two clients', async (stage) => {
    const agent = new Agent({ maxSockets: 1 });
    const { url } = await stage.ws((socket) => socket.on('message', () => socket.close(1000)));
    const first = stage.connect(url, [], { agent });
    const second = stage.connect(url, [], { agent });
    await stage.until('OPEN open');
    stage.note(second, 'second');
    first.send('go');
    await stage.closed();
    await Promise.race([stage.until('OPEN open', 2), new Promise((resolve) => setTimeout(resolve, 60))]);
    stage.note(second, 'second');
    second.terminate();
    await stage.closed(2);
  }),
  script('messages without end, and an end', async (stage) => {
    const { client, peer } = await stage.opened();
    let count = 0;
    client.on('message', () => {
      count += 1;
      if (count === 100) client.close(1000, 'enough');
    });
    for (let i = 0; i < 150; i++) peer.write(frame(TEXT, String(i)));
    await peer.finish();
    await stage.closed();
    stage.note(client, 'count', count);
  }),
];
