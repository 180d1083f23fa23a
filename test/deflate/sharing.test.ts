// Streams that connections without context pass on to each other: none that threw, that is in the midst of a message, or whose
// connection was closed meanwhile is ever among them, and whatever throws between taking one and giving it back leaves those that
// wait as they are.

import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Context, type ContextSettings } from '../../src/deflate/context';
import { handlesWork } from '../../src/deflate/probe';
import { Z_SYNC_FLUSH, type Zlib } from '../../src/deflate/zlib';
import { zlib } from '../../src/runtime/zlib-node';
import { framesOf, PeerDeflate } from '../support/compressed-frames';
import { close, open, pattern } from '../support/decoders';
import { zlibHandles } from '../whole/resources/zlib-handles.mjs';

/** What is counted are zlib's handles, and streams by public means have none. */
const hasHandles = handlesWork(zlib!);

const opened: Context[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.release();
});

/** Options that no other test has: whoever waits is of this test. */
let memLevel = 0;
let settings: ContextSettings;
function context(kind: 'deflate' | 'inflate' = 'inflate', of = settings): Context {
  const one = new Context(kind, of);
  opened.push(one);
  return one;
}
const begin = (): void => {
  memLevel += 1;
  settings = { keepsContext: false, options: { windowBits: 15, memLevel: (memLevel % 9) + 1, level: memLevel % 10 } };
};

const output = new Uint8Array(1_000);
const HELLO = Buffer.from('f248cdc9c90700', 'hex');
const inflate = (stream: Zlib, input: Uint8Array): string => {
  stream.run(Z_SYNC_FLUSH, input, 0, input.length, output, 0, output.length);
  return Buffer.from(output.subarray(0, stream.made)).toString();
};
/** Those that wait for the next one. */
function waiting(kind: 'deflate' | 'inflate' = 'inflate'): Set<Zlib> {
  const { made } = zlibHandles;
  const streams = new Set<Zlib>();
  for (let i = 0; i < 4; i += 1) {
    const { stream } = context(kind);
    if (zlibHandles.made === made) streams.add(stream);
  }
  return streams;
}

describe.runIf(hasHandles)('a stream', () => {
  it('that served its message waits for the next one', () => {
    begin();
    const one = context();
    const { stream } = one;
    expect(inflate(stream, HELLO)).toBe('Hello');
    one.messageEnded();
    expect(waiting()).toEqual(new Set([stream]));
  });

  it('that threw is closed when the message ends', () => {
    begin();
    const before = zlibHandles.open;
    const one = context();
    const { stream } = one;
    expect(() => inflate(stream, Uint8Array.of(7))).toThrow('invalid block type');
    one.messageEnded();
    expect(zlibHandles.open).toBe(before);
    expect(waiting()).toEqual(new Set());
  });

  it('whose call could not even be made is closed, too', () => {
    for (const kind of ['deflate', 'inflate'] as const) {
      begin();
      const before = zlibHandles.open;
      const one = context(kind);
      const { stream } = one;
      const inside = (stream as unknown as { stream: { _handle: { writeSync?: unknown } } }).stream._handle;
      inside.writeSync = () => {
        throw new Error('not made');
      };
      expect(() => stream.run(Z_SYNC_FLUSH, HELLO, 0, HELLO.length, output, 0, 100)).toThrow('not made');
      delete inside.writeSync;
      // What it threw stands until it begins anew: nothing of a message that has a hole gets through.
      expect(() => stream.run(Z_SYNC_FLUSH, HELLO, 0, HELLO.length, output, 0, 100)).toThrow('not made');
      one.messageEnded();
      expect(zlibHandles.open).toBe(before);
    }
  });

  it('that was left in the midst of a message is closed with its connection', () => {
    for (const kind of ['deflate', 'inflate'] as const) {
      begin();
      const before = zlibHandles.open;
      const one = context(kind);
      one.stream.run(Z_SYNC_FLUSH, HELLO, 0, 3, output, 0, 100);
      one.release();
      one.messageEnded();
      expect(zlibHandles.open).toBe(before);
      expect(waiting(kind)).toEqual(new Set());
    }
  });

  it('that cannot begin anew is closed, and told of', () => {
    begin();
    const before = zlibHandles.open;
    const one = context();
    const { stream } = one;
    stream.reset = () => {
      throw new Error('no reset');
    };
    expect(() => one.messageEnded()).toThrow('no reset');
    expect(zlibHandles.open).toBe(before);
    expect(waiting()).toEqual(new Set());
    expect(inflate(one.stream, HELLO)).toBe('Hello');
    expect(one.stream).not.toBe(stream);
  });

  it('that cannot be closed is had by nobody afterwards', () => {
    begin();
    const one = context();
    const { stream } = one;
    const { close: closeIt } = stream;
    stream.close = () => {
      closeIt.call(stream);
      throw new Error('no close');
    };
    expect(() => one.release()).toThrow('no close');
    one.release();
    one.messageEnded();
    expect(waiting()).toEqual(new Set());
  });

  it('that cannot be made leaves those that wait as they are', () => {
    begin();
    const good = [context(), context()];
    const streams = good.map(({ stream }) => stream);
    for (const one of good) one.messageEnded();
    const bad = context('inflate', { keepsContext: false, options: { windowBits: 7 } });
    expect(() => bad.stream).toThrow(RangeError);
    expect(() => bad.stream).toThrow(RangeError);
    bad.messageEnded();
    expect(waiting()).toEqual(new Set(streams));
  });

  it('asked for when its connection is closed goes with the message, context or not', () => {
    for (const keepsContext of [true, false]) {
      begin();
      const before = zlibHandles.open;
      const one = context('inflate', { ...settings, keepsContext });
      one.release();
      expect(inflate(one.stream, HELLO)).toBe('Hello');
      one.messageEnded();
      expect(zlibHandles.open).toBe(before);
    }
  });
});

