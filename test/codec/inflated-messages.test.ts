// What a decoder makes of compressed messages (RFC 7692 §6.2, §7.2.2): the examples of the RFC and streams of every kind, whole,
// byte by byte and at every chunk size, with pauses, compared with what was compressed and with what the npm package `ws` makes
// of them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InflateOptions } from '../../src/framing';
import { PeerDeflate, RSV1, TAIL } from '../support/compressed-frames';
import { open, pattern } from '../support/decoders';
import { frame } from '../support/raw-peer';
import { PerMessageDeflate, Receiver } from '../support/ws-internals';

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** What is told of these bytes, in chunks of so many; with `pauses`, each callback pauses until all that is due has happened. */
async function told(
  bytes: Uint8Array,
  size: number,
  options: InflateOptions | true = true,
  pauses = false,
): Promise<string[]> {
  const lines: string[] = [];
  const tell = (line: string): void => {
    lines.push(line);
    if (pauses) decoder.pause();
  };
  const decoder = open({
    perMessageDeflate: options,
    onMessage: (data, isBinary) => tell(isBinary ? `binary ${Buffer.from(data).toString('hex')}` : `text ${data}`),
    onPing: (payload) => tell(`ping ${Buffer.from(payload)}`),
    onPong: (payload) => tell(`pong ${Buffer.from(payload)}`),
    onClose: (code, reason) => tell(`close ${code} ${reason}`),
    onError: (error) => tell(`${error.code} ${error.status}`),
  });
  for (let at = 0; at < bytes.length; at += size) {
    decoder.feed(bytes.subarray(at, at + size));
    if (!pauses) continue;
    decoder.resume();
    await null;
  }
  for (let before = -1; pauses && before !== lines.length; ) {
    before = lines.length;
    decoder.resume();
    await null;
  }
  decoder.close();
  return lines;
}

const HELLO = 'text Hello';
const EXAMPLES: readonly (readonly [section: string, bytes: string, lines: readonly string[]])[] = [
  ['§7.2.3.1, one block', 'c1 07 f2 48 cd c9 c9 07 00', [HELLO]],
  ['§7.2.3.1, in two frames', '41 03 f2 48 cd 80 04 c9 c9 07 00', [HELLO]],
  ['§7.2.3.2, a window that is shared', 'c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00', [HELLO, HELLO]],
  ['§7.2.3.3, a block without compression', 'c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00', [HELLO]],
  ['§7.2.3.4, a block with BFINAL', 'c1 08 f3 48 cd c9 c9 07 00 00', [HELLO]],
  ['§7.2.3.4, and a message behind it', 'c1 08 f3 48 cd c9 c9 07 00 00 c1 07 f2 48 cd c9 c9 07 00', [HELLO, HELLO]],
  ['§7.2.3.5, two blocks', 'c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00', [HELLO]],
  ['§7.2.3.6, an empty message', 'c1 01 00', ['text ']],
  ['§7.2.3.6, an empty fragment at the end', '41 07 f2 48 cd c9 c9 07 00 80 00', [HELLO]],
  ['an empty fragment at the beginning', '41 00 80 07 f2 48 cd c9 c9 07 00', [HELLO]],
  ['§6.1, control frames in between', '41 03 f2 48 cd 89 01 61 80 04 c9 c9 07 00', ['ping a', HELLO]],
  [
    '§6, a message that is not compressed',
    '81 02 48 69 c1 07 f2 48 cd c9 c9 07 00 82 01 ff',
    ['text Hi', HELLO, 'binary ff'],
  ],
  ['binary', 'c2 07 f2 48 cd c9 c9 07 00', ['binary 48656c6c6f']],
  ['blocks with BFINAL only', 'c2 0a 03 00 03 00 03 00 f3 48 05 00', ['binary 4865']],
];

describe('the examples of RFC 7692', () => {
  it.each(EXAMPLES)('%s', async (_, digits, lines) => {
    const bytes = hex(digits);
    for (let size = 1; size <= bytes.length; size += 1) {
      expect(await told(bytes, size), `in chunks of ${size}`).toEqual(lines);
      expect(await told(bytes, size, true, true), `in chunks of ${size}, with pauses`).toEqual(lines);
    }
  });
});

