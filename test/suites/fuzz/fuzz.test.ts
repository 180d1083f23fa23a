// The properties of `npm run fuzz`, each for a moment; the differences to `ws`, each by a case of its own; and the runner:
// what it finds in decoders that are wrong on purpose, and how it tells it.

import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTION_FAULTS, WsimdError } from '../../../src/base/faults';
import { DEFAULT_LIMITS } from '../../support/reference';
import { PROPERTIES } from './all';
import { main } from './command';
import { decode, pauses } from './decoding';
import { closeBodies } from './encoding';
import { nesting } from './nesting';
import { claim, type Property } from './property';
import { attempt, run } from './runner';
import { type MakeSubject, makeDecoder, type Subject } from './subjects';
import { holdAgainstWs, wsCases } from './ws';
import { DIFFERENCES, type Example } from './ws-differences';
import { codeRecorder, WsDecoder } from './ws-receiver';

describe('properties', () => {
  it.each(PROPERTIES.map((property) => [property.name, property.sentence, property] as const))(
    '%s: %s',
    { timeout: 120_000 },
    async (_name, _sentence, property) => {
      const { cases, failure } = await attempt(property, property.runs);
      expect(failure).toBeUndefined();
      expect(cases).toBe(property.runs);
    },
  );

  it('close-bodies: with every code up to 5,100, and every seventh above', () => {
    const [bytes, key, cuts] = [Uint8Array.of(0x61), Uint8Array.of(1, 2, 3, 4), { at: [] }];
    for (let code = 0; code <= 0xffff; code += code < 5_100 ? 1 : 7) {
      const role = code % 2 === 0 ? 'server' : 'client';
      closeBodies.holds({ role, code, reason: 'a', bytes, key, cuts });
    }
  });
});

describe('found by the properties:', () => {
  it('a Buffer that was fed in a pause may be used again at once, though its slice() is no copy', async () => {
    const stream = Buffer.from('82008900', 'hex');
    await pauses().holds({ role: 'client', limits: DEFAULT_LIMITS, stream, splits: [2], choices: [false, true] });
  });

  it('so may one that a handler has fed to its own decoder', async () => {
    const stream = Buffer.from('8100880203e8', 'hex');
    const members = [{ role: 'client' as const, limits: DEFAULT_LIMITS, stream, splits: [2] }];
    await nesting().holds({ members, steps: [{ kind: 'feed', on: 0 }] });
  });
});

describe('ws differs:', () => {
  const examples = DIFFERENCES.flatMap(({ name, examples }) =>
    examples.map((example): [string, string, Example] => [name, example.sentence, example]),
  );

  it.each(examples)('%s: %s', (_name, _sentence, { role = 'client', limits = DEFAULT_LIMITS, ...example }) => {
    const log: string[] = [];
    const decoder = makeDecoder({ role, ...limits, ...codeRecorder((entry) => log.push(entry)) });
    const ws = new WsDecoder(role, example.wsLimits ?? limits);
    for (const each of example.chunks) {
      const chunk = typeof each === 'string' ? Buffer.from(each.replaceAll(' ', ''), 'hex') : each;
      decoder.feed(chunk);
      ws.feed(chunk);
    }
    decoder.close();
    expect(log).toEqual(example.ours);
    expect(ws.log).toEqual(example.theirs);
  });

  it.each(DIFFERENCES.filter(({ reread }) => reread !== undefined).map((difference) => [difference.name, difference]))(
    '%s: without this the property fails',
    { timeout: 120_000 },
    (_name, difference) => {
      const others = DIFFERENCES.filter((other) => other !== difference);
      const property = fc.property(wsCases, (found) => holdAgainstWs(found, others));
      expect(fc.check(property, { seed: 1, numRuns: 20_000, endOnFailure: true }).failed).toBe(true);
    },
  );
});

// Decoders that are wrong on purpose.

/** Tells all but short pongs as pings. */
const mistaken: MakeSubject = (options) =>
  makeDecoder({ ...options, onPong: (data) => (data.length > 2 ? options.onPing(data) : options.onPong(data)) });

/** Tells what the decoder tells when the core traps. */
const trapped: MakeSubject = (options) =>
  makeDecoder({ ...options, onPing: () => options.onError(new WsimdError(CONNECTION_FAULTS.internal)) });

const throwing: MakeSubject = (options) =>
  makeDecoder({
    ...options,
    onPing() {
      throw new WebAssembly.RuntimeError('unreachable');
    },
  });

/** Reads a chunk when the next one is there. */
const late: MakeSubject = (options) => {
  const decoder = makeDecoder(options);
  let last = new Uint8Array();
  const feed = (chunk: Uint8Array): void => {
    decoder.feed(last);
    last = new Uint8Array(chunk);
  };
  return { ...methodsOf(decoder), feed };
};

/** Keeps nothing while it is paused. */
const forgetful: MakeSubject = (options) => {
  const decoder = makeDecoder(options);
  let isPaused = false;
  return {
    ...methodsOf(decoder),
    feed(chunk) {
      if (!isPaused) decoder.feed(chunk);
    },
    pause() {
      isPaused = true;
      decoder.pause();
    },
    resume() {
      isPaused = false;
      decoder.resume();
    },
  };
};

function methodsOf(decoder: Subject): Subject {
  return {
    feed: (chunk) => decoder.feed(chunk),
    pause: () => decoder.pause(),
    resume: () => decoder.resume(),
    close: () => decoder.close(),
  };
}

const withoutStack = (text: string): string => text.replaceAll(/^ +at .*$/gm, '');

type Make = (make?: MakeSubject) => Property<never>;

