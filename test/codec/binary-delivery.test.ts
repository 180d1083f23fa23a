// Binary messages that are lent: right as long as their handler runs, wherever they came from and whatever it does, and not a
// byte longer. By default they belong to the receiver. Through the public decoder, and through sockets in the clear and TLS.

import { describe, expect, it } from 'vitest';
import { NESTED_LEVELS, NESTED_WINDOW_BYTES, WINDOW_BYTES } from '../../assembly/layout';
import { Decoder } from '../../src/framing';
import { AsyncTcpConnection, type BinaryDelivery } from '../../src/index';
import { isFallBack } from '../support/core';
import { binary, close, isSame, join, open, pattern } from '../support/decoders';
import { openTo } from '../support/hostile-peer';
import { BINARY, frame, PING, TEXT } from '../support/raw-peer';
import { encodeFrame } from '../support/reference';
import { SCHEMES } from '../support/servers';

const WRONG = [undefined, null, '', 'Own', 'lend', 'borrowed', 0, true, ['own']];

describe('binaryDelivery', () => {
  it.each(WRONG.map((value) => [value]))('of a connection refuses %j by its name, and stays as it was', (value) => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:9');
    connection.binaryDelivery = 'borrow';
    const assign = (): unknown => Object.assign(connection, { binaryDelivery: value });
    expect(assign).toThrow(new TypeError('binaryDelivery must be "own" or "borrow".'));
    expect(connection.binaryDelivery).toBe('borrow');
  });

  it.each(WRONG.filter((value) => value !== undefined && value !== null).map((value) => [value]))(
    'of a decoder refuses %j by its name',
    (value) => {
      const make = (): Decoder => new Decoder({ role: 'client', binaryDelivery: value as BinaryDelivery });
      expect(make).toThrow(new TypeError('The option "binaryDelivery" must be "own" or "borrow".'));
    },
  );

  it('is "own" unless set', () => {
    expect(new AsyncTcpConnection('ws://127.0.0.1:9').binaryDelivery).toBe('own');
  });
});

const LENGTHS = [0, 1, 64, 65, 2_048, 2_049, 4_095, 4_096, 16_385, NESTED_WINDOW_BYTES, 100_000, WINDOW_BYTES + 1];

/** The message whole, cut in its payload, in fragments with a ping between, and with its header in a chunk of its own. */
function forms(payload: Uint8Array): Uint8Array[][] {
  const whole = binary(payload);
  const header = whole.length - payload.length;
  const half = payload.length >> 1;
  const fragments = [
    encodeFrame({ opcode: 2, fin: false, payload: payload.subarray(0, half) }),
    encodeFrame({ opcode: 9, payload: [1, 2, 3] }),
    encodeFrame({ opcode: 0, payload: payload.subarray(half) }),
  ];
  return [
    [whole],
    [whole.subarray(0, header), whole.subarray(header)],
    [whole.subarray(0, header + half), whole.subarray(header + half)],
    [join(...fragments)],
    fragments,
  ];
}

