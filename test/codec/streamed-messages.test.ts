// Messages told in pieces: joined they are what `onMessage` is told, wherever the stream is cut and however it comes, no piece ends
// inside a character, nothing but order holds them together with what is told as a whole, and limits hold for the latter as ever.

import { setImmediate } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecoderHandlers, DecoderOptions, PieceReceiver } from '../../src/codec/contract';
import type { FrameDecoder } from '../../src/codec/decoder';
import { StreamedMessages } from '../../src/codec/streamed-messages';
import { openCodec, TransportReader } from '../support/codecs';
import { framesOf, PeerDeflate } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { BINARY, frame, head, PING, TEXT } from '../support/raw-peer';

const KiB = 1024;
const MiB = 1024 * KiB;
const INFLATION = { keepsContext: true, options: { windowBits: 15 } };

/** 1 to 4 bytes each. */
const CHARACTERS = 'aé한😀z߿ࠀ￿𐀀􏿿~';
const long = (units: number): string => CHARACTERS.repeat(Math.ceil(units / CHARACTERS.length));

type Way = (codec: FrameDecoder, bytes: Uint8Array, size: number) => void;

const WAYS: readonly (readonly [string, Way])[] = [
  [
    'as copies',
    (codec, bytes, size) => {
      for (let at = 0; at < bytes.length; at += size) {
        const part = Buffer.from(bytes.subarray(at, at + size));
        codec.feed(part);
        part.fill(0xee);
      }
    },
  ],
  [
    'where it wants them',
    (codec, bytes, size) => {
      const reader = new TransportReader(codec);
      for (let at = 0; at < bytes.length; at += size) reader.readAll(bytes.subarray(at, at + size));
    },
  ],
];

/** What a decoder tells, as lines: those of messages are the same in pieces and as a whole. */
class Told {
  readonly lines: string[] = [];
  /** What was wrong with pieces. */
  readonly complaints: string[] = [];
  /** How many pieces each message had. */
  readonly counts: number[] = [];
  readonly codec: FrameDecoder;
  isOpen = false;

  constructor(
    streams: (isBinary: boolean, place: number) => boolean,
    options: Partial<DecoderOptions> = {},
    handlers: Partial<DecoderHandlers> = {},
  ) {
    let place = 0;
    this.codec = openCodec(
      {
        onMessage: (data, isBinary) => {
          if (this.isOpen) this.complaints.push('a message inside another one');
          this.lines.push(lineOf(isBinary, Buffer.from(data as string)));
        },
        onMessageStart: (isBinary) => {
          const isStreamed = streams(isBinary, place);
          place += 1;
          return isStreamed ? this.receiver(isBinary) : undefined;
        },
        onPing: (payload) => this.lines.push(`ping ${Buffer.from(payload)}`),
        onFault: (error) => this.lines.push(`${error.message} ${error.found}`),
        ...handlers,
      },
      { inflation: INFLATION, ...options },
    );
    this.codec.askStarts(StreamedMessages);
  }

  receiver(isBinary: boolean): PieceReceiver {
    const pieces: Buffer[] = [];
    if (this.isOpen) this.complaints.push('two at a time');
    this.isOpen = true;
    return {
      onPiece: (piece) => {
        if (!this.isOpen) this.complaints.push('a piece behind the end');
        if (piece.length === 0) this.complaints.push('an empty piece');
        if (isBinary !== (typeof piece !== 'string')) this.complaints.push(`a piece of type ${typeof piece}`);
        const bytes = Buffer.from(piece as string);
        if (typeof piece === 'string' && bytes.toString() !== piece) this.complaints.push(`half a character: ${piece}`);
        pieces.push(bytes);
      },
      onEnd: () => {
        if (!this.isOpen) this.complaints.push('two ends');
        this.isOpen = false;
        this.counts.push(pieces.length);
        this.lines.push(lineOf(isBinary, Buffer.concat(pieces)));
      },
    };
  }
}

function lineOf(isBinary: boolean, bytes: Buffer): string {
  const content = bytes.length > 200 ? `${bytes.length} bytes, ${hash(bytes)}` : bytes.toString('hex');
  return `${isBinary ? 'binary' : 'text'} ${content}`;
}

