// What a deflater makes of the payloads of one connection: DEFLATE data without its tail, with what came before or without, at
// once or in turns of the event loop. What its streams do is in deflate/streams.test.ts.

import { setImmediate } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { ContextSettings } from '../../src/deflate/context';
import { Deflater, LEVEL, TURN_BYTES } from '../../src/deflate/deflater';
import { handlesWork } from '../../src/deflate/probe';
import { zlib } from '../../src/runtime/zlib-node';
import { PeerInflate, TAIL } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { zlibHandles } from '../whole/resources/zlib-handles.mjs';

const settings = (keepsContext = true, windowBits = 15, more: object = {}): ContextSettings => ({
  keepsContext,
  options: { windowBits, ...more },
});

const HELLO = Buffer.from('f248cdc9c90700', 'hex');

/** What is counted are zlib's handles, and streams by public means have none. */
const hasHandles = handlesWork(zlib!);

/** Closed behind each test. */
const opened: Deflater[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.release();
});

describe('Deflater', () => {
  function deflater(of: ContextSettings = settings()): Deflater {
    const one = new Deflater(of);
    opened.push(one);
    return one;
  }
  const copy = (bytes: Uint8Array): Buffer => Buffer.from(bytes);

  it('leaves the tail out at the end of a message, and only there', () => {
    const one = deflater();
    const first = copy(one.deflate(Buffer.from('Hel'), false));
    const last = copy(one.deflate(Buffer.from('lo'), true));
    expect(first.subarray(-4).equals(TAIL)).toBe(true);
    expect(last.subarray(-4).equals(TAIL)).toBe(false);
    expect(new PeerInflate().message(Buffer.concat([first, last])).toString()).toBe('Hello');
    expect(copy(deflater().deflate(Buffer.from('Hello'), true))).toEqual(HELLO);
  });

  it.each([true, false])('has something to say of nothing, with context %s', (keepsContext) => {
    const one = deflater(settings(keepsContext));
    const peer = new PeerInflate({ keepsContext });
    const empty = new Uint8Array(0);
    const messages = [[empty], [empty, empty], [Buffer.from('a'), empty], [empty, Buffer.from('b'), empty, empty]];
    for (const parts of [...messages, ...messages]) {
      const payloads = parts.map((part, place) => copy(one.deflate(part, place === parts.length - 1)));
      // "nothing" would be no DEFLATE data at all (RFC 7692 §7.2.3.6).
      expect(Buffer.concat(payloads).length).toBeGreaterThan(0);
      expect(peer.message(Buffer.concat(payloads))).toEqual(Buffer.concat(parts));
    }
  });

  it('refers to messages before, unless it keeps no context or begins anew', () => {
    const sentence = Buffer.from('the same sentence, word for word');
    const sizes = (one: Deflater, between = (): void => {}): number[] => {
      const first = one.deflate(sentence, true).length;
      between();
      return [first, one.deflate(sentence, true).length];
    };
    const [alone, referring] = sizes(deflater()) as [number, number];
    expect(referring).toBeLessThan(alone / 2);
    expect(sizes(deflater(settings(false)))).toEqual([alone, alone]);
    const anew = deflater();
    expect(sizes(anew, () => anew.beginAnew())).toEqual([alone, alone]);
  });

  it('begins anew in the middle of a message, too', () => {
    const one = deflater();
    one.deflate(Buffer.from('never to be heard of again'), false);
    one.beginAnew();
    expect(new PeerInflate().message(one.deflate(Buffer.from('Hello'), true)).toString()).toBe('Hello');
  });

  it.each([0, 1, 4, 9])('compresses as level %i of zlib does', (level) => {
    const text = Buffer.from(
      Array.from({ length: 2_000 }, (_, i) => `{"id":${i},"price":${(i * 7919) % 10_007}}`).join(),
    );
    const expected = deflateRawSync(text, { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    expect(copy(deflater(settings(true, 15, { level })).deflate(text, true)).equals(expected)).toBe(true);
  });

  it('has level 4 as the default of those who make its options', () => {
    expect(LEVEL).toBe(4);
  });

  // Around the room that all share, and several times its size: bytes that no level makes smaller.
  it.each([1, 65_536, 131_000, 131_050, 131_060, 131_066, 131_072, 131_073, 262_144, 1_000_000])(
    'of %i bytes that do not get smaller, at once and in turns',
    async (size) => {
      const content = pattern(size, size);
      for (const keepsContext of [true, false]) {
        const one = deflater(settings(keepsContext));
        const peer = new PeerInflate({ keepsContext });
        expect(peer.message(one.deflate(content, true)).equals(content)).toBe(true);
        expect(peer.message((await one.deflateInTurns(content, true))!).equals(content)).toBe(true);
        const parts = [copy(one.deflate(content, false)), copy((await one.deflateInTurns(content, false))!)];
        parts.push(copy(one.deflate(content, true)));
        expect(peer.message(Buffer.concat(parts)).equals(Buffer.concat([content, content, content]))).toBe(true);
      }
    },
  );

  it('of sizes at which the output ends just where the room does', () => {
    const one = deflater(settings(false, 15, { level: 0 }));
    const peer = new PeerInflate({ keepsContext: false });
    let sizes = '';
    for (let size = 131_020; size <= 131_080; size += 1) {
      const content = pattern(size);
      const compressed = one.deflate(content, true);
      sizes += `${compressed.length} `;
      expect(peer.message(compressed).equals(content)).toBe(true);
    }
    // Where nothing of the room is left zlib cannot say that it has flushed, and does so again, which is five bytes.
    if (hasHandles) expect(sizes).toContain(' 131066 131067 131073 131074 ');
  });

  it('in turns is a turn for every 64 KiB, and what it comes to is the same', async () => {
    const content = Buffer.alloc(10 * TURN_BYTES + 1, JSON.stringify({ symbol: 'BTCUSDT', price: 30_000 }));
    let turns = 0;
    let isDone = false;
    const counting = (async () => {
      for (; !isDone; turns += 1) await setImmediate();
    })();
    const one = deflater();
    const compressed = copy((await one.deflateInTurns(content, true))!);
    isDone = true;
    await counting;
    expect(turns).toBeGreaterThanOrEqual(10);
    expect(turns).toBeLessThanOrEqual(13);
    expect(new PeerInflate().message(compressed).equals(content)).toBe(true);
    expect(compressed.equals(deflater().deflate(content, true))).toBe(true);
  });

  it('in turns leaves the room to others in between', async () => {
    const [long, other] = [deflater(), deflater(settings(false))];
    const content = pattern(1_000_000);
    const compressing = long.deflateInTurns(content, true);
    const peer = new PeerInflate({ keepsContext: false });
    let count = 0;
    let isDone = false;
    void compressing.then(() => {
      isDone = true;
    });
    for (; !isDone; count += 1) {
      await setImmediate();
      const message = pattern(1_000, count);
      expect(peer.message(other.deflate(message, true)).equals(message)).toBe(true);
    }
    expect(count).toBeGreaterThan(10);
    expect(new PeerInflate().message((await compressing)!).equals(content)).toBe(true);
  });

  it.runIf(hasHandles).each([true, false])(
    'closed in turns: comes to nothing, and keeps no memory; with context %s',
    async (keepsContext) => {
      const before = zlibHandles.open;
      const one = deflater(settings(keepsContext, 15, { memLevel: 7 }));
      const compressing = one.deflateInTurns(pattern(1_000_000), true);
      await setImmediate();
      await setImmediate();
      expect(zlibHandles.open).toBe(before + 1);
      one.release();
      expect(zlibHandles.open).toBe(before);
      expect(await compressing).toBeUndefined();
      expect(zlibHandles.open).toBe(before);
    },
  );

  it('closed before its first turn takes no memory', async () => {
    const { made } = zlibHandles;
    const one = deflater();
    const compressing = one.deflateInTurns(pattern(1_000_000), true);
    one.release();
    expect([await compressing, zlibHandles.made]).toEqual([undefined, made]);
  });
});
