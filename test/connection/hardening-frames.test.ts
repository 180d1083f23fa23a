// What a hostile or broken peer gets for its frames: each line of the list has one test, by its name, over a real socket wherever
// a socket matters. Whatever is not needed for the verdict is never sent, so a verdict that waited for it would never come. The
// matrices behind the lines are in codec/decoder.test.ts, codec/decoder-limits.test.ts, codec/inflated-messages.test.ts and
// frames.md.

import { describe, expect, it } from 'vitest';
import type { AsyncTcpConnection, WsimdError } from '../../src/index';
import { agreedTo } from '../support/agreed-peer';
import { bystander, compressedBystander } from '../support/bystander';
import { framesOf, PeerDeflate } from '../support/compressed-frames';
import { open, pattern } from '../support/decoders';
import { answered, correct, openTo, refusal } from '../support/hostile-peer';
import { BINARY, CLOSE, closeFrame, frame, statusOf, TEXT } from '../support/raw-peer';
import { firstBadByte } from '../support/reference';

const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex');

/** The header of a binary frame (or of another one) with a length of 64 bits, and nothing behind it. */
function header64(length: bigint, first = 0x82): Buffer {
  const header = Buffer.of(first, 127, 0, 0, 0, 0, 0, 0, 0, 0);
  header.writeBigUInt64BE(length, 2);
  return header;
}

