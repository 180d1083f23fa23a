// Streams of zlib as messages use them: the window that a connection's messages share, the few streams that all others share, and
// what becomes of their memory. What one stream does is in deflate/zlib-streams.test.ts, what connections make of it in
// codec/inflated-messages.test.ts and sending/deflate.test.ts.

import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Context, type ContextSettings } from '../../src/deflate/context';
import { Deflater } from '../../src/deflate/deflater';
import { handlesWork } from '../../src/deflate/probe';
import { Z_SYNC_FLUSH } from '../../src/deflate/zlib';
import { zlib } from '../../src/runtime/zlib-node';
import { TAIL } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { toClose } from '../support/to-close';
import { zlibHandles } from '../whole/resources/zlib-handles.mjs';

/** What is counted are zlib's handles, and streams by public means have none. */
const hasHandles = handlesWork(zlib!);
const itCounting = it.runIf(hasHandles);

const settings = (keepsContext = true, windowBits = 15, more: object = {}): ContextSettings => ({
  keepsContext,
  options: { windowBits, ...more },
});

const HELLO = Buffer.from('f248cdc9c90700', 'hex');

it('has what is behind the streams of zlib, unless this run is to do without', () => {
  expect(hasHandles).toBe(!process.env.NODE_OPTIONS?.includes('zlib-without-handles'));
});

describe('Context', () => {
  const context = (kind: 'deflate' | 'inflate', of: ContextSettings): Context => toClose(new Context(kind, of));

  itCounting('takes memory when the first message comes, and keeps it from one to the next', () => {
    const before = zlibHandles.open;
    const kept = context('inflate', settings());
    expect(zlibHandles.open).toBe(before);
    const { stream } = kept;
    expect(kept.stream).toBe(stream);
    kept.messageEnded();
    expect(kept.stream).toBe(stream);
    expect(zlibHandles.open).toBe(before + 1);
    kept.release();
    expect(zlibHandles.open).toBe(before);
  });

  it('is of one connection alone', () => {
    const [one, other] = [context('inflate', settings()), context('inflate', settings())];
    const { stream } = one;
    one.messageEnded();
    expect(other.stream).not.toBe(stream);
  });

  it('without context has a stream only during a message, which the next connection then takes', () => {
    const [one, other] = [context('inflate', settings(false)), context('inflate', settings(false))];
    const { stream } = one;
    // Two at the same time are two.
    const second = other.stream;
    expect(second).not.toBe(stream);
    const { made } = zlibHandles;
    one.messageEnded();
    other.messageEnded();
    expect([one.stream, other.stream].includes(second)).toBe(true);
    expect(zlibHandles.made).toBe(made);
  });

  it('passes on no stream with something of the message before it', () => {
    const output = new Uint8Array(100);
    const [one, other] = [context('inflate', settings(false, 14)), context('inflate', settings(false, 14))];
    const { stream } = one;
    stream.run(Z_SYNC_FLUSH, HELLO, 0, HELLO.length, output, 0, 100);
    one.messageEnded();
    expect(other.stream).toBe(stream);
    // RFC 7692 §7.2.3.2: a reference to the Hello before it.
    const reference = Buffer.from('f200110000', 'hex');
    expect(() => stream.run(Z_SYNC_FLUSH, reference, 0, 5, output, 0, 100)).toThrow('invalid distance too far back');
  });

  it.each([
    ['another direction', 'deflate', settings(false, 13)],
    ['another window', 'inflate', settings(false, 12)],
    ['another option', 'inflate', settings(false, 13, { level: 3 })],
  ] as const)('shares none with %s', (_, kind, others) => {
    const one = context('inflate', settings(false, 13));
    const { stream } = one;
    one.messageEnded();
    expect(context(kind, others).stream).not.toBe(stream);
    // It still waits for its like.
    expect(context('inflate', settings(false, 13)).stream).toBe(stream);
  });

  itCounting('keeps four idle at most, of each kind', () => {
    const before = zlibHandles.open;
    const busy = Array.from({ length: 10 }, () => context('deflate', settings(false, 11, { memLevel: 1 })));
    const streams = new Set(busy.map(({ stream }) => stream));
    expect([streams.size, zlibHandles.open]).toEqual([10, before + 10]);
    for (const one of busy) one.messageEnded();
    expect(zlibHandles.open).toBe(before + 4);
    // A message that is not in progress cannot end.
    for (const one of busy) one.messageEnded();
    expect(zlibHandles.open).toBe(before + 4);
    const again = new Set(busy.map(({ stream }) => stream));
    expect([...again].filter((stream) => streams.has(stream))).toHaveLength(4);
    expect(zlibHandles.open).toBe(before + 10);
  });

  itCounting('closes what it has of a message that is given up: nobody else gets it', () => {
    const before = zlibHandles.open;
    const given = context('inflate', settings(false, 10));
    const { stream } = given;
    expect(zlibHandles.open).toBe(before + 1);
    given.release();
    expect(zlibHandles.open).toBe(before);
    expect(context('inflate', settings(false, 10)).stream).not.toBe(stream);
    given.release();
    given.messageEnded();
    expect(zlibHandles.open).toBe(before + 1);
  });

  itCounting('has no more than the message in progress once it is closed', () => {
    const before = zlibHandles.open;
    const closed = context('inflate', settings(false, 9));
    closed.release();
    // Whoever is still at it may end it; then it goes, and waits for nobody.
    closed.stream.run(Z_SYNC_FLUSH, HELLO, 0, 1, new Uint8Array(10), 0, 10);
    closed.messageEnded();
    expect(zlibHandles.open).toBe(before);
  });

  /** What it inflates to, in output of 64 bytes at a time: in larger ones zlib accepts what lies further back than its window. */
  function inflated(compressed: Uint8Array, windowBits: number): Buffer {
    const { stream } = context('inflate', settings(true, windowBits));
    const output = new Uint8Array(64);
    const parts: Buffer[] = [];
    for (let next = 0, made = 64; next < compressed.length || made === 64; made = stream.made) {
      next = stream.run(Z_SYNC_FLUSH, compressed, next, compressed.length, output, 0, output.length);
      parts.push(Buffer.from(output.subarray(0, stream.made)));
    }
    return Buffer.concat(parts);
  }

  it('compresses for a window of 8 bits with one of 9, which zlib needs, and refers no further back than 256 bytes', () => {
    const deflater = toClose(new Deflater(settings(true, 8, { level: 9 })));
    const sizes: number[] = [];
    for (const distance of [100, 200, 250, 255, 256, 257, 300, 500]) {
      const unit = pattern(distance, distance);
      const message = Buffer.concat([unit, unit, unit]);
      const compressed = Buffer.concat([deflater.deflate(message, true), TAIL]);
      deflater.beginAnew();
      expect(inflated(compressed, 8).equals(message), `at ${distance}`).toBe(true);
      sizes.push(compressed.length / message.length);
    }
    // It does refer back as far as it may.
    expect(sizes[1]).toBeLessThan(0.5);
    const far = Buffer.concat([pattern(300, 1), pattern(300, 1)]);
    const wide = deflateRawSync(far, { windowBits: 10, level: 9, finishFlush: constants.Z_SYNC_FLUSH });
    expect(inflated(wide, 10).equals(far)).toBe(true);
    expect(() => inflated(wide, 8)).toThrow('invalid distance too far back');
  });
});