function hash(bytes: Buffer): number {
  let sum = 0;
  for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) | 0;
  return sum;
}

/** In frames of so many bytes, with a ping in between. */
function fragmented(opcode: number, content: Uint8Array, size: number): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < content.length; at += size) {
    const isLast = at + size >= content.length;
    frames.push(frame((isLast ? 0x80 : 0) | (at === 0 ? opcode : 0), content.subarray(at, at + size)));
    if (!isLast && at % 3 === 0) frames.push(frame(PING, `${at}`));
  }
  return Buffer.concat(frames);
}

function streamOf(text: string, bytes: Uint8Array, part: number): Buffer {
  const peer = new PeerDeflate();
  const content = Buffer.from(text);
  return Buffer.concat([
    frame(TEXT, text),
    frame(BINARY, bytes),
    frame(TEXT, ''),
    frame(BINARY, ''),
    // Empty frames at its beginning, in its midst and at its end.
    frame(0x01, ''),
    frame(PING, 'between'),
    frame(0x00, ''),
    frame(0x00, text),
    frame(0x00, ''),
    frame(0x80, ''),
    fragmented(1, content, part),
    fragmented(2, bytes, part),
    peer.frame(1, text),
    peer.frame(2, bytes),
    peer.frame(1, ''),
    ...peer.frames(1, content.subarray(0, part), content.subarray(part)),
    frame(0x02, ''),
    frame(0x80, ''),
    frame(TEXT, 'the last one'),
  ]);
}

function expected(stream: Uint8Array): string[] {
  const whole = new Told(() => false);
  whole.codec.askStarts(undefined);
  whole.codec.feed(stream);
  return whole.lines;
}

const CHOICES: readonly (readonly [string, (isBinary: boolean, place: number) => boolean])[] = [
  ['all', () => true],
  ['every second one', (_, place) => place % 2 === 0],
  ['text', (isBinary) => !isBinary],
  ['none', () => false],
];

describe.each(WAYS)('a stream that comes %s', (_, feed) => {
  it.each(CHOICES)('is the same with messages in pieces, at every split: %s', (_name, streams) => {
    const stream = streamOf(CHARACTERS, pattern(40), 7);
    const lines = expected(stream);
    expect(lines.filter((line) => !line.startsWith('ping'))).toHaveLength(13);
    for (let size = 1; size <= stream.length; size += 1) {
      const told = new Told(streams);
      feed(told.codec, stream, size);
      expect([told.lines, told.complaints, told.isOpen], `${size}`).toEqual([lines, [], false]);
      told.codec.stop();
    }
  });

  it.each(CHOICES)('is the same with long messages in pieces: %s', (_name, streams) => {
    const stream = streamOf(long(150_000), pattern(300_000), 70_001);
    const lines = expected(stream);
    for (const size of [stream.length, 524_288, 131_071, 65_536, 9_999]) {
      const told = new Told(streams);
      feed(told.codec, stream, size);
      expect([told.lines, told.complaints, told.isOpen], `${size}`).toEqual([lines, [], false]);
      told.codec.stop();
    }
  });
});

