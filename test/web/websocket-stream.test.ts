// WebSocketStream, by WebSockets §7: its promises, its two streams, and the back-pressure of each, against real servers.

import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { WebSocket as Peer } from 'ws';
import { WebSocketError, WebSocketStream } from '../../src/web';
import { closeFrame, frame, type RawPeer, TEXT } from '../support/raw-peer';
import { rawServer, wsServer } from '../support/servers';

async function readAll(readable: ReadableStream<string | Uint8Array>): Promise<(string | Uint8Array)[]> {
  const chunks: (string | Uint8Array)[] = [];
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return chunks;
}

/** The URL of a server that plays this script on its next connection. */
async function scripted(play: (peer: RawPeer) => Promise<void>): Promise<string> {
  const server = await rawServer('ws');
  void server.peer().then(play);
  return server.url;
}

describe('§7 the constructor', () => {
  it('has the shape of WebIDL', () => {
    expect(WebSocketStream.length).toBe(1);
    expect(WebSocketStream.name).toBe('WebSocketStream');
    expect(Object.prototype.toString.call(WebSocketStream.prototype)).toBe('[object WebSocketStream]');
    expect(Object.keys(WebSocketStream.prototype).sort()).toEqual(['close', 'closed', 'opened', 'url']);
    expect(() => Reflect.construct(WebSocketStream, [])).toThrow(TypeError);
  });

  it.each(['nonsense', 'ftp://example.org', 'ws://example.org/#part'])('refuses %s as a WebSocket does', (url) => {
    expect(() => new WebSocketStream(url)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
  });

  it('refuses subprotocols that are none, and a signal that is none', () => {
    expect(() => new WebSocketStream('ws://example.org', { protocols: ['a b'] })).toThrow(DOMException);
    expect(() => new WebSocketStream('ws://example.org', { signal: 5 as never })).toThrow(TypeError);
  });
});

describe('§7 an open connection', () => {
  it('tells its subprotocol, reads texts and bytes, and writes both', async () => {
    const { url } = await wsServer('ws', (socket) => {
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
    });
    const stream = new WebSocketStream(url, { protocols: ['v1'] });
    expect(stream.url).toBe(`${url}/`);
    const { readable, writable, protocol, extensions } = await stream.opened;
    expect([protocol, extensions]).toEqual(['v1', '']);
    const writer = writable.getWriter();
    const reader = readable.getReader();
    await writer.write('text');
    await writer.write(new Uint8Array([1, 2, 3]));
    await writer.write(new Uint8Array([4, 5]).buffer);
    expect((await reader.read()).value).toBe('text');
    expect((await reader.read()).value).toEqual(new Uint8Array([1, 2, 3]));
    expect((await reader.read()).value).toEqual(new Uint8Array([4, 5]));
    stream.close({ closeCode: 3000, reason: 'enough' });
    expect(await stream.closed).toEqual({ closeCode: 3000, reason: 'enough' });
    expect((await reader.read()).done).toBe(true);
    await expect(writer.write('late')).rejects.toMatchObject({ name: 'InvalidStateError' });
  });

  it('reads all that the server sent before it closed', async () => {
    const url = await scripted(async (peer) => {
      await peer.accept();
      peer.write(Buffer.concat([frame(TEXT, 'one'), frame(TEXT, 'two'), closeFrame(1001, 'away')]));
      await peer.readFrame();
      peer.socket.end();
    });
    const stream = new WebSocketStream(url);
    const { readable } = await stream.opened;
    expect(await readAll(readable)).toEqual(['one', 'two']);
    expect(await stream.closed).toEqual({ closeCode: 1001, reason: 'away' });
  });

  it('closes when its writable is closed, and with the code of the error that aborts or cancels', async () => {
    const codes: number[] = [];
    const server = await wsServer('ws', (socket) => socket.on('close', (code) => codes.push(code)));
    const error = new WebSocketError('', { closeCode: 3001, reason: 'because' });
    const closed = new WebSocketStream(server.url);
    await (await closed.opened).writable.close();
    expect(await closed.closed).toEqual({ closeCode: 1005, reason: '' });
    const aborted = new WebSocketStream(server.url);
    await (await aborted.opened).writable.abort(error);
    expect(await aborted.closed).toEqual({ closeCode: 3001, reason: 'because' });
    const canceled = new WebSocketStream(server.url);
    await (await canceled.opened).readable.cancel(error);
    expect(await canceled.closed).toEqual({ closeCode: 3001, reason: 'because' });
    await expect.poll(() => codes).toEqual([1005, 3001, 3001]);
  });

  it('fails all of it with a WebSocketError when it is lost', async () => {
    const url = await scripted(async (peer) => {
      await peer.accept();
      peer.socket.end();
    });
    const stream = new WebSocketStream(url);
    const { readable, writable } = await stream.opened;
    await expect(stream.closed).rejects.toBeInstanceOf(WebSocketError);
    await expect(readable.getReader().read()).rejects.toBeInstanceOf(WebSocketError);
    await expect(writable.getWriter().write('x')).rejects.toBeInstanceOf(WebSocketError);
  });

  it('says how it was lost: 1006, and the cause', async () => {
    const url = await scripted(async (peer) => {
      await peer.accept();
      peer.write(Buffer.of(0x83, 0));
    });
    const stream = new WebSocketStream(url);
    const { readable } = await stream.opened;
    const error = await stream.closed.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ closeCode: 1006, reason: '', cause: { code: 'WS_ERR_INVALID_OPCODE' } });
    expect(Object.keys(error as object)).toEqual([]);
    await expect(readable.getReader().read()).rejects.toBe(error);
  });

  it('rejects a write that is on its way when it is lost with the same WebSocketError', async () => {
    const server = await rawServer('ws');
    const stream = new WebSocketStream(server.url, { perMessageDeflate: false });
    const peer = await server.acceptedPeer();
    const { writable } = await stream.opened;
    const writer = writable.getWriter();
    // More than the kernel takes: the peer reads nothing.
    const write = writer.write(new Uint8Array(64 * 2 ** 20));
    const behind = writer.write('behind');
    const ends = [write, behind, stream.closed, writer.closed].map((promise) =>
      promise.catch((reason: unknown) => reason),
    );
    peer.socket.destroy();
    const errors = await Promise.all(ends);
    expect(errors[0]).toBeInstanceOf(WebSocketError);
    expect(errors[0]).toMatchObject({ closeCode: 1006 });
    for (const error of errors) expect(error).toBe(errors[0]);
  });

  it('ends a stream with the error of another that was lost, whose code is none that may be sent', async () => {
    const lost = await new WebSocketStream('ws://127.0.0.1:1').closed.catch((reason: unknown) => reason);
    const codes: number[] = [];
    const { url } = await wsServer('ws', (socket) => socket.on('close', (code) => codes.push(code)));
    const stream = new WebSocketStream(url);
    await (await stream.opened).writable.abort(lost);
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: '' });
    await expect.poll(() => codes).toEqual([1005]);
  });
});

