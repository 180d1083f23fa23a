// What decoders share, and how they hold it: levels of feeds that are nested, records that are leased, the one window. Nobody is
// told what is another one's, whoever throws, stops or comes back in, and behind all of it nothing is held.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BLOCKS, NESTED_LEVELS } from '../../assembly/layout';
import type { FrameDecoder } from '../../src/codec/decoder';
import { EventReader } from '../../src/codec/event-reader';
import {
  census,
  keyAt,
  leaseBlock,
  leaseRecord,
  leaseSpareBlock,
  nextKey,
  releaseBlock,
  releaseRecord,
} from '../../src/codec/shared';
import { openCodec } from '../support/codecs';
import { window } from '../support/memory';
import { everyKind, type Logged, logged, nest } from '../support/nested-decoders';

const DEEP = 12;
const MESSAGES = everyKind(1).lines.length;
const expected = Array.from({ length: DEEP }, (_, level) => everyKind(level + 1).lines);

let before = census();

beforeEach(() => {
  before = census();
});

afterEach(() => {
  expect(census()).toEqual(before);
});

/** As a transport that reads to the window does. */
function feedWindow(codec: FrameDecoder, bytes: Uint8Array): void {
  window.set(bytes);
  codec.feed(window, 0, bytes.length);
}

describe(`feeds within feeds, ${DEEP} of them with ${NESTED_LEVELS} levels`, () => {
  // The first and the last of a run of each kind, both messages in fragments, both compressed ones, the last of all.
  it.each([1, 9, 10, 18, 19, 27, 28, 29, 30, 31, MESSAGES])('at message %i tell each its own', (at) => {
    for (const size of [1e9, 1_021]) {
      const logs = nest(DEEP, at, size, () => {});
      expect(logs.map(({ lines }) => lines)).toEqual(expected);
      expect(logs.flatMap(({ thrown }) => thrown)).toEqual([]);
      for (const { codec } of logs) codec.stop();
    }
  });

  it.each([4, 13, 22, 28, 29, 30, 31])('at message %i are as deep as they are, and the deepest throws', (at) => {
    const mine = new Error('mine');
    const depths: number[] = [];
    const logs = nest(DEEP, at, 1e9, () => {
      depths.push(census().feeds - before.feeds);
      throw mine;
    });
    expect(depths).toEqual([DEEP]);
    expect(logs.map(({ lines }) => lines)).toEqual(expected);
    expect(logs.flatMap(({ thrown }) => thrown)).toEqual([mine]);
    for (const { codec } of logs) codec.stop();
  });

  it('begin in the window, which is read to again as soon as they have ended', () => {
    const { stream, lines } = everyKind(DEEP + 1);
    let inner: Logged[] = [];
    const outer = logged((told) => {
      if (told.length === 5) inner = nest(DEEP, 5, 777, () => {});
    });
    for (let round = 1; round <= 2; round += 1) {
      feedWindow(outer.codec, stream.subarray(0, 100));
      feedWindow(outer.codec, stream.subarray(100));
      expect(outer.lines).toEqual(Array(round).fill(lines).flat());
      // The context of the peer's compressor begins anew in each stream, and this decoder's does not: it need not.
      expect(inner.map(({ lines }) => lines)).toEqual(expected);
    }
    for (const { codec } of [outer, ...inner]) codec.stop();
  });
});

