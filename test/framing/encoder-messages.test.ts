// What the encoder of wsimd/framing makes of messages where compression was agreed (RFC 7692 §6.1), read back by a peer that
// shares nothing with it, and by the decoder: which messages are compressed, into whose buffer, and what is refused.

import { describe, expect, it, onTestFinished } from 'vitest';
import { BLOCK_BYTES } from '../../assembly/layout';
import { Compressor } from '../../src/codec/deflated-messages';
import { Decoder, type DeflateOptions, Encoder, type EncoderOptions } from '../../src/framing';
import { type Direction, PeerInflate, RSV1 } from '../support/compressed-frames';
import { pattern } from '../support/decoders';
import { BINARY, CLOSE, PING, PONG, readFrame, TEXT } from '../support/raw-peer';
import { zlibHandles } from '../whole/resources/zlib-handles.mjs';

function encoder(perMessageDeflate: boolean | DeflateOptions = true, role: 'client' | 'server' = 'client'): Encoder {
  const made = new Encoder({ role, perMessageDeflate });
  onTestFinished(() => made.dispose());
  return made;
}

/** What a peer reads: `compressed` or not, and the message. */
class Peer {
  private readonly inflate: PeerInflate;

  constructor(direction: Direction = {}) {
    this.inflate = new PeerInflate(direction);
  }

  async read(bytes: Uint8Array): Promise<{ first: number; isCompressed: boolean; message: Buffer; isMasked: boolean }> {
    let at = 0;
    const { first, payload, isMasked } = await readFrame(async (count) => {
      at += count;
      return Buffer.from(bytes.subarray(at - count, at));
    });
    expect(at).toBe(bytes.length);
    const isCompressed = (first & RSV1) !== 0;
    return {
      first: first & ~RSV1,
      isCompressed,
      message: isCompressed ? this.inflate.message(payload) : payload,
      isMasked,
    };
  }
}

const LENGTHS = [0, 1, 125, 126, 1_000, 65_535, 65_536, BLOCK_BYTES - 14, BLOCK_BYTES, 400_000];

describe.each(['client', 'server'] as const)('a %s', (role) => {
  it('compresses texts and bytes of every size, each with those before it', async () => {
    const one = encoder(true, role);
    const peer = new Peer();
    const lines: string[] = [];
    const decoder = new Decoder({
      role: role === 'client' ? 'server' : 'client',
      perMessageDeflate: true,
      onMessage: (data) => lines.push(`${typeof data} ${Buffer.from(data as string).toString('base64')}`),
    });
    for (const length of LENGTHS) {
      const bytes = pattern(length, length + 1);
      for (const message of ['x'.repeat(length), 'é한😀'.repeat(length / 9), bytes]) {
        const isText = typeof message === 'string';
        const frame = isText ? one.text(message) : one.binary(message);
        const told = await peer.read(frame);
        expect([told.first, told.isCompressed, told.isMasked]).toEqual([
          isText ? TEXT : BINARY,
          true,
          role === 'client',
        ]);
        expect(told.message.equals(Buffer.from(message as string))).toBe(true);
        decoder.feed(frame);
        expect(lines.pop()).toBe(`${isText ? 'string' : 'object'} ${told.message.toString('base64')}`);
      }
    }
    decoder.close();
  });

  it('writes into the caller’s buffer, and nothing behind the frame', async () => {
    const one = encoder(true, role);
    const peer = new Peer();
    const into = new Uint8Array(300_000).fill(0xee);
    for (const message of ['Hello', 'Hello', 'x'.repeat(70_000)]) {
      const frame = one.text(message, into);
      expect([frame.buffer === into.buffer, frame.byteOffset]).toEqual([true, 0]);
      expect((await peer.read(frame)).message.toString()).toBe(message);
    }
    const long = pattern(200_000);
    const frame = one.binary(long, into);
    expect((await peer.read(frame)).message.equals(long)).toBe(true);
    expect(new Set(into.subarray(frame.length))).toEqual(new Set([0xee]));
  });
});