describe.each(['own', 'borrow'] as const)('%s: a decoder', (binaryDelivery) => {
  const payloads = LENGTHS.map((length, index) => pattern(length, index + 1));
  const sent = payloads.flatMap((payload) => forms(payload).map(() => payload));

  /** Feeds all forms of all payloads; what was wrong is written down while the handler runs, and then `act` is called. */
  function feedAll(act: (told: number, decoder: Decoder) => void): { told: Uint8Array[]; wrong: number[] } {
    const told: Uint8Array[] = [];
    const wrong: number[] = [];
    const decoder = open({
      binaryDelivery,
      onMessage: (data) => {
        if (!isSame(data as Uint8Array, sent[told.length]!)) wrong.push(told.length);
        told.push(data as Uint8Array);
        act(told.length, decoder);
      },
    });
    for (const payload of payloads) {
      for (const chunks of forms(payload)) {
        for (const chunk of chunks) {
          const used = new Uint8Array(chunk);
          try {
            decoder.feed(used);
          } catch (error) {
            expect(error).toEqual(new Error('mine'));
          }
          used.fill(0xee);
        }
      }
    }
    return { told, wrong };
  }

  it('tells every message rightly, however it comes', () => {
    const { told, wrong } = feedAll(() => {});
    expect([told.length, wrong]).toEqual([sent.length, []]);
  });

  it('tells every message rightly behind handlers that throw', () => {
    const { told, wrong } = feedAll(() => {
      throw new Error('mine');
    });
    expect([told.length, wrong]).toEqual([sent.length, []]);
  });

  it('tells every message rightly that a pause kept', async () => {
    const { told, wrong } = feedAll((_, decoder) => {
      decoder.pause();
      setImmediate(() => decoder.resume());
    });
    while (told.length < sent.length) await new Promise((resolve) => setImmediate(resolve));
    expect(wrong).toEqual([]);
  });

  it('takes no harm from a handler that writes to a message', () => {
    const wrong: number[] = [];
    let told = 0;
    const payload = pattern(3_000);
    const decoder = open({
      binaryDelivery,
      onMessage: (data) => {
        if (!isSame(data as Uint8Array, payload)) wrong.push(told);
        (data as Uint8Array).fill(0xff);
        told += 1;
      },
    });
    const stream = join(...forms(payload).flat());
    decoder.feed(stream);
    for (let at = 0; at < stream.length; at += 1_700) decoder.feed(stream.subarray(at, at + 1_700));
    expect([told, wrong]).toEqual([10, []]);
  });

  it('tells Uint8Arrays, though Buffers were fed', () => {
    const told: string[] = [];
    const decoder = open({ binaryDelivery, onMessage: (data) => told.push(data.constructor.name) });
    for (const chunks of payloads.flatMap(forms)) for (const chunk of chunks) decoder.feed(Buffer.from(chunk));
    expect([...new Set(told)]).toEqual(['Uint8Array']);
  });

  it.each([
    ['as deep as there are windows', NESTED_LEVELS],
    ['deeper', NESTED_LEVELS + 2],
  ])('leaves a message as it is while its handler feeds others, %s', (_, depth) => {
    // The second message of each level feeds the next one, whose handlers look at the messages of all that are open.
    const lent: { readonly data: Uint8Array; readonly payload: Uint8Array }[] = [];
    const wrong = new Set<string>();
    let told = 0;
    const check = (level: number): void => {
      for (const [index, { data, payload }] of lent.entries()) {
        if (!isSame(data, payload)) wrong.add(`the message of level ${index} seen from level ${level}`);
      }
    };
    const feed = (level: number): void => {
      const payloads = [200, 3_000, 31_000, 40_000].map((length, index) => pattern(length, level * 4 + index + 1));
      let index = 0;
      const decoder = open({
        binaryDelivery,
        onMessage: (data) => {
          lent.push({ data: data as Uint8Array, payload: payloads[index]! });
          index += 1;
          told += 1;
          check(level);
          if (index === 2 && level + 1 < depth) feed(level + 1);
          check(level);
          lent.pop();
        },
      });
      decoder.feed(join(...payloads.map(binary)));
      close(decoder);
    };
    feed(0);
    expect(told).toBe(4 * depth);
    expect([...wrong]).toEqual([]);
  });
});

