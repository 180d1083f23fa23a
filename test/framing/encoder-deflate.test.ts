// Compression in wsimd/framing (RFC 7692 §6, §7.2): what the encoder makes of messages, read by a slow peer and by the decoder,
// and the options of either.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, type DecoderOptions, type DeflateOptions, Encoder, type EncoderOptions } from '../../src/framing';
import { PeerDeflate, PeerInflate, RSV1 } from '../support/compressed-frames';
import { close, open, pattern } from '../support/decoders';
import { TEXT } from '../support/raw-peer';

/** First byte and payload of the one frame of a server that these bytes are. */
function frameIn(bytes: Uint8Array): { first: number; payload: Buffer } {
  const whole = Buffer.from(bytes);
  const short = whole[1]!;
  const at = short < 126 ? 2 : short === 126 ? 4 : 10;
  const length = short < 126 ? short : short === 126 ? whole.readUInt16BE(2) : Number(whole.readBigUInt64BE(2));
  expect(whole.length).toBe(at + length);
  return { first: whole[0]!, payload: whole.subarray(at) };
}

const server = (perMessageDeflate: boolean | DeflateOptions = true): Encoder =>
  new Encoder({ role: 'server', perMessageDeflate });

describe('the encoder', () => {
  it('compresses what it is not told to leave as it is, and marks it', () => {
    const encoder = server();
    const inflate = new PeerInflate();
    for (const [bytes, content] of [
      [encoder.text('Hello'), 'Hello'],
      [encoder.text('Hello'), 'Hello'],
      [encoder.text(''), ''],
      [encoder.text('é한😀'.repeat(100)), 'é한😀'.repeat(100)],
      [encoder.text('\ud800'), '\ufffd'],
    ] as const) {
      const { first, payload } = frameIn(bytes);
      expect(first).toBe(TEXT | RSV1);
      expect(inflate.message(payload).toString()).toBe(content);
    }
    expect(encoder.text('plain', undefined, { compress: false })[0]).toBe(TEXT);
    expect([encoder.ping('p')[0], encoder.pong('p')[0], encoder.close(1000)[0]]).toEqual([0x89, 0x8a, 0x88]);
    const { payload } = frameIn(encoder.binary(pattern(70_000)));
    expect(inflate.message(payload).equals(pattern(70_000))).toBe(true);
    encoder.dispose();
  });

  it('is that of the examples (RFC 7692 §7.2.3.1, §7.2.3.2)', () => {
    const encoder = server({ zlibDeflateOptions: { level: 6 } });
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(encoder.text('Hello'))).toBe('c107f248cdc9c90700');
    expect(hex(encoder.text('Hello'))).toBe('c105f200110000');
  });

  it('without context leaves what is shorter than the threshold, and refers to nothing', () => {
    const encoder = server({ noContextTakeover: true, threshold: 10 });
    expect(encoder.text('123456789')[0]).toBe(TEXT);
    const [first, second] = [encoder.text('1234567890'), encoder.text('1234567890')];
    expect(first).toEqual(second);
    expect(new PeerInflate().message(frameIn(first).payload).toString()).toBe('1234567890');
  });

  it('masks as a client, and fills a buffer of the caller', () => {
    const encoder = new Encoder({ role: 'client', perMessageDeflate: true });
    const into = new Uint8Array(100);
    const bytes = encoder.text('Hello', into);
    expect([bytes.buffer, bytes[0], bytes[1]]).toEqual([into.buffer, TEXT | RSV1, 0x80 | 7]);
  });

  it('refers to nothing that did not fit and was not sent', () => {
    const encoder = server();
    const inflate = new PeerInflate();
    expect(inflate.message(frameIn(encoder.text('one')).payload).toString()).toBe('one');
    expect(() => encoder.binary(pattern(300), new Uint8Array(10))).toThrow(
      /The frame needs \d+ bytes; "into" has 10\./,
    );
    // RFC 7692 §7.2.1 lets a compressor begin anew at any time.
    const { payload } = frameIn(encoder.binary(pattern(300)));
    expect(inflate.message(payload).equals(pattern(300))).toBe(true);
  });

  it('compresses nothing any more once it is disposed of', () => {
    const encoder = server();
    encoder.dispose();
    encoder.dispose();
    expect(Buffer.from(encoder.text('plain')).toString('latin1')).toBe('\x81\x05plain');
  });

  it('frame() sends what was compressed elsewhere', () => {
    const [payload] = new PeerDeflate().parts('Hello') as [Buffer];
    const encoder = new Encoder({ role: 'server' });
    const bytes = [
      encoder.frame({ opcode: 1, fin: false, rsv1: true, payload: payload.subarray(0, 3) }),
      encoder.frame({ opcode: 0, payload: payload.subarray(3) }),
    ];
    expect(Buffer.concat(bytes).toString('hex')).toBe('4103f248cd8004c9c90700');
    expect(() => encoder.frame({ opcode: 0, rsv1: true })).toThrow('"rsv1" is for the first frame of a message');
    expect(() => encoder.frame({ opcode: 9, rsv1: true })).toThrow('"rsv1" is for the first frame of a message');
  });

  it('works for as many encoders as come and go, disposed of or forgotten', () => {
    for (let i = 0; i < 2_000; i += 1) {
      const encoder = server({ maxWindowBits: 9, noContextTakeover: i % 2 === 0, threshold: 0 });
      expect(encoder.text(`message ${i}`)[0]).toBe(TEXT | RSV1);
      if (i % 3 !== 0) encoder.dispose();
    }
  });
});

