// The golden cases of frames.md: each replayed whole, byte by byte, in chunks of every size and with bytes behind it, by the
// decoder and by the reference. A fault must be told at the byte that breaks the rule, however the bytes are cut.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FRAME_FAULTS } from '../../src/base/frame-faults';
import { Decoder } from '../../src/framing';
import { isFallBack } from '../support/core';
import {
  DEFAULT_LIMITS,
  encodeFrame,
  FAULT_NAMES,
  type Limits,
  line,
  ReferenceDecoder,
  type Role,
  recorder,
} from '../support/reference';

interface Case {
  readonly title: string;
  readonly role: Role;
  readonly limits: Limits;
  readonly input: Uint8Array;
  /** How many bytes must have arrived for the fault to be told; undefined if none is marked. */
  readonly faultAt: number | undefined;
  readonly log: readonly string[];
}

// The file.

function parseCases(markdown: string): Case[] {
  return markdown.split(/^## /m).flatMap((section) => {
    const role = section.startsWith('Server') ? 'server' : 'client';
    return section
      .split(/^### /m)
      .slice(1)
      .map((text) => parseCase(role, text));
  });
}

function parseCase(role: Role, text: string): Case {
  const [title] = text.split('\n');
  const limits = { ...DEFAULT_LIMITS };
  for (const [, name, value] of text.matchAll(/^limits: (maxMessageSize|maxFragments) (\d+)$/gm)) {
    limits[name as keyof Limits] = Number(value);
  }
  const { bytes, mark } = parseHex(blockOf('hex', text));
  const log = blockOf('log', text).split('\n').filter(Boolean).map(parseLogLine);
  return { title: title!, role, limits, input: Uint8Array.from(bytes), faultAt: mark, log };
}

function blockOf(kind: string, text: string): string {
  const block = new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\``, 'm').exec(text);
  if (block === null) throw new SyntaxError(`There is no ${kind} block in: ${text}`);
  return block[1]!;
}

function parseHex(block: string): { bytes: number[]; mark: number | undefined } {
  const bytes: number[] = [];
  let mark: number | undefined;
  for (const [, digits, bang, times] of block.replace(/#.*/g, '').matchAll(/([0-9a-f]+)(!?)(?: x (\d+))?/g)) {
    const group = Buffer.from(digits!, 'hex');
    for (let left = Number(times ?? 1); left > 0; left -= 1) bytes.push(...group);
    if (bang) mark = bytes.length;
  }
  return { bytes, mark };
}

/** As the recorder writes it: repetitions carried out, escapes as JSON.stringify has them. */
function parseLogLine(text: string): string {
  const binary = /^binary ?(.*)$/.exec(text);
  if (binary !== null) return line.binary(parseHex(binary[1]!).bytes);
  const quoted = /^(.*?)(".*")(?: x (\d+))?$/.exec(text);
  if (quoted !== null) return `${quoted[1]}${JSON.stringify(JSON.parse(quoted[2]!).repeat(Number(quoted[3] ?? 1)))}`;
  const control = /^(ping|pong) ?(.*)$/.exec(text);
  if (control !== null) return line[control[1] as 'ping' | 'pong'](parseHex(control[2]!).bytes);
  return text;
}

// The replay.

function replay({ role, limits }: Case, input: Uint8Array, chunk = input.length): string[] {
  const log: string[] = [];
  const decoder = new Decoder({ role, ...limits, ...quickRecorder((line) => log.push(line)) });
  for (let at = 0; at < input.length; at += chunk) decoder.feed(input.subarray(at, at + chunk));
  decoder.close();
  return log;
}

/** The last long message, and its line in the log. */
let seen: { readonly data: string | Uint8Array; readonly line: string } | undefined;

/** Long messages come once for each chunk size: to write the same line again each time would take minutes. */
function quickRecorder(tell: (line: string) => void): ReturnType<typeof recorder> {
  return {
    ...recorder(tell),
    onMessage(data, isBinary) {
      if (data.length < 2_000) recorder(tell).onMessage(data, isBinary);
      else if (seen !== undefined && isSame(data, seen.data)) tell(seen.line);
      else recorder(rememberAndTell).onMessage(data, isBinary);

      function rememberAndTell(line: string): void {
        seen = { data, line };
        tell(line);
      }
    },
  };
}

function isSame(one: string | Uint8Array, other: string | Uint8Array): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return Buffer.compare(one, other) === 0;
}

