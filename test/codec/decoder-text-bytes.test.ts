// Text that is told as bytes: valid UTF-8 all the same, in the same order, and from whichever message on a decoder is told to,
// wherever its stream is cut. No message is told half as one and half as the other.

import { describe, expect, it } from 'vitest';
import type { FrameDecoder } from '../../src/codec/decoder';
import { openCodec, TransportReader } from '../support/codecs';
import { binary, join, pattern, text } from '../support/decoders';
import { encodeFrame, encodeUtf8, line, ReferenceDecoder } from '../support/reference';

const long = 'ab가나다😀'.repeat(60);
const stream = join(
  text('one'),
  text(''),
  // A run of ASCII, one of Korean, one of bytes.
  ...Array.from({ length: 9 }, (_, i) => text(`ascii ${i}`)),
  ...Array.from({ length: 9 }, (_, i) => text(`한글 ${i}`)),
  ...Array.from({ length: 9 }, (_, i) => binary(pattern(20, i))),
  ...Array.from({ length: 6 }, (_, i) => text(i % 2 === 0 ? '' : 'é')),
  // Fragments: inside of a character, empty ones in front, a ping between them.
  encodeFrame({ opcode: 1, fin: false }),
  encodeFrame({ opcode: 0, fin: false, payload: encodeUtf8('x가').slice(0, 2) }),
  encodeFrame({ opcode: 9, payload: [1] }),
  encodeFrame({ opcode: 0, fin: false, payload: encodeUtf8('x가').slice(2) }),
  encodeFrame({ opcode: 0, payload: encodeUtf8('나') }),
  text(long),
  binary(pattern(700)),
  text('last'),
);

function expected(bytes = stream): string[] {
  const reference = new ReferenceDecoder('client');
  reference.feed(bytes);
  return reference.log;
}

/** A line for what is told, whatever it is told as; `forms` says which that was. */
function opened({
  isNodeBuffer = false,
  isBinaryLent = false,
  act = (_told: number, _codec: FrameDecoder): void => {},
} = {}) {
  const log: string[] = [];
  const forms: string[] = [];
  const tell = (entry: string, form: string): void => {
    log.push(entry);
    forms.push(form);
    act(log.length, codec);
  };
  const codec: FrameDecoder = openCodec(
    {
      onMessage: (data, isBinary) => {
        if (typeof data !== 'string') expect(Buffer.isBuffer(data)).toBe(isNodeBuffer);
        if (isBinary) tell(line.binary(data as Uint8Array), 'binary');
        else tell(line.text(String(typeof data === 'string' ? data : Buffer.from(data))), typeof data);
      },
      onPing: (payload) => tell(line.ping(payload), 'ping'),
      onFault: (error) => tell(error.code, 'fault'),
    },
    { isNodeBuffer, isBinaryLent },
  );
  return { codec, log, forms };
}

const feedIn = (codec: FrameDecoder, size: number): void => {
  for (let at = 0; at < stream.length; at += size) codec.feed(stream.subarray(at, at + size));
};
const sizes = [...Array.from({ length: 40 }, (_, i) => i + 1), 100, 333, 1_021, stream.length];
const texts = expected().filter((entry) => entry.startsWith('text')).length;

describe.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])('text as bytes, as Buffers: %s, lent: %s,', (isNodeBuffer, isBinaryLent) => {
  it('is what was sent, in chunks of every size', () => {
    for (const size of sizes) {
      const { codec, log, forms } = opened({ isNodeBuffer, isBinaryLent });
      codec.textAs = 'bytes';
      feedIn(codec, size);
      expect(log, `chunks of ${size}`).toEqual(expected());
      expect(forms.filter((form) => form === 'object').length).toBe(texts);
    }
  });

  it('is what was sent, by way of the read window', () => {
    const { codec, log, forms } = opened({ isNodeBuffer, isBinaryLent });
    codec.textAs = 'bytes';
    new TransportReader(codec).readAll(stream);
    expect(log).toEqual(expected());
    expect(forms).not.toContain('string');
  });

  it('may be asked for and given up at every event, in chunks of every size', () => {
    for (const size of sizes) {
      const wanted: string[] = ['string'];
      const { codec, log, forms } = opened({
        isNodeBuffer,
        isBinaryLent,
        act: (told, codec) => {
          codec.textAs = told % 3 === 1 ? 'bytes' : 'string';
          wanted.push(told % 3 === 1 ? 'object' : 'string');
        },
      });
      feedIn(codec, size);
      expect(log, `chunks of ${size}`).toEqual(expected());
      // Of the message around the ping its first piece decides, which may have come in front of the ping or behind it.
      const ping = forms.indexOf('ping');
      for (const [i, form] of forms.entries()) {
        if (i !== ping + 1 && (form === 'string' || form === 'object')) expect(form, `event ${i}`).toBe(wanted[i]);
      }
    }
  });

  it('survives a pause at every event', async () => {
    for (const size of [1, 20, 200, stream.length]) {
      const { codec, log } = opened({
        isNodeBuffer,
        isBinaryLent,
        act: (told, codec) => {
          codec.pause();
          codec.textAs = told % 4 < 2 ? 'bytes' : 'string';
        },
      });
      feedIn(codec, size);
      for (let told = 1; told <= expected().length; told += 1) {
        expect(log.length).toBe(told);
        codec.resume();
        await null;
      }
      expect(log).toEqual(expected());
    }
  });
});

it('is decided at the first byte of a message', () => {
  const frames = [
    encodeFrame({ opcode: 1, fin: false, payload: encodeUtf8('가').slice(0, 1) }),
    encodeFrame({ opcode: 0, payload: encodeUtf8('가').slice(1) }),
  ];
  for (const kinds of [['string', 'bytes'] as const, ['bytes', 'string'] as const]) {
    const { codec, log, forms } = opened();
    for (const [i, frame] of frames.entries()) {
      codec.textAs = kinds[i]!;
      expect(codec.textAs).toBe(kinds[i]);
      codec.feed(frame);
    }
    expect(log).toEqual(['text "가"']);
    expect(forms).toEqual([kinds[0] === 'bytes' ? 'object' : 'string']);
  }
});

it('is refused at its first bad byte as any text is', () => {
  const bad = encodeFrame({ opcode: 1, payload: [0x61, 0xff, 0x61] });
  for (const size of [1, 3, 4, bad.length]) {
    const { codec, log } = opened();
    codec.textAs = 'bytes';
    for (let at = 0; at < bad.length; at += size) codec.feed(bad.subarray(at, at + size));
    expect(log).toEqual(['WS_ERR_INVALID_UTF8']);
  }
});

it('may change while a transport writes to a large binary message', () => {
  const large = join(text('first'), binary(pattern(900_000)), text('second'));
  const { codec, log, forms } = opened();
  const reader = new TransportReader(codec);
  for (let at = 0, i = 0; at < large.length; i += 1) {
    codec.textAs = i % 2 === 0 ? 'bytes' : 'string';
    at += reader.read(large.subarray(at, at + 70_001));
  }
  expect(log).toEqual(expected(large));
  expect(forms.filter((form) => form === 'binary')).toHaveLength(1);
});
