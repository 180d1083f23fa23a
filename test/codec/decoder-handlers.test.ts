// What handlers may do while a chunk is being told: pause, close, throw, feed this decoder and others. At every event of a
// batch, wherever the stream is cut, nothing is lost, told twice or told out of order.

import { describe, expect, it, vi } from 'vitest';
import { NESTED_LEVELS, NESTED_WINDOW_BYTES } from '../../assembly/layout';
import { Decoder } from '../../src/framing';
import { binary, close, isSame, join, open, pattern, text } from '../support/decoders';
import { encodeFrame, encodeUtf8, ReferenceDecoder, recorder } from '../support/reference';

/** Every kind of event, then a close frame, a fault, or a frame that is cut. */
const batch = join(
  text('one'),
  encodeFrame({ opcode: 9, payload: [1, 2, 3] }),
  encodeFrame({ opcode: 1, fin: false, payload: encodeUtf8('가').slice(0, 2) }),
  encodeFrame({ opcode: 10, payload: [4] }),
  encodeFrame({ opcode: 0, fin: false }),
  encodeFrame({ opcode: 0, payload: encodeUtf8('가나다').slice(2) }),
  binary(pattern(130)),
  text(''),
  encodeFrame({ opcode: 2, fin: false }),
  encodeFrame({ opcode: 0, payload: [5, 6] }),
  text('한글 😀'),
);
const endings: [string, Uint8Array][] = [
  ['a close frame', encodeFrame({ opcode: 8, payload: [0x03, 0xe8, 0x62, 0x79, 0x65] })],
  ['a fault', encodeFrame({ opcode: 1, payload: [0x61, 0xff, 0x61] })],
  ['a limit exceeded', Uint8Array.of(0x82, 0x7f, 0, 0, 0, 0, 0, 0xa0, 0, 1)],
  ['a cut frame', text('never told').subarray(0, 7)],
  ['a cut control frame', encodeFrame({ opcode: 9, payload: [7, 8, 9] }).subarray(0, 4)],
];

describe.each(endings)('a handler, in a batch that ends with %s,', (_, ending) => {
  const stream = join(batch, ending);
  const reference = new ReferenceDecoder('client');
  reference.feed(stream);
  const expected = reference.log;

  /** A decoder whose handlers also call `act`, with the number of events told so far. */
  function acting(act: (told: number, decoder: Decoder) => void): { decoder: Decoder; log: string[] } {
    const log: string[] = [];
    const tell = (entry: string): void => {
      log.push(entry);
      act(log.length, decoder);
    };
    const decoder = open(recorder(tell));
    return { decoder, log };
  }

  it('may pause at any event, wherever the stream is cut', async () => {
    for (let split = 0; split <= stream.length; split += 1) {
      for (let pauseAt = 1; pauseAt <= expected.length; pauseAt += 1) {
        const { decoder, log } = acting((told, decoder) => told === pauseAt && decoder.pause());
        decoder.feed(stream.subarray(0, split));
        decoder.feed(stream.subarray(split));
        expect(log, `split ${split}`).toEqual(expected.slice(0, pauseAt));
        decoder.resume();
        expect(log.length).toBe(pauseAt);
        await null;
        expect(log, `split ${split}, pause at ${pauseAt}`).toEqual(expected);
        close(decoder);
      }
    }
  });

  it('may pause at every event, in chunks of every size', async () => {
    for (let size = 1; size <= stream.length; size += 1) {
      const { decoder, log } = acting((_, decoder) => decoder.pause());
      for (let at = 0; at < stream.length; at += size) decoder.feed(stream.subarray(at, at + size));
      for (let told = 1; told <= expected.length; told += 1) {
        expect(log, `chunks of ${size}`).toEqual(expected.slice(0, told));
        decoder.resume();
        await null;
      }
      close(decoder);
    }
  });

  it('may pause and resume at once: the order stays', async () => {
    const { decoder, log } = acting((_, decoder) => {
      decoder.pause();
      decoder.resume();
    });
    decoder.feed(stream.subarray(0, 50));
    decoder.feed(stream.subarray(50));
    await null;
    expect(log).toEqual(expected);
  });

  it('may close at any event: nothing follows', async () => {
    for (let closeAt = 1; closeAt <= expected.length; closeAt += 1) {
      const { decoder, log } = acting((told, decoder) => told === closeAt && decoder.close());
      decoder.feed(stream);
      decoder.feed(text('more'));
      decoder.resume();
      await null;
      expect(log).toEqual(expected.slice(0, closeAt));
    }
  });

  it('may close behind a pause: what was kept is not told', async () => {
    const { decoder, log } = acting((told, decoder) => told === 2 && decoder.pause());
    decoder.feed(stream);
    decoder.close();
    decoder.resume();
    await null;
    expect(log).toEqual(expected.slice(0, 2));
  });

  it('may close its decoder and open another, which gets the freed record, and neither disturbs the other', () => {
    const second: string[] = [];
    const { decoder, log } = acting((told, decoder) => {
      if (told !== 3) return;
      decoder.close();
      open(recorder((entry) => second.push(entry))).feed(stream);
    });
    decoder.feed(stream);
    expect(log).toEqual(expected.slice(0, 3));
    expect(second).toEqual(expected);
  });

  it('may throw at any event: the rest arrives, and feed throws', () => {
    for (let throwAt = 1; throwAt <= expected.length; throwAt += 1) {
      const { decoder, log } = acting((told) => {
        if (told >= throwAt) throw new Error(`event ${told}`);
      });
      expect(() => decoder.feed(stream)).toThrow(new Error(`event ${throwAt}`));
      expect(log).toEqual(expected);
    }
  });

  it('may feed its own decoder: those bytes come after the chunk', () => {
    const start = batch.length - text('한글 😀').length;
    const { decoder, log } = acting((told, decoder) => told === 1 && decoder.feed(stream.subarray(start)));
    decoder.feed(stream.subarray(0, start));
    expect(log).toEqual(expected);
  });
});