describe('what is compressed', () => {
  it('nothing unless that was agreed, nothing that is told not to be, no control frame', async () => {
    const peer = new Peer();
    expect((await peer.read(encoder(false).text('Hello'))).isCompressed).toBe(false);
    const one = encoder();
    const frames = [
      one.text('Hello', undefined, { compress: false }),
      one.binary(Buffer.from('Hello'), undefined, { compress: false }),
      one.frame({ opcode: 1, payload: 'Hello' }),
      one.ping('Hello'),
      one.pong('Hello'),
      one.close(1000, 'Hello'),
    ];
    const told = [];
    for (const frame of frames) told.push(await peer.read(frame));
    expect(told.map(({ first, isCompressed }) => [first, isCompressed])).toEqual(
      [TEXT, BINARY, TEXT, PING, PONG, CLOSE].map((first) => [first, false]),
    );
    // They are no part of the context.
    expect((await peer.read(one.text('Hello', undefined, { compress: true }))).isCompressed).toBe(true);
    expect((await peer.read(one.text('Hello', undefined, {}))).isCompressed).toBe(true);
  });

  it('without context what has the threshold, in bytes', async () => {
    const of = async (options: DeflateOptions, ...messages: (string | Uint8Array)[]): Promise<boolean[]> => {
      const one = encoder({ noContextTakeover: true, ...options });
      const peer = new Peer({ keepsContext: false });
      const told = [];
      for (const message of messages) {
        const frame = typeof message === 'string' ? one.text(message) : one.binary(message);
        const { isCompressed, message: read } = await peer.read(frame);
        expect(read.equals(Buffer.from(message as string))).toBe(true);
        told.push(isCompressed);
      }
      return told;
    };
    const [no, yes] = [false, true];
    expect(await of({}, 'x'.repeat(1_023), 'x'.repeat(1_024), 'é'.repeat(511), 'é'.repeat(512))).toEqual([
      no,
      yes,
      no,
      yes,
    ]);
    expect(await of({}, pattern(1_023), pattern(1_024))).toEqual([no, yes]);
    expect(await of({ threshold: 0 }, '', 'a', new Uint8Array(0))).toEqual([yes, yes, yes]);
    expect(await of({ threshold: 10_000, noContextTakeover: false }, '', 'a')).toEqual([yes, yes]);
  });

  it('as hard as the options say', async () => {
    const text = Array.from({ length: 3_000 }, (_, i) => `{"id":${i},"price":${(i * 7919) % 10_007}}`).join();
    const sizes: number[] = [];
    for (const zlibDeflateOptions of [{ level: 0 }, undefined, { level: 9 }]) {
      const frame = encoder({ zlibDeflateOptions }).text(text);
      sizes.push(frame.length);
      expect((await new Peer().read(frame)).message.toString()).toBe(text);
    }
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => b - a));
  });

  it.each([8, 9, 15])('with references no further back than the window of %i bits', (maxWindowBits) => {
    const one = encoder({ maxWindowBits }, 'server');
    const messages: string[] = [];
    const decoder = new Decoder({
      role: 'client',
      perMessageDeflate: { maxWindowBits },
      onMessage: (data) => messages.push(Buffer.from(data as Uint8Array).toString('hex')),
    });
    const unit = pattern((1 << maxWindowBits) * 0.75);
    const frames = [unit, unit, Buffer.concat([unit, unit])].map((message) => one.binary(message));
    for (const frame of frames) decoder.feed(frame);
    decoder.close();
    const whole = Buffer.from(unit).toString('hex');
    expect(messages).toEqual([whole, whole, whole + whole]);
    if (maxWindowBits === 15) expect(frames[1]!.length).toBeLessThan(frames[0]!.length / 10);
  });

  it('elsewhere, by somebody else, goes as it is, with rsv1 on its first frame', async () => {
    const one = encoder(false);
    const peer = new Peer();
    const payload = Buffer.from('f248cdc9c90700', 'hex');
    expect((await peer.read(one.frame({ opcode: 1, rsv1: true, payload }))).message.toString()).toBe('Hello');
    expect(one.frame({ opcode: 2, fin: false, rsv1: true, payload })[0]).toBe(0x42);
    for (const opcode of [0, 8, 9, 10]) {
      expect(() => one.frame({ opcode, rsv1: true })).toThrow(RangeError);
    }
  });
});

