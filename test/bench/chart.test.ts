// The charts of the benchmark: that the length of a bar is what it says, that nothing is left out that a reader needs, and that
// what is drawn is well-formed whatever names and figures there are.

import { describe, expect, it } from 'vitest';
import { charts, type ShownChart } from '../../bench/groups.mjs';
import { chart } from '../../bench/report/chart.mjs';
import { colourOf } from '../../bench/report/colours.mjs';
import { LinearScale } from '../../bench/report/scale.mjs';
import { type RowResult, summarize } from '../../bench/report/summary.mjs';
import { rowByName, rows } from '../../bench/rows.mjs';
import type { Run } from '../../bench/runner/measure.mjs';

const SHOWN: ShownChart = { name: 'receive', title: 'Receiving', quantity: 'CPU time per message', has: () => true };

const RUN: Run = {
  date: '2026-03-04T23:59:00.000Z',
  machine: {
    processor: 'A Processor',
    cores: 2,
    system: 'linux 6.1',
    node: 'v20.20.2',
    versions: { wsimd: 'wsimd 0.1.0, Node 20.20.2', 'ws+native': 'ws 8.23.0, bufferutil 4.1.0, Node 20.20.2' },
    pinning: { clientCore: 1, sourceCore: 0 },
    loadAverage: [0.5, 0.4, 0.3],
  },
  loadAfter: [1.5, 1, 1],
  rounds: 5,
  seconds: 0.2,
  absences: [],
  results: [],
  failures: [],
};

/** Rounds of ten messages each, which cost this much each. */
function rounds(...microseconds: number[]) {
  return microseconds.map((each) => ({
    messages: 10,
    userMicroseconds: each * 10,
    systemMicroseconds: 0,
    wallMicroseconds: 100,
  }));
}

function result(name: string, figures: Record<string, number | number[]>): RowResult {
  const entries = Object.entries(figures).map(([peer, each]) => [peer, rounds(...[each].flat())]);
  return summarize(rowByName(name), Object.fromEntries(entries));
}

function draw(results: RowResult[], peers: string[], shown = SHOWN): string {
  return chart(shown, results, peers, [RUN]);
}

/** Width of each bar, by colour. */
function bars(svg: string): Map<string, number> {
  const found = svg.matchAll(/<rect [^>]*width="([\d.]+)" height="10" fill="(#[0-9a-f]{6})"/g);
  return new Map([...found].map(([, width, colour]) => [colour!, Number(width)]));
}