describe('a handler', () => {
  it('that throws behind a pause is reported: there is no feed to throw from', async () => {
    const report = vi.fn();
    vi.stubGlobal('reportError', report);
    const told: unknown[] = [];
    const decoder = open({
      onMessage: (data) => {
        told.push(data);
        if (data === 'a') decoder.pause();
        if (data === 'b') throw new Error('b');
      },
    });
    decoder.feed(join(text('a'), text('b'), text('c')));
    decoder.resume();
    await null;
    vi.unstubAllGlobals();
    expect(told).toEqual(['a', 'b', 'c']);
    expect(report.mock.calls).toEqual([[new Error('b')]]);
  });

  it('may pause in the middle of a chunk that is larger than a window', async () => {
    const messages = Array.from({ length: 60 }, (_, index) => pattern(3_000 + index * 10, index + 1));
    const told: Uint8Array[] = [];
    const decoder = open({
      onMessage: (data) => {
        told.push(data as Uint8Array);
        decoder.pause();
      },
    });
    const chunk = join(...messages.map(binary));
    expect(chunk.length).toBeGreaterThan(5 * NESTED_WINDOW_BYTES);
    decoder.feed(chunk);
    chunk.fill(0);
    for (let resumes = 1; resumes <= messages.length; resumes += 1) {
      expect(told.length).toBe(resumes);
      decoder.resume();
      await null;
    }
    for (const [index, data] of told.entries()) expect(isSame(data, messages[index]!), `message ${index}`).toBe(true);
  });

  it('may feed other decoders, deeper than there are windows', () => {
    // Each level tells three messages, and in the second one feeds the next level: what it has not read yet must last.
    const depth = NESTED_LEVELS + 5;
    const payloads = (level: number): Uint8Array[] =>
      [200, 40_000, 31_000].map((length, index) => pattern(length, level * 3 + index + 1));
    const told: Uint8Array[][] = Array.from({ length: depth }, () => []);
    const feed = (level: number): void => {
      const decoder = open({
        onMessage: (data) => {
          told[level]!.push(data as Uint8Array);
          if (told[level]!.length === 2 && level + 1 < depth) feed(level + 1);
        },
      });
      decoder.feed(join(...payloads(level).map(binary)));
    };
    feed(0);
    for (let level = 0; level < depth; level += 1) {
      expect(told[level]!.length).toBe(3);
      for (const [index, data] of payloads(level).entries()) {
        expect(isSame(told[level]![index]!, data), `level ${level}, message ${index}`).toBe(true);
      }
    }
  });

  it('may feed other decoders from every message of a batch, and an exception in one stays there', () => {
    const log: string[] = [];
    const inner = open({
      onMessage: (data) => {
        log.push(`inner ${data}`);
        throw new Error(`inner ${data}`);
      },
    });
    const outer = open({
      onMessage: (data) => {
        log.push(`outer ${data}`);
        expect(() => inner.feed(join(text(`${data}1`), text(`${data}2`)))).toThrow(`inner ${data}1`);
      },
    });
    outer.feed(join(text('a'), text('가'), text('c')));
    expect(log).toEqual(['a', '가', 'c'].flatMap((name) => [`outer ${name}`, `inner ${name}1`, `inner ${name}2`]));
  });

  it('may feed a decoder that feeds this one, thousands of times: the stack does not grow', () => {
    const told: number[] = [];
    const answer = (other: () => Decoder) => (data: string | Uint8Array) => {
      told.push(Number(data));
      if (Number(data) < 20_000) other().feed(text(String(Number(data) + 1)));
    };
    const first: Decoder = open({ onMessage: answer(() => second) });
    const second: Decoder = open({ onMessage: answer(() => first) });
    first.feed(text('1'));
    expect(told).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  });
});

it.each(['onMessage', 'onFrame', 'onPing', 'onPong', 'onClose', 'onError'])(
  'a handler that is no function is refused when the decoder is made: %s',
  (name) => {
    expect(() => new Decoder({ role: 'client', [name]: 5 })).toThrow(
      new TypeError(`The option "${name}" must be a function, not a value of type number.`),
    );
    new Decoder({ role: 'client', [name]: undefined }).close();
  },
);