describe('§7 back-pressure', () => {
  it('holds up the server while nobody reads, and loses nothing', async () => {
    const count = 400;
    const payload = Buffer.alloc(64 * 1024, 'x');
    let server: Peer | undefined;
    const { url } = await wsServer('ws', (socket) => {
      server = socket;
      for (let sent = 0; sent < count; sent += 1) socket.send(payload);
    });
    const stream = new WebSocketStream(url);
    const { readable } = await stream.opened;
    await delay(300);
    expect(server!.bufferedAmount).toBeGreaterThan(payload.length);
    const reader = readable.getReader();
    let bytes = 0;
    for (let read = 0; read < count; read += 1) bytes += (await reader.read()).value!.length;
    expect(bytes).toBe(count * payload.length);
    stream.close();
    await stream.closed;
  });

  it('lets a write wait until the runtime has taken it', async () => {
    const server = await wsServer('ws', (socket) => socket.pause());
    const stream = new WebSocketStream(server.url);
    const { writable } = await stream.opened;
    const writer = writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (let i = 0; i < 64; i += 1) {
        await writer.ready;
        await writer.write(new Uint8Array(1024 * 1024));
        written += 1;
      }
    })();
    writing.catch(() => {});
    await delay(300);
    expect(written).toBeLessThan(64);
    for (const socket of server.server.clients) socket.resume();
    await writing;
    expect(written).toBe(64);
    await writer.close();
  });
});

describe('§7 without a connection', () => {
  it('rejects both promises, which need not be looked at', async () => {
    const stream = new WebSocketStream('ws://127.0.0.1:1');
    await expect(stream.opened).rejects.toBeInstanceOf(WebSocketError);
    await expect(stream.opened).rejects.toMatchObject({ closeCode: null, reason: '' });
    await expect(stream.closed).rejects.toMatchObject({ name: 'WebSocketError', closeCode: 1006, reason: '' });
  });

  it('rejects them with the reason of a signal that is aborted, before or meanwhile', async () => {
    const before = new WebSocketStream('ws://127.0.0.1:1', { signal: AbortSignal.abort(new Error('before')) });
    await expect(before.opened).rejects.toThrow('before');
    const controller = new AbortController();
    const url = await scripted(async (peer) => {
      await peer.readHead();
      controller.abort(new Error('meanwhile'));
    });
    const meanwhile = new WebSocketStream(url, { signal: controller.signal });
    await expect(meanwhile.opened).rejects.toThrow('meanwhile');
    await expect(meanwhile.closed).rejects.toThrow('meanwhile');
  });

  it('is left alone by a signal that is aborted when it is open', async () => {
    const server = await wsServer('ws');
    const controller = new AbortController();
    const stream = new WebSocketStream(server.url, { signal: controller.signal });
    const { writable } = await stream.opened;
    controller.abort();
    const [socket] = [...server.server.clients];
    const message = once(socket!, 'message');
    await writable.getWriter().write('still here');
    expect(String((await message)[0])).toBe('still here');
    stream.close();
    await stream.closed;
  });
});

