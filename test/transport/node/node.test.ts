// The transport for Node over real sockets: reads arrive in the very place that was asked for, over TCP and TLS, by address and
// by name; where the runtime ignores `onread`, the same bytes arrive as 'data'; every failure is one onClose with an error that
// says which.

import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createCA, createCert } from 'mkcert';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as nodeModules from '../../../src/runtime/node-modules';
import type { Transport, TransportHandlers } from '../../../src/transport/contract';

/** What the runtime of a test does with `onread`. */
let onread: 'honours' | 'ignores' | 'throws' = 'honours';
/** What it was given last. */
let given: { buffer(): Uint8Array } | undefined;

function asItsRuntime<Options extends object>(options: Options): Options {
  given = (options as { onread?: typeof given }).onread;
  if (onread === 'throws' && 'onread' in options) throw new Error('Not implemented: useUserBuffer');
  return onread === 'honours' ? options : { ...options, onread: undefined };
}

vi.mock('node:net', async (original) => {
  const net = await original<typeof import('node:net')>();
  return { ...net, connect: (options: never) => net.connect(asItsRuntime(options)) };
});
vi.mock('../../../src/runtime/node-modules', async (original) => {
  const { nodeModule } = await original<typeof nodeModules>();
  const tls = { ...nodeModule('tls'), connect: (options: never) => nodeModule('tls').connect(asItsRuntime(options)) };
  return { nodeModule: (name: 'tls' | 'http') => (name === 'tls' ? tls : nodeModule(name)) };
});

let { connect } = await import('../../../src/transport/node/node');

let authority: { key: string; cert: string };
let certificate: { key: string; cert: string };
let server: Server | undefined;

beforeAll(async () => {
  authority = await createCA({ organization: 'wsimd', countryCode: 'KR', state: '-', locality: '-', validity: 2 });
  certificate = await createCert({ ca: authority, domains: ['127.0.0.1', 'localhost'], validity: 2 });
});

afterEach(() => {
  onread = 'honours';
  server?.close();
});

/** A server that sends back what it gets and ends when the other side does. */
async function echo(secure: boolean): Promise<number> {
  server = secure ? createTlsServer(certificate) : createServer();
  server.on(secure ? 'secureConnection' : 'connection', (socket) => socket.pipe(socket).on('error', () => {}));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as { port: number }).port;
}

/** Where the transport is asked to read to, by the number of reads before: another place after each two. */
const targets = [new Uint8Array(65_536), new Uint8Array(1_000), new Uint8Array(500_000).subarray(7, 4_099)];
const target = (reads: number): Uint8Array => targets[(reads >> 1) % targets.length]!;

/** Sends `sent` and collects what comes back, and in how many reads it came to the target. */
async function exchange(secure: boolean, hostname: string, sent: Uint8Array) {
  const received: Uint8Array[] = [];
  let inPlace = 0;
  let reads = 0;
  const port = await echo(secure);
  const error = await new Promise<Error | undefined>((resolve) => {
    const handlers: TransportHandlers = {
      onConnect: () => transport.write(sent),
      readTarget: () => target(reads),
      onRead(bytes, length) {
        if (bytes === target(reads)) inPlace += 1;
        reads += 1;
        received.push(bytes.slice(0, length));
        if (received.reduce((sum, { length }) => sum + length, 0) === sent.length) transport.close('flush');
      },
      onWritten: () => {},
      onEnd: () => {},
      onClose: resolve,
    };
    const options = { ca: authority.cert, family: 4 };
    const transport: Transport = connect({ secure, hostname, port, options }, handlers);
  });
  return { error, reads, inPlace, received: Buffer.concat(received) };
}

const sent = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7919) >> 5);

describe.each([
  ['TCP', false],
  ['TLS', true],
])('over %s', (_, secure) => {
  it.each(['127.0.0.1', 'localhost'])(
    'reads into its target, which may be another one each time, from %s',
    async (hostname) => {
      const { error, reads, inPlace, received } = await exchange(secure, hostname, sent);
      expect(error).toBeUndefined();
      expect(Buffer.compare(received, sent)).toBe(0);
      expect(inPlace).toBe(reads);
    },
  );

  it('has a place for a runtime that asks for one on another occasion', async () => {
    await exchange(secure, '127.0.0.1', sent);
    const [one, other] = [given!.buffer(), given!.buffer()];
    expect(one).toHaveLength(65_536);
    expect(other).not.toBe(one);
  });

  it('falls back to data events where onread is ignored', async () => {
    onread = 'ignores';
    const { error, inPlace, received } = await exchange(secure, '127.0.0.1', sent);
    expect(error).toBeUndefined();
    expect(Buffer.compare(received, sent)).toBe(0);
    expect(inPlace).toBe(0);
  });

  it('does so, too, where a runtime throws for onread, and does not ask again', async () => {
    onread = 'throws';
    vi.resetModules();
    const known = connect;
    ({ connect } = await import('../../../src/transport/node/node'));
    try {
      for (let i = 0; i < 2; i += 1) {
        const { error, inPlace, received } = await exchange(secure, '127.0.0.1', sent);
        expect(error).toBeUndefined();
        expect(Buffer.compare(received, sent)).toBe(0);
        expect(inPlace).toBe(0);
        server?.close();
      }
    } finally {
      connect = known;
    }
  });

  it('begins TLS in place: up a second time, and each end told once', async () => {
    const port = await echo(true);
    // Through TLS there is no server that would speak TLS again: what is shown there is that it fails, once.
    const lines: string[] = [];
    const error = await new Promise<Error | undefined>((resolve) => {
      const handlers: TransportHandlers = {
        onConnect() {
          lines.push('connect');
          const isFirst = lines.length === 1;
          if (isFirst)
            transport.startTls({ secure: true, hostname: 'localhost', port, options: { ca: authority.cert } });
          else transport.write(sent.subarray(0, 10));
        },
        readTarget: () => target(0),
        onRead(bytes, length) {
          lines.push(`read ${Buffer.compare(bytes.subarray(0, length), sent.subarray(0, 10))}`);
          transport.close('flush');
        },
        onWritten: () => {},
        onEnd: () => lines.push('end'),
        onClose(error) {
          lines.push('close');
          setImmediate(resolve, error);
        },
      };
      const options = { ca: authority.cert };
      const transport: Transport = connect(
        { secure, hostname: '127.0.0.1', port, options, tlsFollows: true },
        handlers,
      );
    });
    if (secure) {
      expect(lines).toEqual(['connect', 'close']);
      expect(error).toMatchObject({ code: 'WS_ERR_TLS' });
      expect(error!.message).toContain(`localhost port ${port}`);
    } else {
      expect(lines).toEqual(['connect', 'connect', 'read 0', 'end', 'close']);
      expect(error).toBeUndefined();
    }
  });

  it('tells a failure once, with the step that failed', async () => {
    const port = await echo(secure);
    server!.close();
    await once(server!, 'close');
    const closings: (Error | undefined)[] = [];
    await new Promise<void>((resolve) => {
      connect(
        { secure, hostname: '127.0.0.1', port, options: {} },
        {
          readTarget: () => new Uint8Array(64),
          onConnect: () => closings.push(new Error('it connected')),
          onRead: () => {},
          onWritten: () => {},
          onEnd: () => {},
          onClose(error) {
            closings.push(error);
            setImmediate(resolve);
          },
        },
      );
    });
    expect(closings).toEqual([expect.objectContaining({ code: 'WS_ERR_CONNECT' })]);
    expect(closings[0]!.message).toContain(`127.0.0.1 port ${port}`);
  });
});