describe('the options', () => {
  const WRONG: readonly (readonly [options: unknown, sentence: string])[] = [
    ['yes', 'The option "perMessageDeflate" must be true, false or an object of options, not a value of type string.'],
    [
      { maxWindowBits: 7 },
      'The option "perMessageDeflate": maxWindowBits must be a whole number from 8 to 15; it is 7.',
    ],
    [{ noContextTakeover: 1 }, 'noContextTakeover must be true or false, not a value of type number.'],
    [{ serverMaxWindowBits: 9 }, 'The option "perMessageDeflate" has no serverMaxWindowBits.'],
  ];

  it.each(WRONG)('%j is wrong for either', (perMessageDeflate, sentence) => {
    const options = { role: 'client', perMessageDeflate } as EncoderOptions & DecoderOptions;
    expect(() => new Encoder(options)).toThrow(sentence);
    expect(() => new Decoder(options)).toThrow(sentence);
  });

  it.each<[DeflateOptions, string]>([
    [{ threshold: -1 }, 'threshold must be a whole number of at least 0; it is -1.'],
    [{ zlibDeflateOptions: { level: 12 } }, 'zlibDeflateOptions.level must be a whole number from -1 to 9; it is 12.'],
  ])('%j is wrong for the encoder, and unknown to the decoder', (perMessageDeflate, sentence) => {
    expect(() => server(perMessageDeflate)).toThrow(sentence);
    const options = { role: 'client', perMessageDeflate } as DecoderOptions;
    expect(() => new Decoder(options)).toThrow(/^The option "perMessageDeflate" has no /);
  });

  it('that are undefined are the default ones', () => {
    const encoder = server({
      maxWindowBits: undefined,
      threshold: undefined,
      zlibDeflateOptions: { level: undefined },
    });
    expect(new PeerInflate().message(frameIn(encoder.text('Hello')).payload).toString()).toBe('Hello');
    expect(new Encoder({ role: 'server', perMessageDeflate: false }).text('a')[0]).toBe(TEXT);
  });
});

describe('an encoder and a decoder', () => {
  const message = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.uint8Array({ maxLength: 2_000 }));
  const settings = fc.record({
    maxWindowBits: fc.integer({ min: 8, max: 15 }),
    noContextTakeover: fc.boolean(),
    threshold: fc.constantFrom(0, 100),
    zlibDeflateOptions: fc.record({ level: fc.integer({ min: 0, max: 9 }), memLevel: fc.integer({ min: 1, max: 9 }) }),
  });

  it.each(['client', 'server'] as const)('of the same settings, sent by a %s', (role) => {
    fc.assert(
      fc.property(
        fc.array(message, { minLength: 1, maxLength: 10 }),
        settings,
        fc.nat(300),
        (messages, options, size) => {
          const encoder = new Encoder({ role, perMessageDeflate: options });
          const { maxWindowBits, noContextTakeover } = options;
          const told: unknown[] = [];
          const decoder = open({
            role: role === 'client' ? 'server' : 'client',
            perMessageDeflate: { maxWindowBits, noContextTakeover },
            onMessage: (data) => told.push(typeof data === 'string' ? data : new Uint8Array(data)),
            onError: (error) => told.push(error),
          });
          const bytes = Buffer.concat(
            messages.map((one) => (typeof one === 'string' ? encoder.text(one) : encoder.binary(one))),
          );
          for (let at = 0; at < bytes.length; at += size + 1) decoder.feed(bytes.subarray(at, at + size + 1));
          close(decoder);
          encoder.dispose();
          expect(told).toEqual(
            messages.map((one) => (typeof one === 'string' ? Buffer.from(one).toString() : new Uint8Array(one))),
          );
        },
      ),
    );
  });

  it('onFrame says of the first frame that it was compressed', () => {
    const frames: unknown[] = [];
    const decoder = open({
      perMessageDeflate: true,
      onFrame: ({ opcode, fin, rsv1 }) => frames.push([opcode, fin, rsv1]),
    });
    decoder.feed(Buffer.concat(new PeerDeflate().frames(1, 'a', 'b')));
    decoder.feed(Buffer.from('810161', 'hex'));
    expect(frames).toEqual([
      [1, false, true],
      [0, true, false],
      [1, true, false],
    ]);
  });
});
