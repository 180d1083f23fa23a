// From measurements to what the benchmark prints, against numbers worked out by hand; and the rows as data.

import { describe, expect, it } from 'vitest';
import { groups } from '../../bench/groups.mjs';
import { merge, summarize } from '../../bench/report/summary.mjs';
import {
  byNode,
  detailTable,
  figuresTable,
  meanRatio,
  ratioOf,
  ratiosTable,
  significant,
  tablesThatFit,
  WIDEST_TABLE,
} from '../../bench/report/tables.mjs';
import { rowByName, rows } from '../../bench/rows.mjs';
import { candidates } from '../../bench/runner/peers.mjs';
import { payloadBytes } from '../../bench/wire/payloads.mjs';
import { prepareBlock } from '../../bench/wire/server-frames.mjs';

/** A round of 100 messages in a millisecond. */
function round(userMicroseconds: number, systemMicroseconds = 0) {
  return { messages: 100, userMicroseconds, systemMicroseconds, wallMicroseconds: 1000 };
}

function result(name: string, figures: Record<string, number>) {
  const rounds = Object.entries(figures).map(([peer, figure]) => [peer, [round(figure * 100)]]);
  return summarize(rowByName(name), Object.fromEntries(rounds));
}

describe('summarize', () => {
  it('takes medians over the rounds', () => {
    const rounds = { ws: [round(100, 100), round(300, 100), round(900), round(400, 200), round(500, 200)] };
    // Per message: 2, 4, 9, 6, 7; the deviations from 6: 4, 2, 3, 0, 1.
    expect(summarize(rowByName('receive-1k-text'), rounds).summaries.ws).toEqual({
      figure: 6,
      spread: 2 / 6,
      perSecond: 100_000,
      busy: 0.6,
    });
  });

  it('has bytes for a figure where memory is measured', () => {
    const idle = [{ ...round(1), messages: 2000, bytes: 2000 * 10 * 1024 }];
    const peak = [{ ...round(1), messages: 1, bytes: 3 * 1024 * 1024 }];
    expect(summarize(rowByName('memory-idle-2000'), { ws: idle }).summaries.ws!.figure).toBe(10);
    expect(summarize(rowByName('memory-peak-1m-binary'), { ws: peak }).summaries.ws!.figure).toBe(3);
  });

  it('has no memory below nothing', () => {
    const shrunk = [-5, -1, 2].map((mebibytes) => ({ ...round(1), messages: 1, bytes: mebibytes * 1024 * 1024 }));
    const { figure, spread } = summarize(rowByName('memory-peak-1m-binary'), { ws: shrunk }).summaries.ws!;
    expect({ figure, spread }).toEqual({ figure: 0, spread: 0 });
  });

  it('has no summary of a peer that failed', () => {
    expect(summarize(rowByName('receive-1k-text'), { ws: [] }).summaries).toEqual({});
  });
});

describe('merge', () => {
  it('keeps what the last run says about a row and a peer, in the order of the rows', () => {
    const first = [result('send-1k-text', { ws: 2, bun: 3 }), result('receive-1k-text', { ws: 1 })];
    const second = [result('send-1k-text', { ws: 4 })];
    const merged = merge([first, second]).map(({ row, summaries }) => [
      row,
      Object.fromEntries(Object.entries(summaries).map(([peer, { figure }]) => [peer, figure])),
    ]);
    expect(merged).toEqual([
      ['receive-1k-text', { ws: 1 }],
      ['send-1k-text', { ws: 4, bun: 3 }],
    ]);
  });
});

describe('ratios', () => {
  const results = [
    result('receive-16-text', { wsimd: 0.5, ws: 1 }),
    result('receive-1k-text', { wsimd: 2, ws: 16 }),
    result('receive-16k-text', { wsimd: 2 }),
  ];

  it('are to the subject, and their mean is geometric', () => {
    expect(ratioOf(results[1]!, 'ws', 'wsimd')).toBe(8);
    expect(meanRatio(results, 'ws', 'wsimd')).toBeCloseTo(4, 12);
    const table = ratiosTable(results, ['wsimd', 'ws'], 'wsimd');
    expect(table).toMatch(/receive-1k-text +│ 8\.00×/);
    expect(table).toMatch(/geometric mean +│ 4\.00×/);
  });

  it('are left out where there is nothing to divide', () => {
    expect(ratioOf(results[2]!, 'ws', 'wsimd')).toBeUndefined();
    expect(ratioOf(result('receive-16-text', { wsimd: 0, ws: 1 }), 'ws', 'wsimd')).toBeUndefined();
    expect(meanRatio([], 'ws', 'wsimd')).toBeUndefined();
  });

  it('are between peers on the same Node', () => {
    expect(byNode(['wsimd', 'wsimd@26', 'ws', 'ws@26', 'bun'])).toEqual([
      ['wsimd', 'ws', 'bun'],
      ['wsimd@26', 'ws@26'],
    ]);
  });
});

