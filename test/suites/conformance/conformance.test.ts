// The conformance run itself: a sample of every category is played as `npm run conformance` plays all of them, and clients
// that are wrong on purpose are found out, each for its own fault. A run that cannot fail would prove nothing.

import { describe, expect, it } from 'vitest';
import { ChildProgram } from '../../support/child-program';
import { BINARY, CLOSE, frame, PING, TEXT } from '../../support/raw-peer';
import { firstBadByte } from '../../support/reference';
import type { Case, Item } from './case';
import { ALL_CASES, CATEGORIES } from './cases';
import { BAD_TEXTS, parseBad } from './cases/utf8-invalid';
import { type ClientProgram, ws, wsimd } from './clients';
import { isOnlyLate } from './judge';
import { playAll } from './play';
import { failures, sum, table } from './table';
import { END, maskedFrame, TEXT_BEGIN } from './wire';
import { ANSWER, ECHO, HELLO, KEYS, STATUS_1000, silent, telling, writing } from './wrong-clients';

describe('the cases', () => {
  it('are more than 400, each with an id of its own that may stand in a URL', () => {
    const ids = ALL_CASES.map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(400);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[\w.\-/]+$/.test(id))).toEqual([]);
  });

  it('name their section of RFC 6455, and begin their ids with the section or its chapter', () => {
    for (const { id, section } of ALL_CASES) {
      expect(section).toMatch(/^(4\.1|5\.[1-6](\.[1-3])?|7\.[14](\.[1-7])?|8\.1|10\.4)$/);
      expect(section.startsWith(id.split('-')[0]!), `${id} and ${section}`).toBe(true);
    }
  });

  it('say in a sentence what they are about', () => {
    for (const { says } of ALL_CASES) expect(says).toMatch(/^[A-Z\d].*\.$/);
  });

  it('hold bad texts back behind the byte that the reference finds bad', () => {
    for (const [name, digits] of BAD_TEXTS) {
      const { enough, bytes } = parseBad(digits);
      expect([name, enough]).toEqual([name, firstBadByte(bytes) + 1]);
    }
  });
});

describe('a sample of', () => {
  it.each(CATEGORIES)('$name', async ({ cases }) => {
    const quick = cases.filter(({ id }) => !id.includes('MiB'));
    const verdicts = await playAll(
      wsimd,
      quick.filter((_, i) => i % 7 === 0),
    );
    expect(verdicts.length).toBeGreaterThan(0);
    expect(failures(verdicts)).toBe('');
  });
});

/** Milliseconds: the clients below are known to have nothing more to say. */
const patience = 300;

const named = (...ids: string[]): Case[] => ids.map((id) => ALL_CASES.find((testCase) => testCase.id === id)!);