const CORRUPT: readonly (readonly [what: string, bytes: Uint8Array, line: string])[] = [
  ['a block of type 3', hex('c1 01 07'), 'WS_ERR_INVALID_DEFLATE_DATA 1007'],
  ['a stored block of the wrong length', hex('c1 06 00 05 00 fa fe 48'), 'WS_ERR_INVALID_DEFLATE_DATA 1007'],
  ['nothing at all, which is no block', hex('c1 00'), 'WS_ERR_INVALID_DEFLATE_DATA 1007'],
  ['a reference to what never came', hex('c1 05 f2 00 11 00 00'), 'WS_ERR_INVALID_DEFLATE_DATA 1007'],
  ['text of invalid UTF-8', new PeerDeflate().frame(1, hex('61 ff')), 'WS_ERR_INVALID_UTF8 1007'],
  ['text that ends inside a character', new PeerDeflate().frame(1, hex('61 e2 82')), 'WS_ERR_INVALID_UTF8 1007'],
  ['RSV1 on a continuation', hex('41 03 f2 48 cd c0 04 c9 c9 07 00'), 'WS_ERR_UNEXPECTED_RSV_1 1002'],
  ['RSV1 on a ping', hex('c9 00'), 'WS_ERR_UNEXPECTED_RSV_1 1002'],
  ['RSV1 on a close frame', hex('c8 00'), 'WS_ERR_UNEXPECTED_RSV_1 1002'],
  ['RSV1 on a reserved opcode', hex('c3 00'), 'WS_ERR_UNEXPECTED_RSV_1 1002'],
  ['RSV2', hex('a1 00'), 'WS_ERR_UNEXPECTED_RSV_2_3 1002'],
  ['RSV1 and RSV3', hex('d1 00'), 'WS_ERR_UNEXPECTED_RSV_2_3 1002'],
];

describe('what is wrong', () => {
  it.each(CORRUPT)('%s: told once, and nothing behind it', async (_, bytes, line) => {
    const stream = Buffer.concat([frame(0x81, 'before'), bytes, frame(0x81, 'behind')]);
    for (let size = 1; size <= stream.length; size += 1) {
      expect(await told(stream, size)).toEqual(['text before', line]);
      expect(await told(stream, size, true, true)).toEqual(['text before', line]);
    }
  });

  it('RSV1 where nothing was agreed', () => {
    const codes: string[] = [];
    open({ onError: ({ code }) => codes.push(code) }).feed(hex('c1'));
    expect(codes).toEqual(['WS_ERR_UNEXPECTED_RSV_1']);
  });

  it('UTF-8 that no continuation can mend, before the message is whole', async () => {
    const [first] = new PeerDeflate().frames(1, hex('61 62 ff'), 'never comes');
    expect(await told(first!, first!.length)).toEqual(['WS_ERR_INVALID_UTF8 1007']);
  });

  it('what zlib says of it is the cause', () => {
    const causes: unknown[] = [];
    open({ perMessageDeflate: true, onError: ({ cause, message }) => causes.push(cause, message) }).feed(
      hex('c1 01 07'),
    );
    expect(causes).toEqual([
      expect.objectContaining({ code: 'Z_DATA_ERROR', message: 'invalid block type' }),
      'A compressed message cannot be inflated (RFC 7692 §6.2): invalid block type.',
    ]);
  });

  it.each([8, 9, 10, 12, 14])('a reference further back than the window of %i bits', async (windowBits) => {
    const window = 1 << windowBits;
    // What stands at the beginning comes again at the end; with a small window it could not be referred to.
    const content = Buffer.concat([pattern(200, 1), pattern(window * 1.5, 2), pattern(200, 1)]);
    const wide = new PeerDeflate({ level: 9 }).frame(2, content);
    expect(await told(wide, wide.length, { maxWindowBits: 15 })).toEqual([`binary ${content.toString('hex')}`]);
    for (const size of [1, 100, wide.length]) {
      expect(await told(wide, size, { maxWindowBits: windowBits })).toEqual(['WS_ERR_INVALID_DEFLATE_DATA 1007']);
    }
  });

  it('a reference to an earlier message where each was to stand by itself', async () => {
    const peer = new PeerDeflate();
    const bytes = Buffer.concat([peer.frame(1, 'a sentence'), peer.frame(1, 'a sentence')]);
    const lines = await told(bytes, bytes.length, { noContextTakeover: true });
    expect(lines).toEqual(['text a sentence', 'WS_ERR_INVALID_DEFLATE_DATA 1007']);
  });
});

