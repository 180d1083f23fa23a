// The buffer that a message in pieces is put together in: it holds what was appended, trusts a declared length only so far,
// grows in few steps, hands over exactly what it holds, and uses again what was only lent.

import { afterEach, describe, expect, it, vi } from 'vitest';
import { MessageBuffer } from '../../src/codec/message-buffer';
import { limitBuffers } from '../support/buffers';
import { isSame, pattern } from '../support/decoders';

const MEBIBYTE = 2 ** 20;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;
/** How many times what has arrived a buffer may be. */
const TRUST = 32;

afterEach(() => {
  vi.restoreAllMocks();
});

/** How large the buffer is now, whatever it holds. */
const sizeOf = (buffer: MessageBuffer): number => buffer.content.buffer.byteLength;

function append(buffer: MessageBuffer, bytes: Uint8Array<ArrayBuffer>, missing = 0, isLast = true): void {
  buffer.append(bytes, 0, bytes.length, missing, isLast);
}

/** Bytes that fill the room they are given; `most` at a time. */
function fill(buffer: MessageBuffer, bytes: Uint8Array<ArrayBuffer>, isLast = true, most = NO_LIMIT): number {
  let reads = 0;
  for (let at = 0; at < bytes.length; reads += 1) {
    const room = buffer.room(bytes.length - at, isLast);
    const part = bytes.subarray(at, at + Math.min(room.length, most));
    room.set(part);
    buffer.filled(part.length);
    at += part.length;
  }
  return reads;
}

describe('the buffer', () => {
  it('is no larger than 32 times what has arrived, whatever is declared', () => {
    for (const arrived of [1, 2, 100, 1_000, 32_768]) {
      for (const missing of [1, 31, 32, 1_000, MEBIBYTE, 2 ** 50]) {
        const buffer = new MessageBuffer(NO_LIMIT, false);
        append(buffer, pattern(arrived), missing);
        const whole = arrived + missing;
        const most = Math.min(arrived * TRUST, Math.ceil(whole / 2));
        expect(sizeOf(buffer), `${missing} behind ${arrived}`).toBe(whole <= arrived * TRUST ? whole : most);
      }
    }
  });

  it('never holds more than one and a half times what is declared, even while it grows, wherever the first piece ends', () => {
    const size = 64 * 1024;
    const whole = pattern(size);
    for (let first = 1; first <= size; first += first < 4_096 ? 1 : 997) {
      const buffer = new MessageBuffer(NO_LIMIT, false);
      append(buffer, whole.subarray(0, first), size - first);
      let old = sizeOf(buffer);
      for (let at = first; at < size; ) {
        const room = buffer.room(size - at, true);
        const now = sizeOf(buffer);
        if (now !== old) expect(old + now, `${first} bytes first`).toBeLessThanOrEqual(1.5 * size);
        old = now;
        room.set(whole.subarray(at, at + room.length));
        buffer.filled(room.length);
        at += room.length;
      }
      expect(isSame(buffer.content, whole)).toBe(true);
    }
  });

  it('is allocated once for a message whose first thirty-second came at once', () => {
    const whole = pattern(MEBIBYTE);
    const buffer = new MessageBuffer(NO_LIMIT, false);
    const buffers = new Set<ArrayBuffer>();
    for (let at = 0; at < MEBIBYTE; at += MEBIBYTE / TRUST) {
      buffer.append(whole, at, at + MEBIBYTE / TRUST, MEBIBYTE - at - MEBIBYTE / TRUST, true);
      buffers.add(buffer.content.buffer);
    }
    expect([...buffers].map(({ byteLength }) => byteLength)).toEqual([MEBIBYTE]);
    expect(isSame(buffer.content, whole)).toBe(true);
  });

  it('doubles at least where other frames follow, so that many of them cost few copies', () => {
    const whole = pattern(50_000);
    const buffer = new MessageBuffer(NO_LIMIT, false);
    const buffers = new Set<ArrayBuffer>();
    for (let at = 0; at < whole.length; at += 1) {
      buffer.append(whole, at, at + 1, 0, false);
      buffers.add(buffer.content.buffer);
    }
    expect(buffers.size).toBeLessThanOrEqual(Math.ceil(Math.log2(whole.length)));
    expect(isSame(buffer.content, whole)).toBe(true);
  });

  it('is no larger than the last frame makes the message', () => {
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, pattern(1_000), 0, false);
    expect(sizeOf(buffer)).toBe(2_000);
    append(buffer, pattern(1_500), 0, true);
    expect(sizeOf(buffer)).toBe(2_500);
  });

  it('never grows beyond the limit, though it would double', () => {
    const buffer = new MessageBuffer(1_500, false);
    append(buffer, pattern(1_000), 0, false);
    expect(sizeOf(buffer)).toBe(1_500);
    append(buffer, pattern(500, 2), 0, false);
    expect(sizeOf(buffer)).toBe(1_500);
    expect(isSame(buffer.content, Buffer.concat([pattern(1_000), pattern(500, 2)]))).toBe(true);
  });

  it('needs no memory for nothing', () => {
    limitBuffers(0);
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, pattern(0), MEBIBYTE, false);
    expect(buffer.takeExact().length).toBe(0);
  });

  it('holds what it held, if there is no memory for more', () => {
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, pattern(1_000), 500);
    limitBuffers(10_000);
    expect(() => append(buffer, pattern(20_000))).toThrow(RangeError);
    expect(() => append(buffer, pattern(501), 100_000)).toThrow(RangeError);
    expect(isSame(buffer.content, pattern(1_000))).toBe(true);
  });
});