describe('a message in pieces', () => {
  it('is told as it comes: nothing of it is kept but the beginning of a character', () => {
    const told = new Told(() => true);
    const stream = frame(TEXT, `ab한${'x'.repeat(200_000)}`);
    const counts: number[] = [];
    for (let at = 0; at < stream.length; at += 1_000) {
      told.codec.feed(stream.subarray(at, at + 1_000));
      counts.push(told.codec.unreadBytes);
    }
    expect(new Set(counts)).toEqual(new Set([0]));
    expect(told.counts).toEqual([Math.ceil(stream.length / 1_000)]);
  });

  it('need not end: a binary frame of an exabyte is no reason to ask for room', () => {
    let bytes = 0;
    const codec = openCodec(
      { onMessageStart: () => ({ onPiece: (piece) => (bytes += piece.length), onEnd: () => {} }) },
      { maxMessage: 10 },
    );
    codec.askStarts(StreamedMessages);
    const reader = new TransportReader(codec);
    reader.readAll(head(BINARY, 2n ** 60n));
    const chunk = pattern(MiB);
    for (let count = 0; count < 20; count += 1) reader.readAll(chunk);
    expect([bytes, codec.unreadBytes]).toEqual([20 * MiB, 0]);
  });

  it('is still validated: a wrong byte is told at that byte, and no end follows', () => {
    const bytes = Buffer.concat([frame(0x01, 'good '), frame(0x80, Buffer.from([0x61, 0xe2, 0x28, 0xa1]))]);
    for (let size = 1; size <= bytes.length; size += 1) {
      const told = new Told(() => true);
      for (let at = 0; at < bytes.length; at += size) told.codec.feed(bytes.subarray(at, at + size));
      expect(told.lines).toEqual(['A text message is not valid UTF-8 (RFC 6455 §8.1). undefined']);
      expect([told.complaints, told.isOpen]).toEqual([[], true]);
    }
  });

  it('and what it inflates to is', () => {
    const bytes = new PeerDeflate().frame(1, Buffer.from([0x61, 0xff]));
    const told = new Told(() => true);
    told.codec.feed(bytes);
    expect(told.lines).toEqual(['A text message is not valid UTF-8 (RFC 6455 §8.1). undefined']);
  });

  it('that cannot be inflated is a fault, whatever of it was told', () => {
    const good = framesOf(2, new PeerDeflate().parts(pattern(300_000), 'rest'));
    const bad = Buffer.concat([good[0]!, frame(0x80, Buffer.of(0x07, 0x07, 0x07))]);
    const told = new Told(() => true, {}, { onException: (error) => told.complaints.push(String(error)) });
    told.codec.feed(bad);
    expect(told.lines).toEqual([expect.stringMatching(/^A compressed message cannot be inflated/)]);
    expect([told.complaints, told.isOpen]).toEqual([[], true]);
  });

  it('has at most so many fragments as all have', () => {
    const told = new Told(() => true, { maxFragments: 3 });
    told.codec.feed(fragmented(2, pattern(50), 10));
    expect(told.lines.at(-1)).toMatch(/more fragments .*maxFragments is 3/);
  });

  it('holds as many bytes as it says, in memory of the receiver', () => {
    const pieces: Uint8Array[] = [];
    const receiver = { onPiece: (piece: string | Uint8Array) => pieces.push(piece as Uint8Array), onEnd: () => {} };
    const codec = openCodec({ onMessageStart: () => receiver }, { isBinaryLent: true });
    codec.askStarts(StreamedMessages);
    const content = pattern(100_000);
    new TransportReader(codec).readAll(frame(BINARY, content));
    new TransportReader(codec).readAll(frame(BINARY, Buffer.alloc(100_000, 0xaa)));
    expect(Buffer.concat(pieces).subarray(0, content.length).equals(Buffer.from(content))).toBe(true);
  });
});