describe('§7 WebSocketError', () => {
  it('is a DOMException with a code and a reason', () => {
    const error = new WebSocketError('message', { closeCode: 4000, reason: 'reason' });
    expect(error).toBeInstanceOf(DOMException);
    expect([error.name, error.message, error.closeCode, error.reason]).toEqual([
      'WebSocketError',
      'message',
      4000,
      'reason',
    ]);
    expect([new WebSocketError().closeCode, new WebSocketError().reason]).toEqual([null, '']);
    expect(new WebSocketError('', { reason: 'a reason needs a code' }).closeCode).toBe(1000);
    expect(() => new WebSocketError('', { closeCode: 1001 })).toThrow(DOMException);
    expect(() => new WebSocketError('', { closeCode: 4000, reason: 'x'.repeat(124) })).toThrow(DOMException);
  });

  it('keeps the prototype of a class that extends it', () => {
    class Own extends WebSocketError {}
    expect(Object.getPrototypeOf(new Own())).toBe(Own.prototype);
    expect('cause' in new Own()).toBe(false);
  });
});

describe('WebIDL §3.2: what the arguments are converted to', () => {
  const Stream = WebSocketStream as unknown as new (url: string, options?: unknown) => WebSocketStream;
  const ADDRESS = 'ws://127.0.0.1:1';

  it.each(['text', 5, true, false, '', 0, 1n, Symbol('a')])('no primitive is a dictionary of options: %s', (value) => {
    expect(() => new Stream(ADDRESS, value)).toThrow(TypeError);
  });

  it.each([undefined, null, {}, [], () => {}, new Date(0)])(
    'any object is, and nothing stands for an empty one: %s',
    (value) => {
      expect(new Stream(ADDRESS, value).url).toBe(`${ADDRESS}/`);
    },
  );

  it.each(['a', 5, null, true, {}, () => {}])('protocols is a sequence, and %s is none', (protocols) => {
    expect(() => new Stream(ADDRESS, { protocols })).toThrow(TypeError);
  });

  it.each([
    [new Set(['a', 'b'])],
    [['a', { toString: (): string => 'b' }]],
    [
      (function* () {
        yield 'a';
        yield 'b';
      })(),
    ],
  ])('protocols may be of any kind that has an iterator', async (protocols) => {
    const server = await rawServer('ws');
    const stream = new Stream(server.url, { protocols });
    const head = await (await server.peer()).readHead();
    expect(head).toMatch(/Sec-WebSocket-Protocol: a, b\r\n/);
    stream.close();
  });

  it.each([null, 5, 'text', {}, new EventTarget()])('signal is an AbortSignal, and %s is none', (signal) => {
    expect(() => new Stream(ADDRESS, { signal })).toThrow(TypeError);
  });

  it('members are read once, in their order, in front of the URL', () => {
    const read: string[] = [];
    const options = new Proxy({}, { get: (_, name) => void read.push(String(name)) });
    expect(() => new Stream('nonsense', options)).toThrow(DOMException);
    expect(read.slice(0, 2)).toEqual(['protocols', 'signal']);
    expect(new Set(read).size).toBe(read.length);
  });

  /** What each takes for a WebSocketCloseInfo. */
  const takers: [string, (info: unknown) => unknown][] = [
    ['WebSocketError', (info) => new WebSocketError('', info as object).closeCode],
    ['close', (info) => new Stream(ADDRESS).close(info as object)],
  ];

  describe.each(takers)('%s', (_, take) => {
    it.each(['text', 5, true, 1n, Symbol('a')])('takes no primitive for its dictionary: %s', (info) => {
      expect(() => take(info)).toThrow(TypeError);
    });

    it.each([undefined, null, {}, [], () => {}, { closeCode: undefined, reason: undefined }])('takes %s', (info) => {
      expect(() => take(info)).not.toThrow();
    });

    it.each([NaN, Infinity, -Infinity, -1, 65_536, 2 ** 32 + 1000, 'code', {}, 1000n, Symbol('a')])(
      'refuses the code %s: it is [EnforceRange] unsigned short',
      (closeCode) => expect(() => take({ closeCode })).toThrow(TypeError),
    );

    it.each([0, null, '', false, 999, 1001, 2999, 5000, 65_535, -0.5, 999.9])(
      'refuses the code %s with InvalidAccessError: none that may be sent',
      (closeCode) => expect(() => take({ closeCode })).toThrow(expect.objectContaining({ name: 'InvalidAccessError' })),
    );

    it('refuses a reason that is no string, and one that is too long', () => {
      expect(() => take({ reason: Symbol('a') })).toThrow(TypeError);
      expect(() => take({ reason: 'é'.repeat(62) })).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
    });
  });

  it.each([
    [1000, 1000],
    [3000.9, 3000],
    ['4999', 4999],
    [{ valueOf: (): number => 4000 }, 4000],
  ])('the code %s is %i', (closeCode, is) => {
    expect(new WebSocketError('', { closeCode: closeCode as number }).closeCode).toBe(is);
  });
});