const reserved = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
const RULES: readonly (readonly [rule: string, bytes: string, code: string])[] = [
  ['masked server frame', '81 80', 'WS_ERR_UNEXPECTED_MASK'],
  ['masked server frame, a ping', '89 85', 'WS_ERR_UNEXPECTED_MASK'],
  ['RSV without an extension, RSV1', 'c1', 'WS_ERR_UNEXPECTED_RSV_1'],
  ['RSV without an extension, RSV2', 'a1', 'WS_ERR_UNEXPECTED_RSV_2_3'],
  ['RSV without an extension, RSV3 on a ping', '99', 'WS_ERR_UNEXPECTED_RSV_2_3'],
  ...reserved.map(
    (opcode) => [`unknown opcode, ${opcode}`, `8${opcode.toString(16)}`, 'WS_ERR_INVALID_OPCODE'] as const,
  ),
  ['fragmented control frame, close', '08', 'WS_ERR_EXPECTED_FIN'],
  ['fragmented control frame, ping', '09', 'WS_ERR_EXPECTED_FIN'],
  ['fragmented control frame, pong', '0a', 'WS_ERR_EXPECTED_FIN'],
  ['> 125 B control frame, close of 126', '88 7e', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
  ['> 125 B control frame, ping of 126', '89 7e', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
  ['> 125 B control frame, pong of 65,536', '8a 7f', 'WS_ERR_INVALID_CONTROL_PAYLOAD_LENGTH'],
  ['continuation without a start', '80', 'WS_ERR_INVALID_OPCODE'],
  ['continuation without a start, not the last', '00', 'WS_ERR_INVALID_OPCODE'],
  ['new data frame inside a message', '01 01 61 81', 'WS_ERR_INVALID_OPCODE'],
  ['new data frame inside a message, of the other kind', '01 01 61 82', 'WS_ERR_INVALID_OPCODE'],
  ['length not minimal, 125 in 16 bits', '82 7e 00 7d', 'WS_ERR_INVALID_PAYLOAD_LENGTH'],
  ['length not minimal, 65,535 in 64 bits', '82 7f 00 00 00 00 00 00 ff ff', 'WS_ERR_INVALID_PAYLOAD_LENGTH'],
  ['length with the top bit set', '82 7f 80', 'WS_ERR_INVALID_PAYLOAD_LENGTH'],
];

describe('Frames', () => {
  it.each(RULES)('%s: 1002', async (_, bytes, code) => {
    const { status, error } = await refusal(hex(bytes));
    expect([status, error.code, error.status]).toEqual([1002, code, 1002]);
  });

  it.each([
    ['2^32 + 5', 2n ** 32n + 5n],
    ['2^53 + 1', 2n ** 53n + 1n],
    ['2^62', 2n ** 62n],
    ['2^63 - 1', 2n ** 63n - 1n],
  ])('lengths are 64-bit integers, never floats, CVE-2026-1528, CVE-2026-54466: %s', async (_, length) => {
    // Whatever the limit, and whatever the message has already: no sum comes round to a small number.
    for (const bytes of [header64(length), Buffer.concat([frame(0x02, 'x'.repeat(5)), header64(length, 0x80)])]) {
      for (const maxPackageSize of [1, 10 * 1024 * 1024, 2 ** 32 + 4]) {
        const { status, error } = await refusal(bytes, (connection) => Object.assign(connection, { maxPackageSize }));
        const expected = maxPackageSize < 5 && bytes.length > 10 ? 'has at least 5 bytes' : 'has at least';
        expect(error.message).toContain(expected);
        expect([status, error.code]).toEqual([1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
      }
    }
  });

  it('lengths are 64-bit integers: none loses its upper half', () => {
    const told: unknown[] = [];
    const handlers = { onMessage: (data: unknown) => told.push(data), onError: (error: unknown) => told.push(error) };
    const decoder = open({ maxMessageSize: 2 ** 53 - 1, ...handlers });
    decoder.feed(header64(2n ** 32n + 5n));
    // Five bytes would end the message, and the next would be one of its own.
    decoder.feed(Buffer.concat([Buffer.from('12345'), frame(TEXT, 'not a frame'), frame(0xff, 'not a frame either')]));
    expect(told).toEqual([]);
  });

  it('refused by the header, before a byte is kept or allocated', () => {
    const errors: WsimdError[] = [];
    const onError = (error: WsimdError): number => errors.push(error);
    const before = process.memoryUsage().arrayBuffers;
    for (let i = 0; i < 2_000; i += 1) {
      const decoder = open({ onError });
      decoder.feed(header64(2n ** 62n));
      decoder.feed(Buffer.alloc(64));
      decoder.close();
    }
    expect(errors.length).toBe(2_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });
});

describe('Sizes', () => {
  it('limits on by default: message', async () => {
    const { status, error } = await refusal(header64(10n * 1024n * 1024n + 1n));
    expect([status, error.code]).toEqual([1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
  });

  it('limits on by default: fragments per message (131,072, empty ones count)', async () => {
    // A message of one byte for each frame, and two bytes for each of its headers.
    const fragments = Buffer.alloc(2 * 131_072);
    fragments[0] = 0x01;
    const { status, error } = await refusal(Buffer.concat([fragments, hex('80 01')]));
    expect([status, error.code]).toEqual([1008, 'WS_ERR_TOO_MANY_BUFFERED_PARTS']);
  });

  it('legal messages of 65,537 fragments are not refused, CVE-2026-48779, CVE-2026-62389, CVE-2026-12151', async () => {
    const { log, peer } = await openTo();
    const fragment = hex('00 01 78');
    peer.write(hex('01 01 78'), ...Array<Buffer>(65_535).fill(fragment), hex('80 01 78'));
    await log.until(({ messages }) => messages.length === 1);
    expect(log.messages[0] === 'x'.repeat(65_537)).toBe(true);
  });

  it('a fragmented message is counted as a whole, CVE-2026-9675; 1009', async () => {
    const fragments = Array.from({ length: 10 }, (_, i) => frame(i === 0 ? 0x02 : 0x00, 'x'.repeat(100)));
    const atLimit = Buffer.concat(fragments);
    const { status, error } = await refusal(Buffer.concat([atLimit, hex('00 01')]), (connection) => {
      connection.maxPackageSize = 1_000;
    });
    expect([status, error.code]).toEqual([1009, 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH']);
  });

  it('a declared length allocates nothing by itself', () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 1_000 }, () => open({ maxMessageSize: 2 ** 53 - 1 }));
    for (const decoder of decoders) decoder.feed(Buffer.concat([header64(2n ** 53n - 1n), Buffer.from('x')]));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });

  it('error texts name the option, the limit and the size that broke it', async () => {
    const limited = (connection: object): unknown => Object.assign(connection, { maxPackageSize: 4_321 });
    const { error } = await refusal(header64(2n ** 32n + 5n), limited);
    for (const part of ['maxPackageSize', '4321', '4294967301']) expect(error.message).toContain(part);
    const errors: WsimdError[] = [];
    open({ maxMessageSize: 10, onError: (error) => errors.push(error) }).feed(hex('82 0b'));
    open({ maxFragments: 2, onError: (error) => errors.push(error) }).feed(hex('02 00 00 00 80 00'));
    expect(errors[0]!.message).toMatch(/\b11 bytes\b.*\bmaxMessageSize is 10\b/);
    expect(errors[1]!.message).toMatch(/\bmaxFragments is 2\b/);
  });
});

describe('UTF-8', () => {
  const close = closeFrame(1000, 'good so far').subarray(2).toString('hex');
  it.each([
    ['a byte that no text has', '81 7d 41 ff'],
    ['an overlong form', '81 7d 41 c0'],
    ['an overlong form of three bytes', '81 7d e0 80'],
    ['a surrogate', '81 7d ed a0'],
    ['a code point above U+10FFFF', '81 7d f4 90'],
    ['a continuation without a lead byte, in a frame that declares 10 MB', '81 7f 00 00 00 00 00 98 96 80 41 80'],
    ['a character that a frame begins and the next does not continue', '01 02 e2 82 00 7d 41'],
    ['a character that the message does not end', '81 02 e2 82'],
    ['a reason', `88 7d ${close} ff`],
    ['a reason, inside a character', `88 7d ${close} f0 80`],
  ])('1007 at the first bad byte, before the rest of the frame or message has arrived: %s', async (_, bytes) => {
    const { status, error } = await refusal(hex(bytes));
    expect([status, error.code]).toEqual([1007, 'WS_ERR_INVALID_UTF8']);
  });

  // Every sequence of up to four bytes, at every split, is in core/utf8.test.ts.
  it.each(['c3 28', 'e2 28', 'e2 82 28', 'f0 28', 'f0 90 28', 'f0 9f a6 28', 'ed a0 80', 'f4 90 80 80', 'ff'])(
    'not before the first bad byte, in text and in close reasons: %s',
    (sequence) => {
      const text = Buffer.concat([Buffer.from('다람쥐 🦊 '.repeat(4)), hex(sequence), Buffer.alloc(3)]);
      const bad = firstBadByte(text);
      for (const head of [hex('81 7d'), hex('88 7d 03 e8')]) {
        const errors: WsimdError[] = [];
        const decoder = open({ onError: (error) => errors.push(error) });
        decoder.feed(head);
        for (const byte of text.subarray(0, bad)) decoder.feed(Uint8Array.of(byte));
        expect(errors).toEqual([]);
        decoder.feed(text.subarray(bad, bad + 1));
        expect(errors.map(({ status }) => status)).toEqual([1007]);
      }
    },
  );
});

const compresses = (connection: AsyncTcpConnection): void => {
  connection.perMessageDeflate = true;
};

/** A payload cut into so many parts. */
function cut(payload: Buffer, parts: number): Buffer[] {
  const size = Math.ceil(payload.length / parts);
  return Array.from({ length: parts }, (_, i) => payload.subarray(i * size, (i + 1) * size));
}

describe('Compression', () => {
  it('is not offered unless it is asked for, and then RSV1 is refused', async () => {
    expect((await answered(correct())).request).not.toMatch(/extensions/i);
    for (const bytes of ['c1 04', 'c2 7f', '41 04']) {
      const { status, error } = await refusal(hex(bytes));
      expect([status, error.code]).toEqual([1002, 'WS_ERR_UNEXPECTED_RSV_1']);
    }
  });

  it('an answer to no offer is refused', async () => {
    const { code } = await answered(correct('Sec-WebSocket-Extensions: permessage-deflate'));
    expect(code).toBe('WS_ERR_HANDSHAKE_EXTENSION');
  });

  it.each([
    '; server_max_window_bits=7',
    '; server_max_window_bits=16',
    '; server_max_window_bits',
    '; client_max_window_bits',
    '; client_max_window_bits=99999999999',
    '; client_max_window_bits=-9',
    '; client_max_window_bits=NaN',
    '; server_max_window_bits="; drop',
    '; server_no_context_takeover=1',
    '; server_no_context_takeover; server_no_context_takeover',
    '; max_window_bits=15',
    ', permessage-deflate',
    ', permessage-bzip2',
  ])(
    'window bits and parameters validated at the handshake, CVE-2026-2229: permessage-deflate%s',
    async (parameters) => {
      const answer = correct(`Sec-WebSocket-Extensions: permessage-deflate${parameters}`);
      const { log, code } = await answered(answer, compresses);
      expect(code).toBe('WS_ERR_HANDSHAKE_EXTENSION');
      expect(log.events).toEqual(['connect', 'error HANDSHAKE_FAIL', 'close 1006']);
    },
  );

  const LIMIT = 1_000;
  const limited = (connection: AsyncTcpConnection): void => {
    compresses(connection);
    connection.maxPackageSize = LIMIT;
  };
  const ZEROS = Buffer.alloc(LIMIT * 100);

  it.each([
    ['in one frame', () => new PeerDeflate().frames(BINARY & 15, ZEROS)],
    ['over fragments', () => framesOf(BINARY & 15, cut(new PeerDeflate().parts(ZEROS)[0]!, 5))],
    [
      'over fragments that are compressed each',
      () => new PeerDeflate().frames(TEXT & 15, ...Array<string>(11).fill('a'.repeat(100))),
    ],
    [
      'in a second message, by reference to the first',
      () => {
        const peer = new PeerDeflate();
        return [
          peer.frame(BINARY & 15, ZEROS.subarray(0, LIMIT)),
          peer.frame(BINARY & 15, ZEROS.subarray(0, LIMIT + 1)),
        ];
      },
    ],
  ])('inflation stops at limit + 1, CVE-2026-1526, CVE-2026-54490: %s', async (_, frames) => {
    const unharmed = await Promise.all([bystander('ws'), compressedBystander()]);
    const { log, peer } = await agreedTo(true, undefined, limited);
    peer.write(...frames());
    const close = await peer.readFrameOf(CLOSE);
    expect(statusOf(close)).toBe(1009);
    expect(log.errors[0]!.cause).toMatchObject({
      code: 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
      message: expect.stringContaining('1000'),
    });
    for (const check of unharmed) await check();
  });

  it('a message of exactly the limit is told', async () => {
    const { log, peer } = await agreedTo(true, undefined, limited);
    peer.write(new PeerDeflate().frame(BINARY & 15, ZEROS.subarray(0, LIMIT)));
    await log.until(`message <${LIMIT} bytes>`);
  });

  const stranger = new PeerDeflate();
  stranger.frame(BINARY & 15, pattern(100));
  const strange = stranger.frame(BINARY & 15, pattern(100));

  it.each([
    ['a block of no type', 'c2 01 07'],
    ['a reference to nothing', strange.toString('hex')],
    ['a stored block that does not add up', 'c2 06 00 05 00 fa fe 48'],
    ['no block at all', 'c2 00'],
  ])('a late zlib error kills nothing, CVE-2026-85024: %s', async (_, bytes) => {
    const unharmed = await Promise.all([bystander('ws'), compressedBystander()]);
    const { log, peer } = await agreedTo(true, undefined, limited);
    peer.write(new PeerDeflate().frame(TEXT & 15, 'before'), hex(bytes), hex(bytes));
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(1007);
    peer.socket.end();
    await log.until('close 1006');
    expect(log.events).toEqual(['connect', 'open 101', 'message before', 'error PROTOCOL_ERROR', 'close 1006']);
    expect((log.errors[0]!.cause as WsimdError).code).toBe('WS_ERR_INVALID_DEFLATE_DATA');
    for (const check of unharmed) await check();
  });

  it('what a pause holds back is not inflated: what is wrong with it is told behind resume()', async () => {
    const { connection, log, peer } = await agreedTo(true, undefined, undefined, {
      onMessage: (connection) => connection.pauseRecv(),
    });
    const deflate = new PeerDeflate();
    peer.write(deflate.frame(TEXT & 15, 'one'), deflate.frame(TEXT & 15, 'two'), hex('c2 01 07'));
    await log.until('message one');
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(log.events).toEqual(['connect', 'open 101', 'message one']);
    connection.resumeRecv();
    await log.until('message two');
    expect(log.errors).toEqual([]);
    connection.resumeRecv();
    await log.until('error PROTOCOL_ERROR');
  });
});