describe('the limit', () => {
  const LIMIT = 100;
  const tooLarge: readonly (readonly [string, Buffer])[] = [
    ['in one frame', frame(BINARY, pattern(LIMIT + 1))],
    ['in one frame of text', frame(TEXT, 'x'.repeat(70_000))],
    ['of text that is wrong besides', frame(TEXT, Buffer.alloc(LIMIT + 1, 0xff))],
    ['in fragments', fragmented(2, pattern(LIMIT * 2), 60)],
    ['in fragments of a byte', fragmented(2, pattern(LIMIT + 1), 1)],
    ['by what a header says', head(BINARY, 2n ** 40n)],
    ['by what a header says, beyond 2^53', head(TEXT, 2n ** 62n)],
    ['compressed, in its frame', frame(0xc2, pattern(LIMIT * 2))],
    ['compressed, in what it inflates to', new PeerDeflate().frame(2, Buffer.alloc(LIMIT + 1))],
  ];

  const isRefused = ({ lines }: Told): boolean => /larger than this connection accepts/.test(String(lines.at(-1)));

  it.each(tooLarge)('refuses what nobody takes in pieces at the same byte and in the same words, %s', (_, bytes) => {
    // A larger message before it, which somebody takes.
    const before = frame(BINARY, pattern(LIMIT * 7));
    for (let size = 1; size <= Math.min(bytes.length, 300); size += 1) {
      const plain = new Told(() => false, { maxMessage: LIMIT });
      plain.codec.askStarts(undefined);
      const told = new Told((_isBinary, place) => place === 0, { maxMessage: LIMIT });
      told.codec.feed(before);
      told.lines.length = 0;
      for (let at = 0; at < bytes.length && !isRefused(plain); at += size) {
        plain.codec.feed(bytes.subarray(at, at + size));
        told.codec.feed(bytes.subarray(at, at + size));
        expect(told.lines, `${size}, ${at}`).toEqual(plain.lines);
      }
      expect(isRefused(plain)).toBe(true);
      plain.codec.stop();
      told.codec.stop();
    }
  });

  it('is for each message by itself, in one chunk', () => {
    const one = frame(BINARY, pattern(LIMIT * 2));
    const told = new Told((_, place) => place < 3, { maxMessage: LIMIT });
    told.codec.feed(
      Buffer.concat([
        one,
        fragmented(1, Buffer.alloc(LIMIT * 3, 'x'), 7),
        one,
        frame(TEXT, 'short'),
        one,
        frame(BINARY, pattern(LIMIT * 5)),
      ]),
    );
    expect(told.lines.filter((line) => !line.startsWith('ping')).map((line) => line.slice(0, 30))).toEqual(
      [
        expect.stringMatching(/^binary /),
        expect.stringMatching(/^text 300 bytes/),
        expect.stringMatching(/^binary /),
        `text ${Buffer.from('short').toString('hex')}`,
        'The message is larger than this',
      ].map((line) => (typeof line === 'string' ? line.slice(0, 30) : line)),
    );
    expect(told.lines.at(-1)).toMatch(/it has at least 200 bytes, and maxMessageSize is 100\. 200$/);
  });

  it('is the smallest there can be, with a window full of messages that are larger', () => {
    const told = new Told(() => true, { maxMessage: 1 });
    new TransportReader(told.codec).readAll(Buffer.concat(Array.from({ length: 131_072 }, () => frame(BINARY, 'ab'))));
    expect([told.lines.length, new Set(told.lines), told.complaints]).toEqual([131_072, new Set(['binary 6162']), []]);
  });
});

describe('askStarts()', () => {
  it('holds from the next message on of which nothing was told: set in the midst of one', () => {
    const bytes = Buffer.from('0123456789');
    const stream = Buffer.concat([frame(0x02, bytes), frame(0x80, bytes), frame(BINARY, bytes)]);
    for (let at = 0; at <= stream.length; at += 1) {
      let asked = 0;
      const told = new Told(() => {
        asked += 1;
        return true;
      });
      told.codec.askStarts(undefined);
      told.codec.feed(stream.subarray(0, at));
      told.codec.askStarts(StreamedMessages);
      told.codec.feed(stream.subarray(at));
      const kept = [`binary ${bytes.toString('hex').repeat(2)}`, `binary ${bytes.toString('hex')}`];
      expect([told.lines, told.complaints], `${at}`).toEqual([kept, []]);
      // The headers have 2 bytes; behind the first byte of payload the message has begun.
      expect(asked, `${at}`).toBe(at <= 2 ? 2 : at < 27 ? 1 : 0);
      told.codec.stop();
    }
  });

  it('may be unset while one is told in pieces: that one goes on, whatever its size, and the next is limited', () => {
    const told = new Told(() => true, { maxMessage: 10 });
    told.codec.feed(frame(0x02, pattern(6)));
    told.codec.askStarts(undefined);
    told.codec.feed(frame(0x00, pattern(60)));
    told.codec.feed(frame(0x80, pattern(6)));
    told.codec.feed(frame(BINARY, pattern(11)));
    expect(told.lines).toEqual([
      expect.stringMatching(/^binary /),
      expect.stringMatching(/larger than this connection accepts: it has at least 11 bytes/),
    ]);
    expect(told.complaints).toEqual([]);
  });

  it('may be set and unset between any two, by whoever is told', () => {
    let place = 0;
    const change = (): void => {
      place += 1;
      told.codec.askStarts(place % 3 === 0 ? undefined : StreamedMessages);
    };
    const told: Told = new Told(
      () => true,
      {},
      {
        onPing: change,
      },
    );
    const parts = Array.from({ length: 60 }, (_, index) => [
      frame(index % 2 === 0 ? TEXT : BINARY, `message ${index}`),
      frame(PING, ''),
    ]).flat();
    told.codec.feed(Buffer.concat(parts));
    expect(told.lines.map((line) => Buffer.from(line.split(' ')[1]!, 'hex').toString())).toEqual(
      Array.from({ length: 60 }, (_, index) => `message ${index}`),
    );
    expect([told.counts.length, told.complaints]).toEqual([41, []]);
  });

  it('may be unset where it never was set: all is told as a whole', () => {
    const lines: string[] = [];
    const codec = openCodec({
      onMessage: (data) => lines.push(String(data)),
      onMessageStart: () => expect.unreachable(),
    });
    codec.askStarts(undefined);
    codec.feed(Buffer.concat([frame(TEXT, 'whole'), frame(0x01, 'in '), frame(0x80, 'frames')]));
    expect(lines).toEqual(['whole', 'in frames']);
  });

  it('is of no effect behind the end', () => {
    const told = new Told(() => true);
    told.codec.stop();
    told.codec.askStarts(undefined);
    told.codec.askStarts(StreamedMessages);
    expect(told.lines).toEqual([]);
  });
});