function replayReference({ role, limits }: Case, input: Uint8Array): string[] {
  const reference = new ReferenceDecoder(role, limits);
  reference.feed(input);
  return reference.log;
}

/**
 * The core without WebAssembly is made of the same source, and takes minutes for each size of a long case: of the sizes beyond those
 * around its blocks and its headers it is fed one in so many, another one of each kind of alignment every time.
 */
const FALL_BACK_STEP = 17;
const EVERY_SIZE_TO = 2_000;

const stepBehind = (chunk: number): number => (isFallBack && chunk > EVERY_SIZE_TO ? FALL_BACK_STEP : 1);

const isLast = (entry: string): boolean => entry.startsWith('close ') || entry.startsWith('fault ');

const cases = parseCases(readFileSync(new URL('frames.md', import.meta.url), 'utf8'));

describe('frames.md', () => {
  it('has each heading once in a role', () => {
    const titles = cases.map(({ role, title }) => `${role}: ${title}`);
    expect(titles).toEqual([...new Set(titles)]);
    expect(titles.length).toBeGreaterThan(150);
  });

  it('has a case for every fault, in a role that can have it', () => {
    const told = new Set(cases.flatMap(({ log }) => log).filter((entry) => entry.startsWith('fault ')));
    const known = Object.entries(FRAME_FAULTS).map(([fault, { status }]) =>
      line.fault(FAULT_NAMES.get(Number(fault))!, status),
    );
    expect([...told].sort()).toEqual(known.sort());
  });

  it('marks the byte of each fault', () => {
    for (const { title, faultAt, log } of cases) {
      expect(faultAt !== undefined, title).toBe(log.some((entry) => entry.startsWith('fault ')));
    }
  });
});

describe.each(cases.map((golden) => [`${golden.role} role: ${golden.title}`, golden] as const))('%s', (_, golden) => {
  const { input, log, faultAt, role } = golden;

  it('is what the reference tells', () => {
    expect(replayReference(golden, input)).toEqual(log);
  });

  it('is told whole and in chunks of every size', () => {
    for (let chunk = 1; chunk <= input.length; chunk += stepBehind(chunk)) {
      expect(replay(golden, input, chunk), `chunks of ${chunk}`).toEqual(log);
    }
  }, 180_000);

  it('is told with bytes behind it', () => {
    const key = role === 'server' ? [1, 2, 3, 4] : undefined;
    const ping = encodeFrame({ opcode: 9, payload: [0x7a], key });
    const longer = Uint8Array.from([...input, ...ping]);
    const expected = log.some(isLast) ? log : [...log, line.ping([0x7a])];
    for (const chunk of [1, 2, 3, 7, longer.length - 1, longer.length]) {
      expect(replay(golden, longer, chunk), `chunks of ${chunk}`).toEqual(expected);
    }
  });

  if (faultAt === undefined) return;

  it('is refused at the marked byte and not before', () => {
    const before = log.slice(0, -1);
    for (const chunk of [1, input.length]) {
      expect(replay(golden, input.subarray(0, faultAt), chunk)).toEqual(log);
      expect(replay(golden, input.subarray(0, faultAt - 1), chunk)).toEqual(before);
    }
    expect(replayReference(golden, input.subarray(0, faultAt))).toEqual(log);
    expect(replayReference(golden, input.subarray(0, faultAt - 1))).toEqual(before);
  });
});