describe('what a decoder told', () => {
  /** Small, copied from the window; large, put together; and large in one chunk behind its header. */
  function toldBy(binaryDelivery: BinaryDelivery): Uint8Array[] {
    const told: Uint8Array[] = [];
    const decoder = open({ binaryDelivery, onMessage: (data) => told.push(data as Uint8Array) });
    for (const seed of [1, 2]) {
      for (const length of [100, 50_000]) for (const chunk of forms(pattern(length, seed))[2]!) decoder.feed(chunk);
      decoder.feed(binary(pattern(1_000, seed)));
    }
    return told;
  }

  it('owned stays what it was, and no two share a byte', () => {
    const told = toldBy('own');
    const lengths = [100, 50_000, 1_000];
    const expected = [1, 2].flatMap((seed) => lengths.map((length) => pattern(length, seed)));
    expect(told.map((data, index) => isSame(data, expected[index]!))).toEqual(expected.map(() => true));
  });

  // Where the core's memory is not of WebAssembly it could be transferred, and what is lent is a copy.
  it.skipIf(isFallBack)('borrowed lies where the next message of its kind came to lie', () => {
    const told = toldBy('borrow');
    const places = told.map(({ buffer, byteOffset }) => ({ buffer, byteOffset }));
    for (const kind of [1, 2]) {
      expect(places[kind]!.buffer).toBe(places[kind + 3]!.buffer);
      expect(isSame(told[kind]!, told[kind + 3]!)).toBe(true);
    }
  });
});

// Sockets.

/** One byte, in the window, at its end and beyond it, and read where they belong. */
const SOCKET_LENGTHS = [0, 1, 500, 20_000, 65_535, 65_536, 200_000, WINDOW_BYTES, 1_500_000];

describe.each(SCHEMES)('%s: a connection', (scheme) => {
  it.each(['own', 'borrow'] as const)('with "%s" tells every message rightly, and sends it back', async (delivery) => {
    const sent = SOCKET_LENGTHS.map((length, index) => pattern(length, index + 1));
    const wrong: number[] = [];
    const kept: Uint8Array[] = [];
    const { connection, log, peer } = await openTo((connection) => {
      connection.binaryDelivery = delivery;
      connection.maxSendBufferSize = 2 ** 26;
    }, scheme);
    let told = 0;
    connection.onMessage = (_, data) => {
      if (typeof data === 'string') {
        log.write(`message ${data}`);
        return;
      }
      const payload = sent[(told >> 1) % sent.length]!;
      if (!isSame(data, payload)) wrong.push(told);
      kept.push(data);
      told += 1;
      connection.send(data);
      // Still the same bytes: what is sent is masked, but not there.
      if (!isSame(data, payload)) wrong.push(told);
    };
    const writing = (async () => {
      for (const payload of sent) {
        const cut = payload.length >> 1;
        peer.write(frame(BINARY, payload), frame(0x02, payload.subarray(0, cut)), frame(PING, 'p'));
        await new Promise((resolve) => setImmediate(resolve));
        peer.write(frame(0x80, payload.subarray(cut)));
      }
      peer.write(frame(TEXT, 'end'));
    })();
    for (const payload of sent.flatMap((each) => [each, each])) {
      const echo = await peer.readFrameOf(BINARY);
      expect(echo.payload.equals(payload), `the echo of ${payload.length} bytes`).toBe(true);
    }
    await writing;
    await log.until('message end');
    expect([told, wrong]).toEqual([sent.length * 2, []]);
    if (delivery === 'own') {
      expect(kept.map((data, index) => isSame(data, sent[index >> 1]!))).toEqual(kept.map(() => true));
    }
  });

  it('tells borrowed messages rightly through pauses and exceptions', async () => {
    const sent = [...SOCKET_LENGTHS, ...SOCKET_LENGTHS].map((length, index) => pattern(length, index + 1));
    const wrong: number[] = [];
    const { connection, log, peer } = await openTo((connection) => {
      connection.binaryDelivery = 'borrow';
    }, scheme);
    let told = 0;
    connection.onMessage = (_, data) => {
      if (typeof data === 'string') {
        log.write(`message ${data}`);
        return;
      }
      if (!isSame(data, sent[told]!)) wrong.push(told);
      told += 1;
      connection.pauseRecv();
      setTimeout(() => connection.resumeRecv(), told % 3);
      if (told % 2 === 0) throw new Error('mine');
    };
    peer.write(...sent.map((payload) => frame(BINARY, payload)), frame(TEXT, 'end'));
    await log.until('message end');
    expect([told, wrong]).toEqual([sent.length, []]);
    expect(log.events.filter((event) => event === 'error CALLBACK_EXCEPTION').length).toBe(sent.length / 2);
  });
});