describe('a receiver', () => {
  const compressed = (bytes: number, opcode: number): Buffer => {
    const data = deflateRawSync(Buffer.alloc(bytes, 'a'), { finishFlush: constants.Z_SYNC_FLUSH });
    return Buffer.concat(framesOf(opcode, [data.subarray(0, -4)]));
  };

  it.each([
    ['plain', Buffer.concat([frame(BINARY, pattern(MiB)), frame(TEXT, long(300_000)), frame(TEXT, 'end')])],
    ['compressed', Buffer.concat([compressed(6 * MiB, 2), compressed(3 * MiB, 1), frame(TEXT, 'end')])],
    ['small', Buffer.concat(Array.from({ length: 2_000 }, (_, index) => frame(TEXT, `é${index}`)))],
  ])('that pauses at each piece is told nothing more until resume(), and loses nothing: %s', async (_, stream) => {
    let isPaused = false;
    let behind = 0;
    let pauses = 0;
    const complaints: string[] = [];
    const lines: string[] = [];
    const codec: FrameDecoder = openCodec(
      {
        onBehind: (isBehind) => {
          behind += isBehind ? 1 : 0;
        },
        onMessageStart: (isBinary) => {
          const pieces: Buffer[] = [];
          return {
            onPiece: (piece) => {
              if (isPaused) complaints.push('told in a pause');
              pieces.push(Buffer.from(piece as string));
              isPaused = true;
              codec.pause();
            },
            onEnd: () => lines.push(lineOf(isBinary, Buffer.concat(pieces))),
          };
        },
      },
      { inflation: INFLATION },
    );
    codec.askStarts(StreamedMessages);
    const lines2 = expected(stream);
    const reader = new TransportReader(codec);
    for (let at = 0; at < stream.length; at += 524_288) {
      reader.readAll(stream.subarray(at, at + 524_288));
      while (codec.hasUnread || isPaused) {
        isPaused = false;
        pauses += 1;
        codec.resume();
        await setImmediate();
        await Promise.resolve();
      }
    }
    expect([lines, complaints]).toEqual([lines2, []]);
    expect(pauses).toBeGreaterThan(2);
    expect(behind).toBeLessThanOrEqual(pauses);
  });

  it('has what a turn of the event loop is given, and no more, of what inflates', async () => {
    let bytes = 0;
    const receiver = { onPiece: (piece: string | Uint8Array) => (bytes += piece.length), onEnd: () => {} };
    const codec = openCodec(
      { onMessageStart: () => receiver, onBehind: () => {} },
      { maxMessage: 10, inflation: INFLATION },
    );
    codec.askStarts(StreamedMessages);
    codec.feed(compressed(20 * MiB, 2));
    const seen = [bytes];
    while (codec.hasUnread) {
      await setImmediate();
      seen.push(bytes);
    }
    expect(bytes).toBe(20 * MiB);
    const steps = seen.map((count, place) => count - (seen[place - 1] ?? 0));
    expect(Math.max(...steps)).toBeLessThanOrEqual(MiB + 131_072);
  });

  it('and so where each piece is paused at and resumed at once', async () => {
    let bytes = 0;
    const codec: FrameDecoder = openCodec(
      {
        onMessageStart: () => ({
          onPiece: (piece) => {
            bytes += piece.length;
            codec.pause();
            Promise.resolve().then(() => codec.resume());
          },
          onEnd: () => {},
        }),
        onBehind: () => {},
      },
      { inflation: INFLATION },
    );
    codec.askStarts(StreamedMessages);
    codec.feed(compressed(9 * MiB, 2));
    let most = 0;
    while (codec.hasUnread) {
      const before = bytes;
      await setImmediate();
      most = Math.max(most, bytes - before);
    }
    expect(bytes).toBe(9 * MiB);
    expect(most).toBeLessThanOrEqual(MiB + 131_072);
  });

  it.each([
    ['plain', frame(BINARY, pattern(200_000))],
    ['compressed', compressed(3 * MiB, 2)],
  ])('that stops the decoder hears nothing more: %s', async (_, bytes) => {
    const told: string[] = [];
    const codec: FrameDecoder = openCodec(
      {
        onMessageStart: () => ({
          onPiece: () => {
            told.push('piece');
            codec.stop();
          },
          onEnd: () => told.push('end'),
        }),
        onException: (error) => told.push(String(error)),
        onBehind: () => {},
      },
      { inflation: INFLATION },
    );
    codec.askStarts(StreamedMessages);
    codec.feed(bytes.subarray(0, 2_000));
    codec.feed(bytes.subarray(2_000));
    await setImmediate();
    expect([told, codec.hasUnread]).toEqual([['piece'], false]);
  });
});