// Streams of everything.

interface Message {
  readonly isText: boolean;
  readonly isCompressed: boolean;
  readonly parts: readonly string[];
  readonly ping: string | undefined;
}

const words = fc.constantFrom('price', 'quantity', '"', '{}', 'é', '한국어', '😀', ' ', 'x'.repeat(40), '\u0000');
const part = fc.array(words, { maxLength: 60 }).map((list) => list.join(''));
const message: fc.Arbitrary<Message> = fc.record({
  isText: fc.boolean(),
  isCompressed: fc.boolean(),
  parts: fc.array(part, { minLength: 1, maxLength: 4 }),
  ping: fc.option(fc.constantFrom('', 'still there?'), { nil: undefined }),
});
const stream = fc.record({
  messages: fc.array(message, { minLength: 1, maxLength: 8 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  keepsContext: fc.boolean(),
  level: fc.integer({ min: 0, max: 9 }),
  sizes: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 5 }),
});

function bytesOf(messages: readonly Message[], peer: PeerDeflate): Buffer {
  const frames = messages.flatMap(({ isText, isCompressed, parts, ping }) => {
    const payloads = isCompressed ? peer.parts(...parts) : parts.map((text) => Buffer.from(text));
    return payloads.flatMap((payload, place) => {
      const first = place === 0 ? (isText ? 1 : 2) | (isCompressed ? RSV1 : 0) : 0;
      const data = frame(place === payloads.length - 1 ? 0x80 | first : first, payload);
      return ping === undefined ? [data] : [data, frame(0x89, ping)];
    });
  });
  return Buffer.concat(frames);
}

/** What `ws` makes of it. */
function toldByWs(bytes: Buffer, sizes: readonly number[], count: number): Promise<string[]> {
  const deflate = new PerMessageDeflate({ isServer: false });
  deflate.accept([{}]);
  const receiver = new Receiver({ extensions: { 'permessage-deflate': deflate }, isServer: false });
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    receiver.on('error', reject);
    receiver.on('message', (data: Buffer, isBinary: boolean) => {
      lines.push(isBinary ? `binary ${data.toString('hex')}` : `text ${data}`);
      if (lines.length === count) {
        deflate.cleanup();
        resolve(lines);
      }
    });
    for (let at = 0, i = 0; at < bytes.length; i += 1) {
      const size = sizes[i % sizes.length]!;
      receiver.write(bytes.subarray(at, at + size));
      at += size;
    }
  });
}