describe('a record', () => {
  const { stream, lines } = everyKind(1);

  it.each([1, 9, 18, 28, 30])(
    'of a decoder that stops in its handler, at message %i, is its own until it returns',
    (at) => {
      const held: number[] = [];
      const other = everyKind(2);
      const others: Logged[] = [];
      const own = logged((told) => {
        if (told.length !== at) return;
        own.codec.stop();
        own.codec.stop();
        held.push(census().records - before.records);
        // Whoever comes now gets another one.
        others.push(logged(() => {}));
        others[0]!.codec.feed(other.stream);
        held.push(census().records - before.records);
      });
      own.codec.feed(stream);
      expect(own.lines).toEqual(lines.slice(0, at));
      expect(held).toEqual([1, 2]);
      expect(census().records - before.records).toBe(1);
      own.codec.stop();
      own.codec.feed(stream);
      others.push(logged(() => {}));
      others[1]!.codec.feed(other.stream);
      for (const { codec, lines } of others) {
        expect(lines).toEqual(other.lines);
        codec.stop();
      }
    },
  );

  it('of a decoder that is stopped within the feed of another one goes back when its own feed has ended', () => {
    const held: number[] = [];
    const inner = logged(() => {
      outer.codec.stop();
      held.push(census().records - before.records);
    });
    const outer = logged((told) => {
      if (told.length === 2) inner.codec.feed(everyKind(2).stream);
    });
    outer.codec.feed(stream);
    held.push(census().records - before.records);
    expect(outer.lines).toEqual(lines.slice(0, 2));
    expect(inner.lines).toEqual(expected[1]);
    expect(held).toEqual([...Array(MESSAGES).fill(2), 1]);
    inner.codec.stop();
  });

  it('goes back even if what its decoder has gathered cannot be given back, as where the stack is at its end', () => {
    const { codec } = logged(() => {});
    const forget = vi.spyOn(EventReader.prototype, 'forget').mockImplementationOnce(() => {
      throw new RangeError('Maximum call stack size exceeded');
    });
    expect(() => codec.stop()).toThrow('Maximum call stack');
    forget.mockRestore();
    expect(census()).toEqual(before);
    codec.stop();
    expect(census()).toEqual(before);
  });

  it('is zeroed when it is leased, whatever it was before', () => {
    const first = logged(() => {});
    // In the middle of a text, behind a compressed message.
    first.codec.feed(stream.subarray(0, stream.length - 3));
    first.codec.stop();
    const second = logged(() => {});
    second.codec.feed(stream);
    expect(second.lines).toEqual(lines);
    second.codec.stop();
  });

  it('is another one for each who leases, and the same again for the next', () => {
    const records = [leaseRecord(), leaseRecord(), leaseRecord()];
    expect(new Set(records).size).toBe(3);
    expect(census().records - before.records).toBe(3);
    for (const record of records) releaseRecord(record);
    expect(leaseRecord()).toBe(records[2]);
    releaseRecord(records[2]!);
  });
});

describe('another read in the window', () => {
  it('ends the decoder whose bytes it overwrote, and nobody else', () => {
    const [, b, c] = [1, 2, 3].map(everyKind);
    const third = logged(() => {});
    const second = logged((told) => {
      if (told.length === 7) feedWindow(third.codec, c!.stream);
    });
    const first = logged((told) => {
      if (told.length === 2) second.codec.feed(b!.stream);
    });
    feedWindow(first.codec, everyKind(1).stream);
    expect(first.lines).toEqual([...expected[0]!.slice(0, 2), 'fault WS_ERR_INTERNAL']);
    expect(second.lines).toEqual(b!.lines);
    expect(third.lines).toEqual(c!.lines);
    for (const { codec } of [first, second, third]) codec.stop();
  });

  it('is told once, and as a fault even if nothing was left unread', () => {
    const faults: string[] = [];
    const other = openCodec();
    const codec = openCodec({
      onMessage: () => {
        feedWindow(other, everyKind(2).stream.subarray(0, 20));
        feedWindow(other, everyKind(2).stream.subarray(20, 40));
      },
      onFault: ({ code }) => faults.push(code),
    });
    feedWindow(codec, everyKind(1).stream.subarray(0, 11));
    expect(faults).toEqual(['WS_ERR_INTERNAL']);
    for (const each of [codec, other]) each.stop();
  });

  it('behind its feed, or behind that of one whose handler threw, ends nobody', () => {
    const thrown: unknown[] = [];
    const first = openCodec({
      onMessage: () => {
        throw new Error('mine');
      },
      onException: (error) => thrown.push(error),
    });
    const second = logged(() => {});
    feedWindow(first, everyKind(1).stream.subarray(0, 11));
    feedWindow(second.codec, everyKind(2).stream);
    feedWindow(first, everyKind(1).stream.subarray(11, 22));
    expect(thrown.length).toBe(2);
    expect(second.lines).toEqual(expected[1]);
    for (const codec of [first, second.codec]) codec.stop();
  });
});

describe('blocks', () => {
  it('are all of them for those who send, and half of them for what waits', () => {
    const blocks: number[] = [];
    for (let block = leaseSpareBlock(); block !== 0; block = leaseSpareBlock()) blocks.push(block);
    expect(blocks.length).toBe(BLOCKS / 2);
    for (let block = leaseBlock(); block !== 0; block = leaseBlock()) blocks.push(block);
    expect(new Set(blocks).size).toBe(BLOCKS);
    expect(census().blocks).toBe(BLOCKS);
    for (const block of blocks) releaseBlock(block);
  });
});

describe('masking keys', () => {
  it('are each told once, over many refills, at addresses of four bytes', () => {
    const seen = new Map<number, number>();
    for (let i = 0; i < 20_000; i += 1) {
      const at = nextKey();
      expect(at % 4).toBe(0);
      seen.set(at, (seen.get(at) ?? 0) + 1);
    }
    // The first refill may have been anywhere in its pool.
    const times = [...seen.values()];
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1);
    expect(seen.has(keyAt(1))).toBe(false);
  });
});