// Connections that come and go, in every order.

const CONNECTIONS = 6;
const DOINGS = ['whole', 'half', 'rest', 'corrupt', 'cut off', 'close'] as const;
const step = fc.record({
  at: fc.nat(CONNECTIONS - 1),
  doing: fc.constantFrom(...DOINGS),
  size: fc.integer({ min: 2, max: 3_000 }),
});

/** A connection without context, and what it is in the midst of. */
class Receiver {
  readonly told: string[] = [];
  expected: string[] = [];
  rest: Buffer | undefined;
  readonly decoder = open({
    perMessageDeflate: { noContextTakeover: true },
    onMessage: (data) => this.told.push(Buffer.from(data as Uint8Array).toString('hex')),
    onError: ({ code }) => this.told.push(code),
  });
}

describe('connections without context', () => {
  it('never hear anything of each other, however they end', { timeout: 60_000 }, () => {
    const before = zlibHandles.open;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
        const receivers: (Receiver | undefined)[] = [];
        const drop = (at: number): void => {
          const receiver = receivers[at];
          if (receiver === undefined) return;
          close(receiver.decoder);
          expect(receiver.told).toEqual(receiver.expected);
          receivers[at] = undefined;
        };
        for (const { at, doing, size } of steps) {
          receivers[at] ??= new Receiver();
          const receiver = receivers[at];
          const content = pattern(size, size).map((byte) => byte & 31);
          const [first, second] = new PeerDeflate({ keepsContext: false }).frames(
            2,
            content.subarray(0, size >> 1),
            content.subarray(size >> 1),
          ) as [Buffer, Buffer];
          if (doing === 'whole' && receiver.rest === undefined) {
            receiver.expected.push(Buffer.from(content).toString('hex'));
            receiver.decoder.feed(Buffer.concat([first, second]));
          } else if (doing === 'half' && receiver.rest === undefined) {
            receiver.expected.push(Buffer.from(content).toString('hex'));
            receiver.decoder.feed(first);
            receiver.rest = second;
          } else if (doing === 'rest' && receiver.rest !== undefined) {
            receiver.decoder.feed(receiver.rest);
            receiver.rest = undefined;
          } else if (doing === 'corrupt' && receiver.rest === undefined) {
            const wrong = deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
            receiver.decoder.feed(framesOf(2, [Buffer.concat([wrong, Buffer.of(7)])])[0]!);
            receiver.expected.push('WS_ERR_INVALID_DEFLATE_DATA');
            drop(at);
          } else if (doing === 'cut off' || doing === 'close') {
            if (receiver.rest !== undefined) receiver.expected.pop();
            drop(at);
          }
        }
        for (let at = 0; at < CONNECTIONS; at += 1) {
          if (receivers[at]?.rest !== undefined) receivers[at]!.expected.pop();
          drop(at);
        }
      }),
      { numRuns: 300 },
    );
    // Those that wait for the next one.
    expect(zlibHandles.open - before).toBeLessThanOrEqual(4);
  });
});
