// Messages that inflate to more than one turn of the event loop is given (codec/inflated-messages.ts, codec/decoder.ts): they go
// on in the next ones, in order, whatever a handler does meanwhile, and wherever the data was cut.

import { setImmediate } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { DecoderHandlers } from '../../src/codec/contract';
import type { FrameDecoder } from '../../src/codec/decoder';
import { openCodec } from '../support/codecs';
import { framesOf } from '../support/compressed-frames';
import { shortWindow, window } from '../support/memory';

const MIB = 1_048_576;
const TEXT = 1;
const BINARY = 2;

const compressed = (content: Uint8Array): Buffer => {
  const data = deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
  return data.subarray(0, data.length - 4);
};
const zeros = (bytes: number): Buffer => Buffer.alloc(bytes);
const message = (content: Uint8Array, opcode = BINARY): Buffer =>
  Buffer.concat(framesOf(opcode, [compressed(content)]));

interface Opened {
  readonly codec: FrameDecoder;
  readonly told: string[];
  readonly behind: boolean[];
}

function opened(handlers: Partial<DecoderHandlers> = {}, maxMessage = 64 * MIB): Opened {
  const told: string[] = [];
  const behind: boolean[] = [];
  const codec = openCodec(
    {
      onMessage: (data) => told.push(`${typeof data} ${data.length}`),
      onBehind: (isBehind) => behind.push(isBehind),
      onFault: (error) => told.push(error.code),
      ...handlers,
    },
    { maxMessage, inflation: { keepsContext: false, options: { windowBits: 15 } } },
  );
  return { codec, told, behind };
}

const ways: readonly (readonly [string, (codec: FrameDecoder, bytes: Uint8Array) => void])[] = [
  [
    'from the window',
    (codec, bytes) => {
      window.set(bytes);
      codec.feed(window, 0, bytes.length);
    },
  ],
  ['as a copy', (codec, bytes) => codec.feed(bytes)],
  [
    'cut in two',
    (codec, bytes) => {
      codec.feed(bytes.subarray(0, bytes.length >> 1));
      codec.feed(bytes.subarray(bytes.length >> 1));
    },
  ],
];

describe.each(ways)('a message of 5 MiB, %s,', (_, feed) => {
  it.each([
    [BINARY, 'object'],
    [TEXT, 'string'],
  ])('of opcode %i goes on in later turns', async (opcode, type) => {
    const { codec, told, behind } = opened();
    feed(codec, Buffer.concat([message(zeros(5 * MIB), opcode), message(Buffer.from('after'), TEXT)]));
    expect(told).toEqual([]);
    expect([codec.hasUnread, behind]).toEqual([true, [true]]);
    await vi.waitUntil(() => behind.length === 2);
    expect(told).toEqual([`${type} ${5 * MIB}`, 'string 5']);
    expect([codec.hasUnread, behind]).toEqual([false, [true, false]]);
  });
});

it('many messages of one chunk, each below the share of a turn, go on in later ones', async () => {
  const { codec, told } = opened();
  codec.feed(Buffer.concat(Array<Buffer>(20).fill(message(zeros(MIB / 2)))));
  expect(told.length).toBe(2);
  codec.feed(message(Buffer.from('behind them'), TEXT));
  await vi.waitUntil(() => told.length === 21);
  expect(told.at(-1)).toBe('string 11');
});

it('what exactly fills the share of a turn is told, and the next chunk waits for its turn', async () => {
  const { codec, told, behind } = opened();
  codec.feed(message(zeros(MIB)));
  codec.feed(message(Buffer.from('next'), TEXT));
  expect([told, behind]).toEqual([[`object ${MIB}`], [true]]);
  await vi.waitUntil(() => told.length === 2);
});

it('a message that was compressed to its end leaves the next one a clean block, in later turns, too', async () => {
  const { codec, told } = opened();
  const final = deflateRawSync(zeros(3 * MIB));
  codec.feed(
    Buffer.concat([...framesOf(BINARY, [final]), ...framesOf(BINARY, [final.subarray(0, 40), final.subarray(40)])]),
  );
  codec.feed(message(Buffer.from('after'), TEXT));
  await vi.waitUntil(() => told.length === 3);
  expect(told).toEqual([`object ${3 * MIB}`, `object ${3 * MIB}`, 'string 5']);
});

it('a pause meanwhile holds up the rest until resume, and a second one in a later turn', async () => {
  const { codec, told } = opened();
  codec.feed(Buffer.concat([message(zeros(5 * MIB)), message(zeros(5 * MIB))]));
  codec.pause();
  for (let i = 0; i < 5; i += 1) await setImmediate();
  expect(told).toEqual([]);
  codec.resume();
  await setImmediate();
  codec.pause();
  codec.resume();
  await vi.waitUntil(() => told.length === 2);
});

it('a handler that throws, or stops the decoder, in a later turn harms nothing else', async () => {
  const exceptions: unknown[] = [];
  const first = opened({
    onMessage: (data) => {
      first.told.push(`${data.length}`);
      if (first.told.length === 2) first.codec.stop();
      throw new Error('of a handler');
    },
    onException: (error) => exceptions.push(error),
  });
  first.codec.feed(Buffer.concat(Array<Buffer>(3).fill(message(zeros(3 * MIB)))));
  await vi.waitUntil(() => first.told.length === 2);
  for (let i = 0; i < 5; i += 1) await setImmediate();
  expect([first.told, exceptions.length]).toEqual([[`${3 * MIB}`, `${3 * MIB}`], 2]);
});

it('stopped while it is behind, it tells nothing more', async () => {
  const { codec, told } = opened();
  codec.feed(message(zeros(5 * MIB)));
  codec.stop();
  codec.textAs = 'bytes';
  codec.feed(message(zeros(1)));
  for (let i = 0; i < 5; i += 1) await setImmediate();
  expect(told).toEqual([]);
});

it('the limit, and data that cannot be inflated, are told in the turn that finds them', async () => {
  const limited = opened({}, 4 * MIB);
  limited.codec.feed(message(zeros(5 * MIB)));
  await vi.waitUntil(() => limited.told.length === 1);
  expect(limited.told).toEqual(['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
  const spoilt = opened();
  const data = Buffer.concat([compressed(zeros(3 * MIB)), Buffer.of(0xff, 0xff, 0xff)]);
  spoilt.codec.feed(Buffer.concat(framesOf(BINARY, [data])));
  await vi.waitUntil(() => spoilt.told.length === 1);
  expect(spoilt.told).toEqual(['WS_ERR_INVALID_DEFLATE_DATA']);
});

it('the short window is read like the long one', () => {
  const { codec, told } = opened();
  const bytes = message(Buffer.from('short'), TEXT);
  shortWindow.set(bytes);
  codec.feed(shortWindow, 0, bytes.length);
  expect(told).toEqual(['string 5']);
});
