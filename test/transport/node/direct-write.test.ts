// Writes by the handle under a TCP socket: the peer gets the same bytes in the same order as by way of the stream, a write that the
// system does not take whole is held until it has, and a connection that breaks says so as ever. Whoever has a hand in the stream, or a
// runtime that does it otherwise, gets every write there.

import { once } from 'node:events';
import { connect as connectTcp, createServer, type Server, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Transport } from '../../../src/transport/contract';
import type * as DirectWrites from '../../../src/transport/node/direct-write';
import { connect } from '../../../src/transport/node/node';

const MIB = 1024 * 1024;

let server: Server;
let peer: Socket;

beforeEach(async () => {
  server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.on('connection', (socket) => {
    peer = socket;
    socket.on('error', () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(() => {
  vi.restoreAllMocks();
  peer?.destroy();
  server.close();
});

const port = (): number => (server.address() as { port: number }).port;

/** A pipe that is up, what it told, and the writes that its stream got from here on. */
async function opened() {
  const told: string[] = [];
  let onClose: (error: Error | undefined) => void = () => {};
  const closed = new Promise<Error | undefined>((resolve) => {
    onClose = resolve;
  });
  const window = new Uint8Array(65_536);
  let transport!: Transport;
  const up = new Promise<void>((resolve) => {
    transport = connect(
      { secure: false, hostname: '127.0.0.1', port: port(), socketPath: undefined, options: {} },
      {
        onConnect: resolve,
        readTarget: () => window,
        onRead: () => told.push('read'),
        onWritten: () => told.push('written'),
        onEnd: () => told.push('end'),
        onClose: (error) => {
          told.push('close');
          onClose(error);
        },
      },
    );
  });
  await Promise.all([up, once(server, 'connection')]);
  return { transport, socket: transport.socket as Socket, told, closed };
}

/** With the first write behind it, by which the stream shows how it is done. */
async function ready() {
  const all = await opened();
  all.transport.write(Buffer.from('first,'));
  return { ...all, inStream: vi.spyOn(all.socket as unknown as { _writeGeneric(): void }, '_writeGeneric') };
}

async function all(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of peer.resume()) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** More than the kernel's buffers of both ends have room for. */
const LARGE = Buffer.alloc(16 * MIB, 'a slow reader has it one day, ');

describe('by the handle', () => {
  it('writes leave in order, and pass by the stream', async () => {
    const { transport, inStream, told } = await ready();
    const received = all();
    for (let i = 0; i < 100; i += 1) expect(transport.write(Buffer.from(`${i},`))).toBe(true);
    expect(inStream).not.toHaveBeenCalled();
    transport.close('flush');
    expect(String(await received)).toBe(`first,${Array.from({ length: 100 }, (_, i) => `${i},`).join('')}`);
    expect(told).not.toContain('written');
  });

  it('what the system does not take whole is held until it has it, and the end comes behind it', async () => {
    const { transport, inStream, socket, told, closed } = await ready();
    expect(transport.write(LARGE)).toBe(false);
    expect([inStream.mock.calls.length, socket.writableLength]).toEqual([0, 0]);
    await setTimeout(50);
    expect(told).toEqual([]);
    const received = all();
    while (!told.includes('written')) await setTimeout(5);
    expect(transport.write(Buffer.from('behind'))).toBe(true);
    expect(socket.bytesWritten).toBe('first,'.length + LARGE.length + 'behind'.length);
    transport.close('flush');
    const bytes = await received;
    expect(bytes.equals(Buffer.concat([Buffer.from('first,'), LARGE, Buffer.from('behind')]))).toBe(true);
    peer.end();
    expect(await closed).toBeUndefined();
    expect(told).toEqual(['written', 'end', 'close']);
  });

  it('an end while one is held comes behind all of it', async () => {
    const { transport, closed } = await ready();
    expect(transport.write(LARGE)).toBe(false);
    transport.close('flush');
    const received = all();
    expect((await received).length).toBe('first,'.length + LARGE.length);
    peer.end();
    expect(await closed).toBeUndefined();
  });

  it('a peer that resets while one is held is told once, as a write that failed', async () => {
    const { transport, told, closed } = await ready();
    expect(transport.write(LARGE)).toBe(false);
    peer.resetAndDestroy();
    const error = await closed;
    expect(error).toMatchObject({ code: 'WS_ERR_RESET' });
    expect((error!.cause as NodeJS.ErrnoException).code).toMatch(/^(?:EPIPE|ECONNRESET)$/);
    await setTimeout(20);
    expect(told.filter((what) => what !== 'end')).toEqual(['close']);
  });

  it('a write behind a reset goes wrong as it does by the stream', async () => {
    const { transport, closed } = await ready();
    peer.resetAndDestroy();
    await setTimeout(20);
    transport.write(Buffer.from('too late'));
    const error = await closed;
    expect(error).toMatchObject({ code: 'WS_ERR_RESET' });
  });

  it('destroyed while one is held, nothing of it is told', async () => {
    const { transport, told, closed } = await ready();
    expect(transport.write(LARGE)).toBe(false);
    transport.close('now');
    await closed;
    await setTimeout(20);
    expect(told).toEqual(['close']);
  });
});

describe('by the stream', () => {
  it.each<[string, (socket: Socket) => void]>([
    ['a method of the socket is replaced', (socket) => void vi.spyOn(socket, 'write')],
    ['a timer is set back by writes', (socket) => void socket.setTimeout(10_000)],
    ['it is corked', (socket) => socket.cork()],
  ])('where %s', async (_, meddle) => {
    const { transport, socket, inStream } = await ready();
    meddle(socket);
    const received = all();
    transport.write(Buffer.from('second'));
    socket.uncork();
    expect(inStream).toHaveBeenCalledOnce();
    transport.close('flush');
    expect(String(await received)).toBe('first,second');
  });

  it('behind what the user has written to it', async () => {
    const { transport, socket, inStream } = await ready();
    socket.write(LARGE);
    expect(socket.writableLength).toBeGreaterThan(0);
    expect(transport.write(Buffer.from('second'))).toBe(false);
    const received = all();
    transport.close('flush');
    const bytes = await received;
    expect(bytes.length).toBe('first,'.length + LARGE.length + 'second'.length);
    expect(String(bytes.subarray(-6))).toBe('second');
    expect(inStream).toHaveBeenCalled();
  });
});

describe('what a runtime shows of its own writes', () => {
  let direct: typeof DirectWrites;
  let socket: Socket;
  let result: unknown;
  let given: unknown[];
  const told: number[] = [];
  const writer = { directlyWritten: (status: number) => void told.push(status) };
  const bytes = Buffer.from('bytes');

  class WriteWrap {
    oncomplete?: (status: number) => void;
    writeStatus: number | null = null;
  }
  class Handle {
    writeQueueSize = 0;
    writeBuffer(request: unknown): unknown {
      given.push(request);
      return result;
    }
  }
  const handle = new Handle();

  beforeEach(async () => {
    vi.resetModules();
    direct = await import('../../../src/transport/node/direct-write');
    socket = new Socket();
    given = [];
    told.length = 0;
    handle.writeQueueSize = 0;
    Object.defineProperty(socket, '_handle', { value: handle, configurable: true });
  });

  /** The stream's first write. */
  function show(request: unknown, returned: unknown): void {
    direct.lookForRequests(socket);
    result = returned;
    expect(handle.writeBuffer(request)).toBe(returned);
    expect(given).toEqual([request]);
    expect(Object.hasOwn(handle, 'writeBuffer')).toBe(false);
    given = [];
  }

  const write = (): string => direct.writeDirectly(socket, bytes, writer);

  it('nothing yet: the stream writes', () => {
    expect(write()).toBe('not taken');
    expect(given).toEqual([]);
  });

  it.each<[string, unknown, unknown]>([
    ['a request of another class', { plain: true }, 0],
    ['a request and no number', new WriteWrap(), {}],
    ['no request at all', undefined, 0],
    ['nothing that is known', null, undefined],
  ])('%s: the stream writes', (_, request, returned) => {
    show(request, returned);
    expect(write()).toBe('not taken');
    expect(given).toEqual([]);
  });

  it('a request for each write, as up to Node.js 24', () => {
    show(new WriteWrap(), 0);
    expect(write()).toBe('written');
    handle.writeQueueSize = 3;
    expect(write()).toBe('held');
    expect(given.every((request) => request instanceof WriteWrap) && new Set(given).size).toBe(2);
    (given[1] as WriteWrap).oncomplete!(0);
    expect(told).toEqual([0]);
    result = -32;
    expect(write()).toBe('not taken');
  });

  it('a write that fails within the call, with nothing in the queue, is told when it says so', () => {
    show(new WriteWrap(), 0);
    expect(write()).toBe('written');
    (given[0] as WriteWrap).oncomplete!(0);
    expect(told).toEqual([]);
    (given[0] as WriteWrap).oncomplete!(-104);
    expect(told).toEqual([-104]);
  });

  it('a request only where it is needed, as from Node.js 26 on', async () => {
    show(null, 0);
    handle.writeQueueSize = 3;
    expect(write()).toBe('written');
    result = -32;
    expect(write()).toBe('not taken');
    const request = new WriteWrap();
    result = request;
    expect(write()).toBe('held');
    expect(given).toEqual([null, null, null]);
    request.oncomplete!(-104);
    expect(told).toEqual([-104]);
    request.writeStatus = 0;
    expect(write()).toBe('held');
    expect(told).toEqual([-104]);
    await setTimeout(0);
    expect(told).toEqual([-104, 0]);
  });

  it("the runtime's own socket is not changed by it", async () => {
    const real = connectTcp(port(), '127.0.0.1');
    await once(real, 'connect');
    direct.lookForRequests(real);
    real.write(Buffer.from('first'));
    const { _handle } = real as unknown as { _handle: object };
    expect(Object.hasOwn(_handle, 'writeBuffer')).toBe(false);
    expect(direct.writeDirectly(real, bytes, writer)).toBe('written');
    real.destroy();
  });

  it('an error has the name that the runtime gives it', () => {
    expect(direct.writeError(-32)).toMatchObject({
      message: 'write EPIPE',
      code: 'EPIPE',
      errno: -32,
      syscall: 'write',
    });
  });
});