describe('room()', () => {
  it.each([1, 1_000, 65_536, NO_LIMIT])('is filled with the message, in reads of at most %i', (most) => {
    const whole = pattern(most === 1 ? 3_000 : 300_000);
    for (const isLast of [true, false]) {
      const buffer = new MessageBuffer(NO_LIMIT, false);
      fill(buffer, whole, isLast, most);
      expect(isSame(buffer.takeExact(), whole)).toBe(true);
    }
  });

  it('is for as much as the declared length is trusted, so that few reads fill a claim', () => {
    const buffer = new MessageBuffer(NO_LIMIT, false);
    expect(buffer.room(10 * MEBIBYTE, true).length).toBe(TRUST);
    expect(fill(buffer, pattern(10 * MEBIBYTE))).toBeLessThan(8);
  });

  it('is never for more than is missing, though the buffer is larger', () => {
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, pattern(100_000), 0, false);
    expect(buffer.room(70_000, false).length).toBe(70_000);
    expect(buffer.room(1, false).length).toBe(1);
  });

  it('that was only partly filled leaves the next piece its place', () => {
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, pattern(1_000), 3_000);
    buffer.room(3_000, true).fill(0xee);
    buffer.filled(0);
    buffer.room(3_000, true).set(pattern(500, 2));
    buffer.filled(500);
    append(buffer, pattern(2_500, 3));
    expect(isSame(buffer.takeExact(), Buffer.concat([pattern(1_000), pattern(500, 2), pattern(2_500, 3)]))).toBe(true);
  });
});

describe('takeExact()', () => {
  it.each([
    ['filled its buffer', 3_000, 0],
    ['was declared larger', 3_000, 1_000],
    ['came in fragments', 3_000, -1],
  ])('gives what %s in an ArrayBuffer of exactly its size', (_, length, missing) => {
    const whole = pattern(length);
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, whole, Math.max(missing, 0), missing >= 0);
    const taken = buffer.takeExact();
    expect([taken.byteOffset, taken.length, taken.buffer.byteLength]).toEqual([0, length, length]);
    expect(isSame(taken, whole)).toBe(true);
  });

  it('does not copy what filled its buffer', () => {
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, pattern(3_000));
    const { buffer: before } = buffer.content;
    expect(buffer.takeExact().buffer).toBe(before);
  });

  it('leaves the buffer empty, and what was taken alone', () => {
    const buffer = new MessageBuffer(NO_LIMIT, false);
    append(buffer, pattern(3_000));
    const taken = buffer.takeExact();
    expect(buffer.content.length).toBe(0);
    append(buffer, pattern(2_000, 2));
    expect(isSame(buffer.takeExact(), pattern(2_000, 2))).toBe(true);
    expect(isSame(taken, pattern(3_000))).toBe(true);
  });
});

