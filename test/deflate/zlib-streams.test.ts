// What one raw stream does, call by call, from memory to memory: by what is behind the streams of node:zlib, and by the public
// means that stand in for them where that cannot be used. What messages make of it is in deflate/streams.test.ts.

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { HandleStream } from '../../src/deflate/handle-stream';
import { Inflater } from '../../src/deflate/inflater';
import { SyncDeflate } from '../../src/deflate/sync-deflate';
import { type Kind, Z_NO_FLUSH, Z_SYNC_FLUSH, type Zlib, type ZlibOptions } from '../../src/deflate/zlib';
import { type PlatformZlib, zlib } from '../../src/runtime/zlib-node';
import { TAIL } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { toClose } from '../support/to-close';
import { zlibHandles } from '../whole/resources/zlib-handles.mjs';

const HELLO = Buffer.from('f248cdc9c90700', 'hex');

type Open = (kind: Kind, options: ZlibOptions) => Zlib;
const behindStreams: Open = (kind, options) => new HandleStream(zlib!, kind, options);
const byPublicMeans: Open = (kind, options) =>
  kind === 'inflate' ? new Inflater(options) : new SyncDeflate(zlib!, options);

describe.each([
  ['what is behind the streams of zlib', behindStreams],
  ['public means', byPublicMeans],
])('a stream by %s', (_, make) => {
  const output = new Uint8Array(1_000);
  const open: Open = (kind, options) => toClose(make(kind, options));

  it('writes what comes of the part of the input that it is given, where it is told', () => {
    const stream = open('inflate', { windowBits: 15 });
    const input = Buffer.concat([Buffer.alloc(10, 0xff), HELLO, TAIL, Buffer.alloc(10, 0xff)]);
    output.fill(0x2e);
    expect(stream.run(Z_SYNC_FLUSH, input, 10, 10 + HELLO.length + 4, output, 3, 100)).toBe(10 + HELLO.length + 4);
    expect(stream.made).toBe(5);
    expect(Buffer.from(output.subarray(0, 10)).toString()).toBe('...Hello..');
  });

  it('stops where the output is full, and goes on from there', () => {
    const stream = open('inflate', { windowBits: 15 });
    const input = deflateRawSync(Buffer.alloc(10_000, 'abc'), { finishFlush: constants.Z_SYNC_FLUSH });
    let text = '';
    for (let next = 0, made = -1; made !== 0; made = stream.made) {
      next = stream.run(Z_SYNC_FLUSH, input, next, input.length, output, 0, output.length);
      text += Buffer.from(output.subarray(0, stream.made)).toString();
    }
    expect(text).toBe('abc'.repeat(3_334).slice(0, 10_000));
  });

  it('stops at the end of a stream, short of what follows it', () => {
    const stream = open('inflate', { windowBits: 15 });
    const whole = deflateRawSync(Buffer.from('whole'));
    const input = Buffer.concat([whole, HELLO]);
    expect(stream.run(Z_SYNC_FLUSH, input, 0, input.length, output, 0, 1_000)).toBe(whole.length);
    stream.reset();
    expect(stream.run(Z_SYNC_FLUSH, input, whole.length, input.length, output, 0, 1_000)).toBe(input.length);
    expect(Buffer.from(output.subarray(0, 5)).toString()).toBe('Hello');
  });

  it('keeps back what it is not told to flush', () => {
    const stream = open('deflate', { windowBits: 15 });
    const input = Buffer.from('Hello');
    stream.run(Z_NO_FLUSH, input, 0, 5, output, 0, 1_000);
    expect(stream.made).toBe(0);
    stream.run(Z_SYNC_FLUSH, input, 5, 5, output, 0, 1_000);
    expect(Buffer.from(output.subarray(0, stream.made))).toEqual(Buffer.concat([HELLO, TAIL]));
  });

  it('throws what zlib says, until it begins anew', () => {
    const stream = open('inflate', { windowBits: 15 });
    const wrong = Uint8Array.of(0x07);
    const run = (input: Uint8Array): number => stream.run(Z_SYNC_FLUSH, input, 0, input.length, output, 0, 100);
    const error = { message: 'invalid block type', code: 'Z_DATA_ERROR', errno: -3 };
    expect(() => run(wrong)).toThrow(expect.objectContaining(error));
    expect(() => run(HELLO)).toThrow(expect.objectContaining(error));
    stream.reset();
    expect(run(HELLO)).toBe(HELLO.length);
    expect(stream.made).toBe(5);
  });

  it.each([
    ['deflate', { windowBits: 16 }],
    ['deflate', { level: 10 }],
    ['inflate', { windowBits: 7 }],
  ] as const)('throws what zlib says of the options: %s %j', (kind, options) => {
    const before = zlibHandles.open;
    expect(() => make(kind, options)).toThrow(RangeError);
    expect(zlibHandles.open).toBe(before);
  });

  it('is of no use when it is closed, which it may be again', () => {
    for (const kind of ['deflate', 'inflate'] as const) {
      const before = zlibHandles.open;
      const stream = make(kind, { windowBits: 15 });
      stream.close();
      stream.close();
      expect(zlibHandles.open).toBe(before);
      expect(() => stream.run(Z_SYNC_FLUSH, HELLO, 0, 1, output, 0, 100)).toThrow(TypeError);
      expect(() => stream.reset()).toThrow(TypeError);
    }
  });

  it('flushes nothing once, when it begins', () => {
    const stream = open('deflate', { windowBits: 15 });
    const flushed = (): string => {
      stream.run(Z_SYNC_FLUSH, HELLO, 0, 0, output, 0, 100);
      return Buffer.from(output.subarray(0, stream.made)).toString('hex');
    };
    expect([flushed(), flushed()]).toEqual(['000000ffff', '']);
    stream.reset();
    expect([flushed(), flushed()]).toEqual(['000000ffff', '']);
    stream.run(Z_SYNC_FLUSH, HELLO, 0, 1, output, 0, 100);
    expect(flushed()).toBe('');
  });

  it.each([1, 2, 7, 100, 1_000])('goes both ways in pieces and rooms of %i bytes', (size) => {
    const content = Buffer.from(
      Array.from({ length: 300 }, (_, i) => `{"id":${i},"price":${(i * 7919) % 10_007}}`).join(),
    );
    for (const windowBits of [9, 12, 15]) {
      const [deflate, inflate] = [open('deflate', { windowBits }), open('inflate', { windowBits })];
      for (let again = 0; again < 3; again += 1) {
        const compressed = Buffer.concat([
          through(deflate, Z_NO_FLUSH, content.subarray(0, 900), size),
          through(deflate, Z_SYNC_FLUSH, content.subarray(900, 1_100), 1_000),
          through(deflate, Z_SYNC_FLUSH, content.subarray(1_100), 1_000),
        ]);
        expect(compressed.subarray(-4).equals(TAIL)).toBe(true);
        expect(through(inflate, Z_SYNC_FLUSH, compressed, size).equals(content)).toBe(true);
      }
      inflate.reset();
      deflate.reset();
      const anew = through(deflate, Z_SYNC_FLUSH, content, 1_000);
      expect(through(inflate, Z_SYNC_FLUSH, anew, size).equals(content)).toBe(true);
    }
  });

  /** What comes of it, in pieces of so many bytes and as much room. */
  function through(stream: Zlib, flush: number, input: Uint8Array, size: number): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0; at < input.length; at += size) {
      const end = Math.min(at + size, input.length);
      for (let next = at, made = size; made === size; made = stream.made) {
        next = stream.run(flush, input, next, end, output, 0, size);
        parts.push(Buffer.from(output.subarray(0, stream.made)));
      }
    }
    return Buffer.concat(parts);
  }
});