/** A tag within a text stands for a gap. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, content]) => content!.replaceAll(/<[^>]*>/g, '|'));
}

/** Each tag that is opened is closed, in the right order, and no character stands for itself that must not. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg.replaceAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z0-9]+="[^"<]*")*)(\/?)>/g,
    (_, closing, name, _attributes, empty) => {
      if (closing) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
}

describe('LinearScale', () => {
  it.each([
    { values: [1, 0.1], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    { values: [1, 1.13], ticks: [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2] },
    { values: [1, 2.67], ticks: [0, 0.5, 1, 1.5, 2, 2.5, 3] },
    { values: [1, 5.5], ticks: [0, 1, 2, 3, 4, 5, 6] },
    { values: [1, 130], ticks: [0, 20, 40, 60, 80, 100, 120, 140] },
  ])('has ticks from 0 to beyond $values', ({ values, ticks }) => {
    expect(new LinearScale(values).ticks()).toEqual(ticks);
  });

  it('gives equal differences equal lengths, and nothing to 0', () => {
    const scale = new LinearScale([1, 2.67]);
    expect(scale.at(0)).toBe(0);
    expect(scale.at(3)).toBe(1);
    expect(scale.at(1.2)).toBeCloseTo(2 * scale.at(0.6), 12);
  });
});

describe('chart', () => {
  it('draws bars as long as what a client needs for each 1 that ws needs', () => {
    const results = [result('receive-1k-text', { wsimd: 2, 'ws+native': 10, bun: 25, deno: 0.5 })];
    const peers = ['wsimd', 'ws+native', 'bun', 'deno'];
    const drawn = bars(draw(results, peers));
    const [ours = 0, ws = 0, bun = 0, deno = 0] = peers.map((peer) => drawn.get(colourOf(peer)));
    expect(ws).toBeGreaterThan(100);
    expect(ours / ws).toBeCloseTo(0.2, 2);
    expect(bun / ws).toBeCloseTo(2.5, 2);
    expect(deno / ws).toBeCloseTo(0.05, 2);
  });

  it('has one scale for all rows', () => {
    const svg = draw(
      [
        result('receive-16-text', { wsimd: 0.1, 'ws+native': 1 }),
        result('receive-1m-text', { wsimd: 900, 'ws+native': 1000 }),
      ],
      ['wsimd', 'ws+native'],
    );
    const widths = [...svg.matchAll(/width="([\d.]+)" height="10"/g)].map(([, width]) => Number(width));
    expect(widths[1]).toBe(widths[3]);
    expect(widths[2]! / widths[0]!).toBeCloseTo(9, 0);
  });

  it('compares with ws on the same Node', () => {
    const figures = { wsimd: 2, 'wsimd@26': 3, 'ws+native': 4, 'ws+native@26': 12 };
    const texts = textsOf(draw([result('receive-1k-text', figures)], Object.keys(figures)));
    expect(texts).toContain('0.50 (2.00 µs ±0%)');
    expect(texts).toContain('0.25 (3.00 µs ±0%)');
    expect(texts).toContain('wsimd on Node 26');
  });

  it('compares with ws without its add-ons where the other was not measured', () => {
    expect(textsOf(draw([result('receive-1k-text', { wsimd: 2, ws: 8 })], ['wsimd', 'ws']))).toContain(
      '0.25 (2.00 µs ±0%)',
    );
  });

  it('says on its axis what a length means', () => {
    const texts = textsOf(draw([result('receive-1k-text', { wsimd: 1, 'ws+native': 2 })], ['wsimd', 'ws+native']));
    expect(texts).toContain(
      'CPU time per message, relative to ws: 1 is what ws needs; linear scale from 0; shorter is better',
    );
    expect(texts.filter((line) => line === '1 = ws')).toHaveLength(2);
    expect(texts).toContain('0');
  });

  it('has the names that a newcomer understands', () => {
    const figures = { wsimd: 1, 'wsimd-borrow': 1, 'ws+native': 2, bun: 3 };
    const texts = textsOf(draw([result('receive-16-binary', figures)], Object.keys(figures)));
    for (const name of ['receive 16-byte binary', 'wsimd', 'wsimd, borrowed bytes', 'ws', 'Bun’s WebSocket'])
      expect(texts).toContain(name);
  });

  it('names who needs less than this library', () => {
    const figures = { wsimd: 4, 'wsimd-borrow': 1, 'ws+native': 9, bun: 3, beast: 2, floor: 0.1 };
    const texts = textsOf(draw([result('receive-16-binary', figures)], Object.keys(figures)));
    expect(texts).toContain('receive 16-byte binary|less than wsimd: Boost.Beast (C++), Bun’s WebSocket|');
  });

  it('has the spread: in the label, and as a line around the end of the bar', () => {
    const svg = draw([result('receive-1k-text', { wsimd: [4, 5, 6], 'ws+native': 10 })], ['wsimd', 'ws+native']);
    expect(textsOf(svg)).toContain('0.50 (5.00 µs ±20%)');
    const [, from = 0, to = 0] = (/<line x1="([\d.]+)" x2="([\d.]+)" [^>]*class="spread"/.exec(svg) ?? []).map(Number);
    const [, left = 0, width = 0] = (/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="10"/.exec(svg) ?? []).map(
      Number,
    );
    expect((from + to) / 2).toBeCloseTo(left + width, 0);
    expect((to - from) / 2 / width).toBeCloseTo(0.2, 2);
  });

  it('has machine, date, versions and method at its foot', () => {
    const texts = textsOf(draw([result('receive-1k-text', { wsimd: 1, 'ws+native': 2 })], ['wsimd', 'ws+native']));
    expect(texts.slice(-4)).toEqual([
      '4 March 2026; A Processor, 2 cores, linux 6.1, Node 20.20.2; client on core 1, source on core 0, for echoes both on one.',
      'wsimd 0.1.0, Node 20.20.2, ws 8.23.0, bufferutil 4.1.0.',
      'Medians of 5 rounds of 0.2 s, in which the clients took turns; load of the machine 0.5 before and 1.5 after.',
      'The line at the end of a bar, and ±, is the median absolute deviation of the rounds.',
    ]);
  });

  it('has one bar per client that takes part, and says who failed', () => {
    const both = result('receive-1k-text', { wsimd: 1, ws: 2 });
    const svg = draw([{ ...both, rounds: { ...both.rounds, undici: [] } }], ['wsimd', 'ws', 'undici', 'bun']);
    expect(svg.match(/class="client[^"]*"/g)).toHaveLength(3);
    expect(textsOf(svg)).toContain('failed');
    expect(svg).not.toContain('Bun');
  });

  it('is drawn for memory that did not grow, and never for less', () => {
    const shrunk = [{ ...rounds(1)[0]!, messages: 1, bytes: -3 * 1024 * 1024 }];
    const grown = [{ ...rounds(1)[0]!, messages: 1, bytes: 3 * 1024 * 1024 }];
    const row = rowByName('memory-peak-1m-binary');
    const svg = draw([summarize(row, { wsimd: shrunk, 'ws+native': grown })], ['wsimd', 'ws+native']);
    expect(textsOf(svg)).toContain('0 (0 MiB ±0%)');
    expect(bars(svg).get(colourOf('wsimd'))).toBe(0);
    const withoutWs = draw([summarize(row, { wsimd: grown, 'ws+native': shrunk })], ['wsimd', 'ws+native']);
    expect(textsOf(withoutWs)).toContain('3.00 MiB ±0%, without ws');
    for (const each of [svg, withoutWs]) {
      expect(each).not.toMatch(/NaN|Infinity|="-/);
      expectWellFormed(each);
    }
  });

  it('escapes what it is given, and is well-formed', () => {
    const svg = draw([result('receive-1k-text', { '<ws>': 2, wsimd: 1, ws: 3 })], ['<ws>', 'wsimd', 'ws'], {
      ...SHOWN,
      title: 'a < b & "c"',
    });
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).toContain('&lt;ws&gt;');
    expectWellFormed(svg);
  });

  it('keeps all that it draws within the picture', () => {
    const svg = draw(
      rows
        .filter(({ group }) => group === 'receive')
        .map(({ name }) => result(name, { wsimd: 3, 'ws+native': [4, 9, 19] })),
      ['wsimd', 'ws+native'],
    );
    const width = Number(/ width="(\d+)"/.exec(svg)![1]);
    const height = Number(/ height="(\d+)"/.exec(svg)![1]);
    for (const [, x] of svg.matchAll(/ x[12]?="([\d.]+)"/g)) expect(Number(x)).toBeLessThan(width);
    for (const [, y] of svg.matchAll(/ y[12]?="([\d.]+)"/g)) expect(Number(y)).toBeLessThan(height);
  });
});

describe('charts', () => {
  it('have rows, a few each, and each a name of its own', () => {
    for (const { name, has } of charts) {
      const shown = rows.filter(has).length;
      expect(shown, name).toBeGreaterThan(0);
      expect(shown, name).toBeLessThan(20);
    }
    expect(new Set(charts.map(({ name }) => name)).size).toBe(charts.length);
  });
});

describe('colourOf', () => {
  it('mixes white into the colour of the same library elsewhere', () => {
    expect(colourOf('wsimd')).toBe('#d9480f');
    expect(colourOf('wsimd@26')).toBe('#eca487');
    expect(colourOf('something else')).toBe('#777777');
  });
});
