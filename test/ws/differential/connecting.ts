// The way to the server: ports, names, socket files, TLS, and time.

import { RawPeer } from '../../support/raw-peer';
import { selfSigned } from '../../support/self-signed';
import { script } from './script';
import type { Options, Stage } from './stage';

const certificate = selfSigned(['127.0.0.1', 'localhost']);
const elsewhere = selfSigned(['elsewhere.example']);
const expired = selfSigned(['127.0.0.1'], -1);

/** A connection over TLS, from its request to its end, if it comes that far. */
async function secure(stage: Stage, tls: typeof certificate, options: Options, host?: string): Promise<void> {
  const { url } = await stage.ws((socket) => socket.close(1000, 'hi'), { tls });
  stage.connect(host === undefined ? url : url.replace('127.0.0.1', host), [], options);
  await stage.closed();
}

/** Made and closed, or refused, over a socket file. */
async function overFile(stage: Stage, suffix: string, options: Options = {}): Promise<void> {
  const where = stage.socketFile();
  const server = await stage.raw({ where });
  const client = stage.connect(`ws+unix:${where}${suffix}`, [], options);
  const peer = await server.peer();
  const head = await peer.request();
  peer.write(Buffer.from(RawPeer.answer(head)));
  await stage.until('open');
  stage.note(client, client.url);
  await peer.finish();
  await stage.closed();
}