describe('what is behind the streams of zlib', () => {
  it('is closed with them, once', () => {
    const before = zlibHandles.open;
    const stream = behindStreams('deflate', { windowBits: 15 });
    expect(zlibHandles.open).toBe(before + 1);
    stream.close();
    stream.close();
    expect(zlibHandles.open).toBe(before);
  });
});

describe('what is behind the streams of zlib, where errors are told otherwise', () => {
  const WRONG = Buffer.of(7);
  const refusal = (make: (handle: Told) => void): (() => number) => {
    const { createInflateRaw, ...others } = zlib!;
    const platform: PlatformZlib = {
      ...others,
      createInflateRaw: (options) => {
        const made = createInflateRaw(options);
        make((made as unknown as { _handle: Told })._handle);
        return made;
      },
    };
    const stream = toClose(new HandleStream(platform, 'inflate', { windowBits: 15 }));
    return () => stream.run(Z_SYNC_FLUSH, WRONG, 0, 1, new Uint8Array(10), 0, 10);
  };
  interface Told {
    onerror(message: string, errno: number, code?: string): void;
    setErrorHandler?(handler: (errno: number, code: string, message: string) => void): void;
  }

  it('to a handler that is set, as in workerd', () => {
    const run = refusal((handle) => {
      handle.setErrorHandler = (tell) => {
        handle.onerror = (message, errno, code) => tell(errno, code!, message);
      };
    });
    expect(run).toThrow(expect.objectContaining({ message: 'invalid block type', errno: -3, code: 'Z_DATA_ERROR' }));
  });

  it('without a code, as in Deno', () => {
    const run = refusal((handle) => {
      Object.defineProperty(handle, 'onerror', {
        set: (tell) =>
          Object.defineProperty(handle, 'onerror', { value: (text: string, errno: number) => tell(text, errno) }),
        configurable: true,
      });
    });
    expect(run).toThrow(expect.objectContaining({ message: 'invalid block type', errno: -3, code: 'Z_DATA_ERROR' }));
  });

  it('of other kinds keeps the code that it has', () => {
    const run = refusal((handle) => {
      handle.setErrorHandler = (tell) => {
        handle.onerror = () => tell(-4, 'Z_MEM_ERROR', 'insufficient memory');
      };
    });
    expect(run).toThrow(expect.objectContaining({ message: 'insufficient memory', errno: -4, code: 'Z_MEM_ERROR' }));
  });
});