describe('the runner', () => {
  const wrong: [what: string, make: Make, subject: MakeSubject, largest: number, sentence: RegExp][] = [
    [
      'tells something else',
      decode as Make,
      mistaken,
      12,
      /line \d, in chunk 1: told ping 000000, expected pong 000000/,
    ],
    ['tells that the core trapped', decode as Make, trapped, 8, /told fault The decoder failed.* 1011, expected ping/],
    ['throws', decode as Make, throwing, 8, /RuntimeError: unreachable/],
    ['tells an event a chunk too late', decode as Make, late, 4, /told nothing, expected/],
    ['loses what comes in a pause', pauses as Make, forgetful, 8, /told nothing, expected/],
  ];

  it.each(wrong)(
    'finds, shrinks and reports a decoder that %s',
    { timeout: 120_000 },
    async (_what, make, subject, largest, sentence) => {
      const property = make(subject);
      const printed: string[] = [];
      const print = (text: string): unknown => printed.push(text);
      expect(await run([property], { seconds: 0, seed: 4, print })).toBe(1);
      const [report, summary] = printed as [string, string];
      expect(report).toContain(`FAILED ${property.name}: ${property.sentence}\nseed 4, path `);
      expect(report).toContain(`npm run fuzz -- --seed 4 --only ${property.name}\n`);
      expect(report).toMatch(sentence);
      expect(summary).toMatch(/FAILED .*\n.*\n0 passed, 1 failed$/);

      // What it prints is the case: pasted into a test it fails for this decoder, and for the right one it does not.
      const source = /\.holds\((.*)\);$/m.exec(report)![1]!;
      const found = runInNewContext(`(${source})`, { Buffer });
      expect(found.stream.length).toBeLessThanOrEqual(largest);
      await expect((async () => property.holds(found as never))()).rejects.toThrow();
      await make().holds(found as never);

      // The same seed finds the same; who called whom does not belong to it.
      await run([property], { seconds: 0, seed: 4, print });
      expect(printed.slice(2).map(withoutStack)).toEqual(printed.slice(0, 2).map(withoutStack));
    },
  );

  it('goes on with the other properties, and with new seeds, until the time is over', async () => {
    const seen = new Set<number>();
    const good = claim({ name: 'good', sentence: '', runs: 50 }, fc.integer(), (number) => void seen.add(number));
    const bad = claim({ name: 'bad', sentence: '', runs: 50 }, fc.integer(), () => {
      throw new Error('always');
    });
    let time = 0;
    const printed: string[] = [];
    const now = (): number => {
      time += 100;
      return time;
    };
    expect(await run([bad, good], { seconds: 1, seed: 0x7fffffff, print: (text) => printed.push(text), now })).toBe(1);
    expect(printed).toHaveLength(2);
    expect(printed[1]).toMatch(/bad +│ +1 │ FAILED/);
    const [, cases] = /good +│ +(\d+) │ passed/.exec(printed[1]!)!;
    expect(Number(cases) % 50).toBe(0);
    expect(Number(cases)).toBeGreaterThan(100);
    expect(seen.size).toBeGreaterThan(100);
    expect(printed[1]).toMatch(/\n1 passed, 1 failed$/);
  });
});

describe('npm run fuzz', () => {
  const good = claim({ name: 'good', sentence: 'All is well.', runs: 10 }, fc.integer(), () => {});
  const bad = claim({ name: 'bad', sentence: 'Never.', runs: 10 }, fc.nat(), (number) => {
    if (number > 3) throw new Error(`${number} is above 3`);
  });

  async function type(...args: string[]): Promise<{ status: number; printed: string }> {
    const printed: string[] = [];
    const status = await main(args, [good, bad], (text) => printed.push(text));
    return { status, printed: printed.join('\n') };
  }

  it('prints the seed first and the sum last, and exits with 1 if a property failed', async () => {
    const { status, printed } = await type('--seconds', '0', '--seed', '12');
    expect(status).toBe(1);
    expect(printed).toMatch(/^seed 12, 0 s\n/);
    expect(printed).toContain('.holds(4);\nError: 4 is above 3');
    expect(printed).toMatch(/\n1 passed, 1 failed$/);
  });

  it('runs one property alone, and exits with 0 if it holds', async () => {
    const { status, printed } = await type('--only', 'good', '--seconds', '0.01');
    expect(status).toBe(0);
    expect(printed).toMatch(/^seed \d+, 0\.01 s\n/);
    expect(printed).toMatch(/\n1 passed, 0 failed$/);
  });

  it('has --help', async () => {
    const { status, printed } = await type('--help');
    expect(status).toBe(0);
    expect(printed).toMatch(/--seconds N.*--seed S.*--only NAME.*good +All is well\.\n +bad +Never\.$/s);
  });

  it.each([
    [['--second', '1'], 'There is no option --second.'],
    [['-s'], 'There is no option -s.'],
    [['10'], '"10" is not an option.'],
    [['--seconds'], '--seconds needs a value.'],
    [['--seconds', 'ten'], '--seconds must be a number from 0 to 86400; it is "ten".'],
    [['--seconds', '-1'], '--seconds must be a number from 0 to 86400; it is "-1".'],
    [['--seed=1.5'], '--seed must be a whole number from 0 to 2147483647; it is "1.5".'],
    [['--seed', '2147483648'], '--seed must be a whole number from 0 to 2147483647; it is "2147483648".'],
    [['--seed', ''], '--seed must be a whole number from 0 to 2147483647; it is "".'],
    [['--only', 'nothing'], 'There is no property "nothing".'],
    [['--help=no'], '--help takes no value.'],
  ])('refuses %j with a sentence and status 2', async (args, sentence) => {
    const { status, printed } = await type(...args);
    expect(status).toBe(2);
    expect(printed).toMatch(/^.*\n\nnpm run fuzz/);
    expect(printed.split('\n')[0]).toBe(sentence);
  });
});