describe('any stream', () => {
  const content = fc.oneof(
    fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 60 }).map((characters) => characters.join('')),
    fc.uint8Array({ maxLength: 300 }),
    fc.nat(200_000).map((length) => pattern(length)),
  );
  const part = fc.record({
    content,
    cuts: fc.array(fc.nat(1_000_000), { maxLength: 6 }),
    isCompressed: fc.boolean(),
    isStreamed: fc.boolean(),
    pauses: fc.boolean(),
  });

  it('is told the same in pieces, cut and paused anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(70_000), { minLength: 1, maxLength: 12 }),
        fc.boolean(),
        async (parts, sizes, isRead) => {
          const peer = new PeerDeflate();
          const stream = Buffer.concat(
            parts.flatMap(({ content: one, cuts, isCompressed }) => {
              const bytes = Buffer.from(one as string);
              const at = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
              const pieces = at.map((end, place) => bytes.subarray(at[place - 1] ?? 0, end));
              const opcode = typeof one === 'string' ? 1 : 2;
              if (isCompressed) return peer.frames(opcode, ...pieces);
              return pieces.map((piece, place) =>
                frame((place === 0 ? opcode : 0) | (place === pieces.length - 1 ? 0x80 : 0), piece),
              );
            }),
          );
          const told: Told = new Told((_, place) => parts[place]!.isStreamed);
          const pausing = told.receiver.bind(told);
          let count = 0;
          told.receiver = (isBinary) => {
            const receiver = pausing(isBinary);
            const pause = (): void => {
              count += 1;
              if (parts[count % parts.length]!.pauses) told.codec.pause();
            };
            return {
              onPiece: (piece) => {
                receiver.onPiece(piece);
                pause();
              },
              onEnd: () => {
                receiver.onEnd();
                pause();
              },
            };
          };
          const reader = new TransportReader(told.codec);
          for (let at = 0, turn = 0; at < stream.length; turn += 1) {
            const size = sizes[turn % sizes.length]! + 1;
            if (isRead) at += reader.read(stream.subarray(at, at + size));
            else {
              told.codec.feed(stream.subarray(at, at + size));
              at += size;
            }
            told.codec.resume();
            await Promise.resolve();
          }
          for (let turn = 0; told.codec.hasUnread && turn < 10_000; turn += 1) {
            told.codec.resume();
            await setImmediate();
          }
          expect([told.lines, told.complaints, told.isOpen]).toEqual([expected(stream), [], false]);
          told.codec.stop();
        },
      ),
      { numRuns: 150 },
    );
  });
});