describe('compression by public means', () => {
  const deflate = (options: ZlibOptions = {}): Zlib =>
    toClose(byPublicMeans('deflate', { windowBits: 15, ...options }));

  it('compresses as much at once as it keeps back, cut at the same places however it comes', () => {
    const content = pattern(200_000).map((byte) => byte & 15);
    const room = new Uint8Array(300_000);
    const calls: number[] = [];
    const { deflateRawSync: compress, ...others } = zlib!;
    const counting = toClose(
      new SyncDeflate(
        {
          ...others,
          deflateRawSync: (bytes, options) => {
            calls.push((bytes as Uint8Array).length);
            return compress(bytes, options);
          },
        },
        { windowBits: 15 },
      ),
    );
    counting.run(Z_SYNC_FLUSH, content, 0, content.length, room, 0, room.length);
    // The first of none tells what is wrong with the options.
    expect(calls).toEqual([0, 65_536, 65_536, 65_536, 3_392]);
    const whole = Buffer.from(room.subarray(0, counting.made));
    const one = deflate();
    const parts: Buffer[] = [];
    for (let at = 0; at < content.length; at += 1_000) {
      const end = at + 1_000;
      one.run(end === content.length ? Z_SYNC_FLUSH : Z_NO_FLUSH, content, at, end, room, 0, room.length);
      parts.push(Buffer.from(room.subarray(0, one.made)));
    }
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
    expect(inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH }).equals(content)).toBe(true);
  });

  it('hands out what did not fit before it takes more', () => {
    const stream = deflate({ level: 0 });
    const content = pattern(1_000);
    const room = new Uint8Array(2_000);
    expect(stream.run(Z_SYNC_FLUSH, content, 0, 1_000, room, 0, 600)).toBe(1_000);
    expect(stream.made).toBe(600);
    stream.run(Z_SYNC_FLUSH, content, 1_000, 1_000, room, 600, 1_400);
    expect(stream.made).toBe(410);
    const compressed = room.subarray(0, 1_010);
    expect(inflateRawSync(compressed, { finishFlush: constants.Z_SYNC_FLUSH }).equals(content)).toBe(true);
    stream.run(Z_SYNC_FLUSH, content, 0, 1_000, room, 0, 600);
    stream.reset();
    stream.run(Z_SYNC_FLUSH, HELLO, 0, 0, room, 0, 600);
    expect(Buffer.from(room.subarray(0, stream.made)).toString('hex')).toBe('000000ffff');
  });

  it('throws what the function throws, until it begins anew', () => {
    let isBroken = false;
    const platform: PlatformZlib = {
      ...zlib!,
      deflateRawSync: (bytes, options) => {
        if (isBroken) throw new Error('no memory');
        return zlib!.deflateRawSync(bytes, options);
      },
    };
    const stream = toClose(new SyncDeflate(platform, { windowBits: 15 }));
    const room = new Uint8Array(100);
    const run = (): number => stream.run(Z_SYNC_FLUSH, HELLO, 0, HELLO.length, room, 0, 100);
    isBroken = true;
    expect(run).toThrow('no memory');
    isBroken = false;
    expect(run).toThrow('no memory');
    expect(stream.hasFailed).toBe(true);
    stream.reset();
    expect([run(), stream.hasFailed]).toEqual([HELLO.length, false]);
  });
});