describe('a frame that does not fit', () => {
  it.each([true, false])(
    'is one that was never sent: what follows does not refer to it, with context %s',
    async (keepsContext) => {
      const one = encoder({ noContextTakeover: !keepsContext, threshold: 0 });
      const peer = new Peer({ keepsContext });
      const sentence = 'a sentence that would be referred to';
      expect((await peer.read(one.text('before'))).message.toString()).toBe('before');
      expect(() => one.text(sentence, new Uint8Array(10))).toThrow(RangeError);
      expect(() => one.binary(pattern(300_000), new Uint8Array(1_000))).toThrow(RangeError);
      expect((await peer.read(one.text(sentence))).message.toString()).toBe(sentence);
      expect((await peer.read(one.text(sentence))).message.toString()).toBe(sentence);
    },
  );
});

describe('memory', () => {
  it('is taken by the first message, and given back by dispose()', async () => {
    const handles = new Set([zlibHandles.open]);
    const one = encoder();
    handles.add(zlibHandles.open);
    expect(handles.size).toBe(1);
    one.text('Hello');
    one.dispose();
    one.dispose();
    // What is sent then is not compressed.
    expect((await new Peer().read(one.text('Hello'))).isCompressed).toBe(false);
    handles.add(zlibHandles.open);
    expect(handles.size).toBe(1);
  });
});

describe('options', () => {
  const NAME = 'The option "perMessageDeflate"';
  it.each([
    ['yes', `${NAME} must be true, false or an object of options, not a value of type string.`],
    [{ windowBits: 9 }, `${NAME} has no windowBits.`],
    [{ maxWindowBits: 7 }, `${NAME}: maxWindowBits must be a whole number from 8 to 15; it is 7.`],
    [{ noContextTakeover: 1 }, `${NAME}: noContextTakeover must be true or false, not a value of type number.`],
    [{ threshold: -1 }, `${NAME}: threshold must be a whole number of at least 0; it is -1.`],
    [
      { zlibDeflateOptions: { level: 10 } },
      `${NAME}: zlibDeflateOptions.level must be a whole number from -1 to 9; it is 10.`,
    ],
  ])('%j', (perMessageDeflate, message) => {
    expect(() => new Encoder({ role: 'client', perMessageDeflate } as EncoderOptions)).toThrow(message);
  });

  it('that are undefined are not there', async () => {
    const options = {
      maxWindowBits: undefined,
      noContextTakeover: undefined,
      threshold: undefined,
      zlibDeflateOptions: undefined,
    };
    expect((await new Peer().read(encoder(options).text('a'))).isCompressed).toBe(true);
  });
});

describe('Compressor: the frames of a message', () => {
  it('are all compressed, or none: their first one says it, and control frames in between do not matter', () => {
    const compressor = new Compressor({ keepsContext: false, threshold: 10, options: { windowBits: 15 } });
    const asked: [first: number, length: number][] = [
      [0x41, 10],
      [PING, 125],
      [0x00, 0],
      [CLOSE | RSV1, 20],
      [0x80, 5],
      [0x41, 9],
      [0x00, 100],
      [0x80, 100],
      [0x01, 100],
      [0x80, 100],
      [TEXT | RSV1, 100],
    ];
    expect(asked.map(([first, length]) => compressor.compresses(first, length))).toEqual([
      ...[true, false, true, false, true],
      ...[false, false, false],
      ...[false, false],
      true,
    ]);
    compressor.release();
  });
});