describe('figuresTable', () => {
  const group = groups.find(({ name }) => name === 'codec-decode')!;

  it('has the figure, its spread, and the second figure of the group', () => {
    const rounds = { wsimd: [round(50_000), round(51_200), round(60_000)], ws: [] };
    // 1 KiB in 512 µs of CPU is 2 MB/s; the deviations from 512 are 12, 0 and 88.
    const table = figuresTable(group, [summarize(rowByName('codec-decode-1k-text'), rounds)], ['wsimd', 'ws', 'bun']);
    expect(table).toMatch(/│ 512 +±2% +0\.002 │ FAILED │ +│/);
  });
});

describe('tables', () => {
  const peers = candidates.map(({ name }) => name);
  // As wide as figures get.
  const rounds = peers.map((peer) => [peer, [round(123_456_700), round(99), round(123_456_789)]]);
  const resultsOf = (some: typeof rows) => some.map((row) => summarize(row, Object.fromEntries(rounds)));
  const widthOf = (table: string) => Math.max(...table.split('\n').map((line) => line.length));

  it.each(groups)('of $name fit a terminal with all clients, none of which is missing', (group) => {
    const results = resultsOf(rows.filter(group.has));
    for (const table of [figuresTable(group, results, peers), ratiosTable(results, peers, 'wsimd')]) {
      expect(widthOf(table)).toBeLessThanOrEqual(WIDEST_TABLE);
      for (const peer of peers.slice(1)) expect(table).toMatch(new RegExp(`│ +${peer.replace('+', '\\+')} │`));
      for (const { row } of results) expect(table.split(` ${row} `).length).toBe(table.split('├').length);
    }
    expect(widthOf(detailTable(group, results, peers))).toBeLessThanOrEqual(WIDEST_TABLE);
  });

  it('are one as long as that fits, to the last column', () => {
    const lines = (width: number) => [['row', 'one', 'x'.repeat(width)]];
    const widest = WIDEST_TABLE - 'row'.length - 'one'.length - 3 * 3 - 1;
    expect(tablesThatFit(lines(widest)).match(/┌/g)).toHaveLength(1);
    expect(widthOf(tablesThatFit(lines(widest)))).toBe(WIDEST_TABLE);
    expect(tablesThatFit(lines(widest + 1)).match(/┌/g)).toHaveLength(2);
  });

  it('say how far the rounds with a live heap were from each other', () => {
    const group = groups.find(({ name }) => name === 'live-heap')!;
    const swinging = summarize(rowByName('live-heap-1k-text'), { wsimd: [round(300), round(200), round(900)], ws: [] });
    expect(detailTable(group, [swinging], ['wsimd', 'ws'])).toMatch(/live-heap-1k-text +│ 2\.00 … 9\.00 │ +│/);
  });
});

it('writes three significant digits', () => {
  expect([0.13964, 2.3, 99.94, 1234.5, 0, -4.5678].map(significant)).toEqual([
    '0.140',
    '2.30',
    '99.9',
    '1,235',
    '0',
    '-4.57',
  ]);
});

it('shows each row in exactly one group, and has no name twice', () => {
  for (const row of rows) expect([row.name, groups.filter((group) => group.has(row)).length]).toEqual([row.name, 1]);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

it('cuts a fragmented message into frames whose payloads are the message', () => {
  const row = rowByName('fragments-1k-in-64-text');
  const payloads = payloadBytes(row);
  const { bytes, messageLength } = prepareBlock(row, payloads);
  const frames = Array.from({ length: 16 }, (_, index) => bytes.subarray(index * 66, index * 66 + 66));
  expect(messageLength).toBe(16 * 66);
  // RFC 6455, section 5.4: an opcode and no FIN, continuations, and at the end a continuation with FIN.
  expect(frames.map((frame) => frame[0])).toEqual([0x01, ...Array(14).fill(0x00), 0x80]);
  expect(frames.map((frame) => frame[1])).toEqual(Array(16).fill(64));
  expect(Buffer.concat(frames.map((frame) => frame.subarray(2))).equals(payloads[0]!)).toBe(true);
});