describe('streams of messages, compressed or not, in frames and chunks of any size', () => {
  it('are told as they were compressed', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(stream, async ({ messages, windowBits, keepsContext, level, sizes }) => {
        const bytes = bytesOf(messages, new PeerDeflate({ windowBits, keepsContext, level }));
        const expected = messages.flatMap(({ isText, parts, ping }) => {
          const whole = parts.join('');
          const pings = ping === undefined ? [] : [`ping ${ping}`];
          const line = isText ? `text ${whole}` : `binary ${Buffer.from(whole).toString('hex')}`;
          return [...parts.slice(1).flatMap(() => pings), line, ...pings];
        });
        const options = { maxWindowBits: windowBits, noContextTakeover: !keepsContext };
        for (const size of [...sizes, 1, bytes.length]) {
          expect(await told(bytes, size, options)).toEqual(expected);
        }
        expect(await told(bytes, sizes[0]!, options, true)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('are told as the npm package ws tells them', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(stream, async ({ messages, windowBits, keepsContext, level, sizes }) => {
        const bytes = bytesOf(messages, new PeerDeflate({ windowBits, keepsContext, level }));
        const lines = await told(bytes, sizes[0]!, { maxWindowBits: windowBits, noContextTakeover: !keepsContext });
        const messagesTold = lines.filter((line) => !line.startsWith('ping'));
        expect(messagesTold).toEqual(await toldByWs(bytes, sizes, messages.length));
      }),
      { numRuns: 100 },
    );
  });

  it('of any size up to 1 MiB, at any cut', async () => {
    const peer = new PeerDeflate();
    const contents = [0, 1, 125, 126, 65_535, 65_536, 131_071, 131_072, 131_073, 400_000, 1_048_576].map((size) =>
      'é{"a":1}'.repeat(size / 9 + 1).slice(0, size),
    );
    const bytes = Buffer.concat(
      contents.flatMap((content, i) =>
        i % 2 ? [peer.frame(1, content)] : peer.frames(2, content.slice(0, 10), content.slice(10)),
      ),
    );
    const expected = contents.map((content, i) =>
      i % 2 ? `text ${content}` : `binary ${Buffer.from(content).toString('hex')}`,
    );
    for (const size of [7, 1_000, 65_536, bytes.length]) expect(await told(bytes, size)).toEqual(expected);
  });
});

describe('where frames are wanted', () => {
  it('compressed data comes as it is, with rsv1 on its first frame', () => {
    const frames: unknown[] = [];
    const decoder = open({
      perMessageDeflate: true,
      onFrame: (one) => frames.push({ ...one, payload: Buffer.from(one.payload).toString('hex') }),
    });
    decoder.feed(hex('41 03 f2 48 cd 80 04 c9 c9 07 00 81 01 61'));
    expect(frames).toEqual([
      { opcode: 1, fin: false, payload: 'f248cd', rsv1: true },
      { opcode: 0, fin: true, payload: 'c9c90700', rsv1: false },
      { opcode: 1, fin: true, payload: '61', rsv1: false },
    ]);
  });
});

describe('limits', () => {
  const verdict = async (bytes: Uint8Array, size: number, maxMessageSize: number): Promise<string[]> => {
    const lines: string[] = [];
    const decoder = open({
      perMessageDeflate: true,
      maxMessageSize,
      onMessage: (data) => lines.push(`${data.length}`),
      onError: ({ status, message }) => lines.push(`${status} ${message}`),
    });
    for (let at = 0; at < bytes.length; at += size) decoder.feed(bytes.subarray(at, at + size));
    return lines;
  };
  const tooBig = (size: number, most: number): string =>
    `1009 The message is larger than this connection accepts: it inflates to at least ${size} bytes, and maxMessageSize is ${most}.`;

  it('are those of what a message inflates to, to the byte, in one frame or several', async () => {
    for (const most of [1, 100, 131_072, 200_000]) {
      for (const parts of [['x'.repeat(most)], ['x', 'x'.repeat(most - 1)]]) {
        const right = Buffer.concat(new PeerDeflate().frames(2, ...parts));
        const wrong = Buffer.concat(new PeerDeflate().frames(2, ...parts, 'x'));
        for (const size of [1, wrong.length]) {
          expect(await verdict(right, size, most)).toEqual([`${most}`]);
          expect(await verdict(wrong, size, most)).toEqual([tooBig(most + 1, most)]);
        }
      }
    }
  });

  it('are per message: the next one begins at nothing', async () => {
    const peer = new PeerDeflate();
    const bytes = Buffer.concat([
      peer.frame(2, 'x'.repeat(100)),
      peer.frame(1, 'x'.repeat(100)),
      peer.frame(1, 'x'.repeat(101)),
    ]);
    expect(await verdict(bytes, 3, 100)).toEqual(['100', '100', tooBig(101, 100)]);
  });

  it('let a message through whose compressed form is larger than itself', async () => {
    // Level 0 stores, the fixed codes of random bytes take nine bits for eight.
    for (const options of [{ level: 0 }, { strategy: 4 }]) {
      for (const size of [1, 10, 1_000, 200_000]) {
        const bytes = new PeerDeflate(options).frame(2, pattern(size));
        expect(await verdict(bytes, bytes.length, size)).toEqual([`${size}`]);
      }
    }
  });

  it('refuse a frame by its header that could not be such a message', async () => {
    const [line] = await verdict(hex('c2 7f 00 00 00 00 00 10 00 00'), 1, 1_000);
    expect(line).toBe(
      '1009 The message is larger than this connection accepts: it has at least 1048576 bytes, and maxMessageSize is 1000.',
    );
  });

  it('end the stream that is left where it is: the tail is never waited for', async () => {
    const zeros = new PeerDeflate().parts(Buffer.alloc(1_000_000))[0]!;
    const header = Buffer.of(0x42, 126, 0, 0);
    header.writeUInt16BE(zeros.length, 2);
    expect(await verdict(Buffer.concat([header, zeros.subarray(0, 200), TAIL]), 50, 1_000)).toEqual([
      tooBig(1_001, 1_000),
    ]);
  });
});