export const connecting = [
  script('a port on which nobody listens', async (stage) => {
    const port = await stage.closedPort();
    stage.connect(`ws://127.0.0.1:${port}/`);
    await stage.closed();
  }),
  script('a port on which nobody listens, over TLS', async (stage) => {
    const port = await stage.closedPort();
    stage.connect(`wss://127.0.0.1:${port}/`);
    await stage.closed();
  }),
  script('a name that is not found', async (stage) => {
    const lookup = (name: string, _options: unknown, done: (error: Error) => void): void => {
      stage.told.write(`lookup of ${name}`);
      const error = Object.assign(new Error(`no ${name}`), { code: 'ENOTFOUND', hostname: name, syscall: 'lookup' });
      setImmediate(done, error);
    };
    stage.connect('ws://nowhere.example:1234/', [], { lookup: lookup as never });
    await stage.closed();
  }),
  script('a lookup that throws', (stage) => {
    const lookup = (): never => {
      throw new RangeError('no lookup');
    };
    stage.construct('lookup', 'ws://nowhere.example:1234/', [], { lookup });
  }),
  script('a lookup that finds what is no address', async (stage) => {
    const lookup = (_name: string, options: { all?: boolean }, done: (...values: unknown[]) => void): void => {
      if (options.all) done(null, [{ address: 'nonsense', family: 4 }]);
      else done(null, 'nonsense', 4);
    };
    stage.connect('ws://nowhere.example:1234/', [], { lookup: lookup as never });
    await stage.closed();
  }),
  script('a local address that is not there', async (stage) => {
    const { url } = await stage.echo();
    stage.connect(url, [], { localAddress: '192.0.2.1' });
    await stage.closed();
  }),
  script('a local address', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url, [], { localAddress: '127.0.0.7' });
    const peer = await server.peer();
    await peer.accept();
    await stage.until('open');
    stage.seen.write(peer.socket.remoteAddress!);
    await peer.finish();
    await stage.closed();
  }),
  script('a server that never answers, with a time for the handshake', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url, [], { handshakeTimeout: 60 });
    const peer = await server.peer();
    await peer.readHead();
    stage.note(client, 'waiting');
    await stage.closed();
    await peer.rest();
  }),
  script('a server that never accepts TLS, with a time for the handshake', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url.replace('ws:', 'wss:'), [], { handshakeTimeout: 60 });
    await stage.closed();
  }),
  script('half an answer, with a time for the handshake', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url, [], { handshakeTimeout: 60 });
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n'));
    await stage.closed();
    await peer.rest();
  }),
  script('a time for the handshake that is enough', async (stage) => {
    const { client, peer } = await stage.opened({ handshakeTimeout: 5000 });
    stage.note(client, 'open');
    await peer.finish();
    await stage.closed();
  }),
  script('a time for the handshake ends with the handshake', async (stage) => {
    const { peer } = await stage.opened({ handshakeTimeout: 500 });
    await new Promise((resolve) => setTimeout(resolve, 700));
    await peer.finish();
    await stage.closed();
  }),
  script('times for the handshake that are no times', (stage) => {
    for (const handshakeTimeout of [0, -1, '50', Number.NaN, Infinity, null, {}, 2 ** 40]) {
      stage.construct(String(handshakeTimeout), 'ws://127.0.0.1:1/', [], { handshakeTimeout });
    }
  }),
  script('a certificate that signed itself', (stage) => secure(stage, certificate, {})),
  script('a certificate that is trusted', (stage) => secure(stage, certificate, { ca: certificate.cert })),
  script('a certificate that is trusted, as a buffer in a list', (stage) =>
    secure(stage, certificate, { ca: [Buffer.from(certificate.cert)] }),
  ),
  script('a certificate that is not checked', (stage) => secure(stage, certificate, { rejectUnauthorized: false })),
  script('a certificate for somebody else', (stage) => secure(stage, elsewhere, { ca: elsewhere.cert })),
  script('a certificate for the name that is asked for', (stage) =>
    secure(stage, elsewhere, { ca: elsewhere.cert, servername: 'elsewhere.example' }),
  ),
  script('a certificate for the name of the URL', (stage) =>
    secure(stage, certificate, { ca: certificate.cert, family: 4 }, 'localhost'),
  ),
  script('a check of the certificate that says no', (stage) =>
    secure(stage, certificate, {
      ca: certificate.cert,
      checkServerIdentity: (name: string) => {
        stage.told.write(`checked ${name}`);
        return Object.assign(new Error('not this one'), { code: 'ERR_MINE' });
      },
    } as never),
  ),
  script('a check of the certificate that says yes', (stage) =>
    secure(stage, elsewhere, { ca: elsewhere.cert, checkServerIdentity: () => undefined } as never),
  ),
  script('a certificate that has ended', (stage) => secure(stage, expired, { ca: expired.cert })),
  script('a server that speaks no TLS', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url.replace('ws:', 'wss:'));
    const peer = await server.peer();
    await peer.read(1);
    peer.write(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await stage.closed();
  }),
  script('a server that ends during TLS', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url.replace('ws:', 'wss:'));
    const peer = await server.peer();
    await peer.read(1);
    peer.socket.end();
    await stage.closed();
  }),
  script('no TLS to a server that speaks TLS', async (stage) => {
    const server = await stage.raw({ tls: certificate });
    stage.connect(server.url.replace('wss:', 'ws:'));
    await stage.closed();
  }),
  script('an authority that is none', (stage) => {
    stage.construct('ca', 'wss://127.0.0.1:1/', [], { ca: 'nonsense' });
    stage.construct('key', 'wss://127.0.0.1:1/', [], { key: 'nonsense', cert: 'nonsense' });
    stage.construct('version', 'wss://127.0.0.1:1/', [], { minVersion: 'nonsense' });
  }),
  script('a socket file', (stage) => overFile(stage, '')),
  script('a socket file and a path', (stage) => overFile(stage, ':/chat?x=1')),
  script('a socket file and a query', (stage) => overFile(stage, ':?x=1')),
  script('a socket file and a header Host', (stage) => overFile(stage, ':/', { headers: { Host: 'some.example' } })),
  script('a socket file that is not there', async (stage) => {
    stage.connect(`ws+unix:${stage.socketFile()}:/`);
    await stage.closed();
  }),
  script('the socket of an open connection', async (stage) => {
    const { client, peer } = await stage.opened();
    const { _socket: socket } = client as unknown as { _socket: import('node:net').Socket };
    stage.note(client, socket.constructor.name, socket.remoteAddress, socket.readyState, socket.destroyed);
    await peer.finish();
    await stage.closed();
  }),
];