describe('a lent buffer', () => {
  /** Leaves room of this size to be used again, and nothing larger. */
  function leave(size: number): ArrayBuffer {
    const buffer = new MessageBuffer(NO_LIMIT, true);
    append(buffer, pattern(size));
    const room = buffer.content.buffer;
    buffer.release();
    return room;
  }

  // The largest room that is kept, so that it does not depend on what was left before.
  const room = leave(4 * MEBIBYTE);

  it('uses the room of one that was released', () => {
    const buffer = new MessageBuffer(NO_LIMIT, true);
    append(buffer, pattern(1_000));
    expect(buffer.content.buffer === room).toBe(true);
    expect(isSame(buffer.content, pattern(1_000))).toBe(true);
    buffer.release();
    expect(buffer.content.length).toBe(0);
  });

  it('shares no room with another one', () => {
    const [one, other] = [new MessageBuffer(NO_LIMIT, true), new MessageBuffer(NO_LIMIT, true)];
    append(one, pattern(1_000, 1));
    append(other, pattern(1_000, 2));
    expect(one.content.buffer === other.content.buffer).toBe(false);
    expect(isSame(one.content, pattern(1_000, 1))).toBe(true);
    one.release();
    other.release();
  });

  it('releases its room only once, however often it is told to', () => {
    const one = new MessageBuffer(NO_LIMIT, true);
    append(one, pattern(1_000, 1));
    one.release();
    one.release();
    const others = [2, 3].map((seed) => {
      const buffer = new MessageBuffer(NO_LIMIT, true);
      append(buffer, pattern(1_000, seed));
      return buffer;
    });
    expect(others.map(({ content }, index) => isSame(content, pattern(1_000, index + 2)))).toEqual([true, true]);
    for (const other of others) other.release();
  });

  it('keeps its content when it outgrows the room, which is there for the next one', () => {
    const whole = pattern(6 * MEBIBYTE);
    const buffer = new MessageBuffer(NO_LIMIT, true);
    buffer.append(whole, 0, 1_000, 0, false);
    const first = buffer.content.buffer;
    buffer.append(whole, 1_000, whole.length, 0, true);
    expect(isSame(buffer.content, whole)).toBe(true);
    const next = new MessageBuffer(NO_LIMIT, true);
    append(next, pattern(10));
    expect(next.content.buffer === first).toBe(true);
    expect(isSame(buffer.content, whole)).toBe(true);
    next.release();
  });

  it('of more than 4 MiB is not kept', () => {
    const large = leave(4 * MEBIBYTE + 1);
    const buffer = new MessageBuffer(NO_LIMIT, true);
    append(buffer, pattern(10));
    expect(buffer.content.buffer === large).toBe(false);
    buffer.release();
  });

  it('whose content is taken gives its own bytes away, not the room', () => {
    const buffer = new MessageBuffer(NO_LIMIT, true);
    append(buffer, pattern(1_000));
    const taken = buffer.takeExact();
    expect(taken.buffer.byteLength).toBe(1_000);
    append(buffer, pattern(1_000, 2));
    buffer.release();
    expect(isSame(taken, pattern(1_000))).toBe(true);
  });

  it('that is dropped leaves no room to anybody: somebody may still write there', () => {
    const left = leave(4 * MEBIBYTE);
    const dropped = new MessageBuffer(NO_LIMIT, true);
    append(dropped, pattern(1_000));
    expect(dropped.content.buffer === left).toBe(true);
    dropped.drop();
    const next = new MessageBuffer(NO_LIMIT, true);
    append(next, pattern(1_000));
    expect(next.content.buffer === left).toBe(false);
  });
});
