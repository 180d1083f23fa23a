// Conversations that a generator makes up from a seed: messages of all kinds and sizes, cut anywhere, with a fault now and
// then, and a program that sends, pauses and closes in between.

import { setImmediate } from 'node:timers/promises';
import { BINARY, CLOSE, closeFrame, frame, PING, PONG, TEXT } from '../../support/raw-peer';
import { type Script, script } from './script';

const SIZES = [0, 1, 5, 125, 126, 127, 1000, 65_535, 65_536, 70_000];
const WORDS = ['', 'a', 'hello', 'é', '☂', '😀', 'κόσμε', '\u0000', 'x'.repeat(100)];
/** Frames that end a connection. Invalid text is not among them: wsimd tells it sooner than `ws`. */
const FAULTS = [frame(0xc1), frame(0xa2), frame(0x83), frame(0x0b), frame(0x09), frame(0x88, 'x'), closeFrame(1005)];

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator). */
class Dice {
  constructor(private state: number) {}

  next(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.state / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  of<One>(list: readonly One[]): One {
    return list[this.below(list.length)]!;
  }
}

function text(dice: Dice): Buffer {
  return Buffer.from(Array.from({ length: dice.below(8) }, () => dice.of(WORDS)).join(''));
}

function payload(dice: Dice, isText: boolean): Buffer {
  return isText ? text(dice) : Buffer.alloc(dice.of(SIZES), dice.below(256));
}

/** One message, whole or in fragments, with a ping in between. */
function message(dice: Dice): Buffer[] {
  const isText = dice.next() < 0.5;
  const first = isText ? TEXT : BINARY;
  if (dice.next() < 0.6) return [frame(first, payload(dice, isText))];
  const frames = [frame(first & 0x0f, payload(dice, isText))];
  while (dice.next() < 0.5)
    frames.push(dice.next() < 0.3 ? frame(PING, 'in between') : frame(0, payload(dice, isText)));
  return [...frames, frame(0x80, payload(dice, isText))];
}

function conversation(dice: Dice): Buffer {
  const frames: Buffer[] = [];
  for (let i = dice.below(25); i >= 0; i--) {
    const kind = dice.next();
    if (kind < 0.8) frames.push(...message(dice));
    else frames.push(frame(kind < 0.9 ? PING : PONG, text(dice).subarray(0, 100)));
  }
  if (dice.next() < 0.3) frames.push(dice.of(FAULTS), frame(TEXT, 'behind'));
  frames.push(closeFrame(1000 + dice.below(3), 'the end'));
  return Buffer.concat(frames);
}

/** Where the bytes are cut. */
function cut(dice: Dice, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const size = 1 + dice.below(dice.of([3, 50, 5000, 100_000]));
    pieces.push(bytes.subarray(from, from + size));
    from += size;
  }
  return pieces;
}

export function conversationOf(seed: number): Script {
  return script(`conversation ${seed}`, async (stage) => {
    const dice = new Dice(seed);
    dice.next();
    const maxPayload = dice.of([0, 0, 100 * 1024 * 1024, 66_000]);
    const { client, peer } = await stage.opened({ maxPayload, allowSynchronousEvents: dice.next() < 0.8 });
    client.binaryType = dice.of(['nodebuffer', 'arraybuffer', 'fragments', 'blob'] as never[]);
    const answers = dice.next() < 0.3;
    client.on('message', (data) => {
      if (answers && client.readyState === 1) client.send(`got ${(data as Buffer).length}`);
    });
    for (const piece of cut(dice, conversation(dice))) {
      peer.write(piece);
      if (dice.next() < 0.5) await setImmediate();
    }
    await peer.rest();
    await stage.closed();
  });
}

function data(dice: Dice): unknown {
  const bytes = payload(dice, false);
  return dice.of([
    text(dice).toString(),
    bytes,
    new Uint8Array(bytes),
    new Uint8Array(bytes).buffer,
    new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
    dice.below(1000),
    undefined,
    [1, 2, 3],
  ]);
}

/** A program that sends whatever there is, with callbacks here and there, in turns of its own. */
export function monologueOf(seed: number): Script {
  return script(`monologue ${seed}`, async (stage) => {
    const dice = new Dice(seed);
    dice.next();
    const { client, peer } = await stage.opened();
    const ended = peer.upTo(CLOSE);
    for (let i = 0; i < 40; i++) {
      const kind = dice.next();
      const done = dice.next() < 0.4 ? stage.done(client, `${i}`) : undefined;
      if (kind < 0.7) {
        const options = dice.of([
          {},
          { binary: true },
          { binary: false },
          { fin: false },
          { fin: true, compress: true },
        ]);
        client.send(data(dice) as string, options, done);
      } else if (kind < 0.75) client.send(new Blob(['blob ', text(dice).toString()]) as never, {}, done);
      else stage.attempt('control', () => client[kind < 0.9 ? 'ping' : 'pong'](data(dice), undefined, done));
      if (dice.next() < 0.2) await setImmediate();
    }
    client.close(1000);
    await ended;
    await peer.finish();
    await stage.closed();
  });
}

/** A conversation that the client closes somewhere, or that ends with the end of TCP, wherever that is. */
export function endOf(seed: number): Script {
  return script(`end ${seed}`, async (stage) => {
    const dice = new Dice(seed);
    dice.next();
    const { client, peer } = await stage.opened({ closeTimeout: 2_000 });
    const closeAt = dice.below(12);
    let count = 0;
    client.on('message', () => {
      count += 1;
      if (count === closeAt) client.close(1000, 'mine');
    });
    const whole = conversation(dice);
    const isCutOff = dice.next() < 0.4;
    for (const piece of cut(dice, isCutOff ? whole.subarray(0, dice.below(whole.length)) : whole)) {
      peer.write(piece);
      if (dice.next() < 0.5) await setImmediate();
    }
    if (isCutOff) peer.socket.end();
    await peer.rest();
    await stage.closed();
  });
}

const seeds = Array.from({ length: 40 }, (_, seed) => seed);
export const random = seeds.flatMap((seed) => [conversationOf(seed), monologueOf(seed), endOf(seed)]);