describe('the npm package ws', () => {
  it('passes where it does as RFC 6455 says', async () => {
    const verdicts = await playAll(
      ws,
      named('5.4-ping-between/frames', '5.1-masked-text', '7.1-both-close-same-status/whole'),
    );
    expect(failures(verdicts)).toBe('');
  });

  it('is found to refuse a bad text too late, and is wrong in nothing else', async () => {
    const [verdict] = await playAll(ws, named('8.1-at-once-in-chops'), { patience });
    expect(verdict!.differences).toEqual([
      { what: 'refusal', expected: 'before the rest has come', actual: 'not before the rest has come' },
    ]);
    expect(isOnlyLate(verdict!.differences)).toBe(true);
  });

  it('is found to take a length in more bytes than it needs', async () => {
    const [verdict] = await playAll(ws, named('5.2-not-minimal-after-good/frames'), { patience });
    expect(verdict!.differences).toEqual([
      { what: 'told to the program, 2 of 1', expected: 'nothing', actual: 'text of 3 bytes, "bad"' },
      { what: 'sent back, 2 of 1', expected: 'nothing', actual: 'text of 3 bytes, "bad"' },
      { what: 'close frame of the client', expected: '1002', actual: 'no close frame' },
      { what: 'errors', expected: 'WS_ERR_INVALID_PAYLOAD_LENGTH', actual: 'none' },
      { what: 'refusal', expected: 'before the rest has come', actual: 'not before the rest has come' },
    ]);
  });

  it('is found to refuse a message of 65,537 fragments', async () => {
    const [verdict] = await playAll(ws, named('10.4-65537-fragments'), { patience });
    expect(verdict!.differences.map(({ what, actual }) => [what, actual])).toEqual([
      ['told to the program', 'nothing'],
      ['sent back', 'nothing'],
      ['close frame of the client', '1008'],
      ['errors', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'],
      ['onClose', '{"code":1006,"reason":"","wasClean":false}'],
    ]);
  });
});

describe('a client that', () => {
  async function differencesOf(program: ClientProgram) {
    const [verdict] = await playAll(program, [HELLO], { patience });
    return verdict!.differences.map(({ what, actual }) => `${what}: ${actual}`);
  }

  it('does everything right passes', async () => {
    expect(await differencesOf(writing(ECHO, ANSWER))).toEqual([]);
  });

  it.each<[does: string, writes: Uint8Array[], ...found: string[]]>([
    ['does not mask', [frame(TEXT, 'Hello'), ANSWER], 'frame 1 (text) is not masked (§5.1)'],
    [
      'masks with zeros',
      [maskedFrame(TEXT, 'Hello', [0, 0, 0, 0]), ANSWER],
      'frame 1 (text) has a masking key of zeros (§5.3)',
    ],
    [
      'masks with the same key again',
      [ECHO, maskedFrame(CLOSE, STATUS_1000, KEYS[0])],
      'frame 2 (close) has the masking key of the frame before it (§5.3)',
    ],
    [
      'masks with two keys in turn',
      [ECHO, ...[1, 0, 1, 0].map((key) => maskedFrame(PING, '', KEYS[key])), ANSWER],
      'only 2 masking keys for 6 frames (§5.3)',
    ],
    ['sets a reserved bit', [maskedFrame(TEXT | 0x40, 'Hello'), ANSWER], 'frame 1 (text) has reserved bits (§5.2)'],
    [
      'takes too long a length',
      [Buffer.concat([Buffer.of(TEXT, 0xfe, 0, 5), ECHO.subarray(2)]), ANSWER],
      'frame 1 (text) has more bytes of length than 5 needs (§5.2)',
    ],
    [
      'splits its echo',
      [maskedFrame(TEXT_BEGIN, 'Hel', KEYS[0]), maskedFrame(END, 'lo', KEYS[2]), ANSWER],
      'frame 1 (text) is not final, though every message of this client fits a frame (§5.4)',
      'frame 2 (opcode 0) has an opcode that no client of this suite sends (§5.2)',
    ],
    [
      'speaks behind its close frame',
      [ECHO, ANSWER, maskedFrame(PING, '', KEYS[2])],
      'frame 3 (ping) comes behind the close frame (§5.5.1)',
    ],
    [
      'ends in the middle of a frame',
      [ECHO, ANSWER, maskedFrame(PING, 'x', KEYS[2]).subarray(0, 6)],
      'frame 3 (ping) comes behind the close frame (§5.5.1)',
      'frame 3 (ping) ends in the middle',
    ],
  ])('%s is found out', async (_, writes, ...found) => {
    const differences = await differencesOf(writing(...writes));
    expect(differences.filter((line) => line.startsWith('frames of the client'))).toEqual(
      found.map((complaint) => `frames of the client: ${complaint}`),
    );
  });

  it.each<[does: string, writes: Uint8Array[], ...found: string[]]>([
    ['sends nothing back', [ANSWER], 'sent back: nothing'],
    [
      'sends it back twice',
      [ECHO, maskedFrame(TEXT, 'Hello', KEYS[2]), ANSWER],
      'sent back, 2 of 1: text of 5 bytes, "Hello"',
    ],
    ['sends other bytes back', [maskedFrame(TEXT, 'Hallo'), ANSWER], 'sent back: text of 5 bytes, "Hallo"'],
    ['sends it back as binary', [maskedFrame(BINARY, 'Hello'), ANSWER], 'sent back: binary of 5 bytes, 48656c6c6f'],
    ['does not answer a close frame', [ECHO], 'close frame of the client: no close frame'],
    ['answers it without its status', [ECHO, maskedFrame(CLOSE, '', KEYS[1])], 'close frame of the client: no status'],
  ])('%s is found out', async (_, writes, ...found) => {
    expect(await differencesOf(writing(...writes))).toEqual(found);
  });

  it.each<[does: string, tell: (told: readonly Item[]) => readonly Item[], ...found: string[]]>([
    ['drops a message', () => [], 'told to the program: nothing'],
    ['tells a message twice', (told) => [...told, ...told], 'told to the program, 2 of 1: text of 5 bytes, "Hello"'],
    [
      'tells a text as bytes',
      (told) => told.map(({ bytes }) => ({ kind: 'binary', bytes })),
      'told to the program: binary of 5 bytes, 48656c6c6f',
    ],
  ])('%s is found out', async (_, tell, ...found) => {
    expect(await differencesOf(telling(tell))).toEqual(found);
  });

  it('tells no end is found out', async () => {
    expect(await differencesOf(silent)).toEqual([
      'end of the case: the client did not end the connection',
      'told to the program: nothing',
      'onClose: not called',
    ]);
  });
});

describe('the table', () => {
  it('counts what passed and what failed by category, and tells both sides of a failure', async () => {
    const [good] = await playAll(wsimd, [HELLO]);
    const [bad] = await playAll(writing(ANSWER), [HELLO], { patience });
    const verdicts = [good!, { ...bad!, testCase: { ...HELLO, id: 'other' } }];
    const lines = table([{ name: 'Echo', cases: verdicts.map(({ testCase }) => testCase) }], verdicts).split('\n');
    expect(lines.find((line) => line.includes('Echo'))).toMatch(/Echo +│ §5\.6 +│ +2 │ +1 │ +1 │/);
    expect(sum(verdicts)).toBe('1 passed, 1 failed');
    expect(failures(verdicts).split('\n')).toEqual([
      'FAILED other (§5.6)',
      '  One message comes back.',
      '  sent back',
      '    expected  text of 5 bytes, "Hello"',
      '    actual    nothing',
      '',
    ]);
  });
});

describe('the command line', () => {
  async function run(...args: string[]): Promise<{ status: number | string | null; output: string }> {
    const source = `process.argv.push("conformance", ...${JSON.stringify(args)}); await import('./test/suites/conformance/run.ts');`;
    const program = new ChildProgram(source);
    return { status: await program.exit, output: program.output };
  }

  it('plays what is asked for, and ends with the sum and status 0', async () => {
    const { status, output } = await run('--only', '5.4-two-fragments');
    expect(output.trimEnd().split('\n').at(-1)).toBe('3 passed, 0 failed');
    expect(output).toMatch(/Fragmentation +│ §5\.4 +│ +3 │ +3 │ +0 │/);
    expect(status).toBe(0);
  });

  it('ends with status 1 if a case failed, and says which', async () => {
    const { status, output } = await run('--client', 'ws', '--only', '7.1-client-closes-within-a-message/whole');
    expect(output).toContain('FAILED 7.1-client-closes-within-a-message/whole (§7.1.3)');
    expect(output.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed');
    expect(status).toBe(1);
  });

  it('lists the cases of a category without playing them', async () => {
    const { status, output } = await run('--list', '--only', 'end of tcp');
    const expected = CATEGORIES.find(({ name }) => name === 'End of TCP')!.cases;
    expect(output.trimEnd().split('\n')).toEqual(
      expected.map(({ id, section, says }) => `${id}  §${section}  ${says}`),
    );
    expect(status).toBe(0);
  });

  it.each([
    [['--olny', '5.4'], /^Unknown option '--olny'/],
    [['--client', 'nobody'], /^there is no client nobody/],
    [['--only', 'nothing like it'], /^no case's id or category contains nothing like it/],
  ])('%s is refused with a sentence and status 2', async (args, says) => {
    const { status, output } = await run(...args);
    expect(output).toMatch(says);
    expect(status).toBe(2);
  });

  it('--help tells the options', async () => {
    const { status, output } = await run('--help');
    for (const option of ['--only', '--client', '--list']) expect(output).toContain(option);
    expect(status).toBe(0);
  });
});
