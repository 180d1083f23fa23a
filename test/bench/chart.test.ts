// The charts of the benchmark: where bars end, and that what is drawn is well-formed whatever names and figures there are.

import { describe, expect, it } from 'vitest';
import { chart } from '../../bench/report/chart.mjs';
import { colourOf } from '../../bench/report/colours.mjs';
import { LogScale } from '../../bench/report/scale.mjs';
import { summarize } from '../../bench/report/summary.mjs';
import { rowByName } from '../../bench/rows.mjs';

const GROUP = { name: 'receive', title: 'Receiving', unit: 'µs of CPU per message', has: () => true };

function measured(microseconds: number) {
  return [{ messages: 10, userMicroseconds: microseconds * 10, systemMicroseconds: 0, wallMicroseconds: 100 }];
}

function result(name: string, figures: Record<string, number>) {
  const rounds = Object.entries(figures).map(([peer, figure]) => [peer, measured(figure)]);
  return summarize(rowByName(name), Object.fromEntries(rounds));
}

/** Width of each bar, by colour. */
function bars(svg: string): Map<string, number> {
  const found = svg.matchAll(/<rect [^>]*width="([\d.]+)" height="10" fill="(#[0-9a-f]{6})"/g);
  // The first with a colour is that of the legend.
  return new Map([...found].map(([, width, colour]) => [colour!, Number(width)]));
}

describe('LogScale', () => {
  it.each([
    { values: [0.14, 7], ticks: [0.1, 0.2, 0.5, 1, 2, 5, 10] },
    { values: [1, 100], ticks: [0.5, 1, 2, 5, 10, 20, 50, 100] },
    { values: [0.14, 9_000], ticks: [0.1, 1, 10, 100, 1000, 10_000] },
    { values: [3], ticks: [2, 5] },
    { values: [1], ticks: [0.5, 1] },
  ])('has ticks around $values', ({ values, ticks }) => {
    expect(new LogScale(values).ticks()).toEqual(ticks);
  });

  it('gives equal ratios equal lengths', () => {
    const scale = new LogScale([0.2, 80]);
    const twice = scale.at(0.4) - scale.at(0.2);
    expect(scale.at(80) - scale.at(40)).toBeCloseTo(twice, 12);
    expect(scale.at(8) - scale.at(1)).toBeCloseTo(3 * twice, 12);
    expect(scale.at(100)).toBe(1);
  });

  it('shows the least value, and nothing of those that have no logarithm', () => {
    const scale = new LogScale([1.01, 500]);
    expect(scale.at(1.01)).toBeGreaterThan(0.03);
    expect(scale.at(0)).toBe(0);
    expect(scale.at(-3)).toBe(0);
  });
});

describe('chart', () => {
  it('draws bars as long as the scale has it', () => {
    const peers = ['wsimd', 'ws', 'bun'];
    const drawn = bars(chart(GROUP, [result('receive-1k-text', { wsimd: 1, ws: 10, bun: 100 })], peers));
    const [one = 0, ten = 0, hundred = 0] = peers.map((peer) => drawn.get(colourOf(peer)));
    expect(hundred - ten).toBeCloseTo(ten - one, 0);
    expect(one).toBeGreaterThan(0);
  });

  it('has one bar per client that takes part, and says who failed', () => {
    const svg = chart(
      GROUP,
      [{ ...result('receive-1k-text', { wsimd: 1 }), rounds: { wsimd: [], ws: [] } }],
      ['wsimd', 'ws', 'bun'],
    );
    expect(svg.match(/class="client[^"]*"/g)).toHaveLength(2);
    expect(svg).toContain('>failed<');
    expect(svg).not.toContain('bun');
  });

  it('escapes what it is given', () => {
    const svg = chart({ ...GROUP, title: 'a < b & "c"' }, [result('receive-1k-text', { '<ws>': 2 })], ['<ws>']);
    expect(svg).toContain('a &lt; b &amp; &quot;c&quot;');
    expect(svg).toContain('&lt;ws&gt;');
    expect(svg).not.toContain('<ws>');
  });

  it('puts many rows in two columns, and keeps them within the picture', () => {
    const names = ['receive', 'send'].flatMap((way) => ['16', '1k', '16k', '1m'].map((size) => `${way}-${size}-text`));
    const svg = chart(
      GROUP,
      names.map((name) => result(name, { wsimd: 3, ws: 4 })),
      ['wsimd', 'ws'],
    );
    const width = Number(/ width="(\d+)"/.exec(svg)![1]);
    const height = Number(/ height="(\d+)"/.exec(svg)![1]);
    const rowNames = [...svg.matchAll(/<text x="(\d+)"[^>]*class="row"/g)].map(([, x]) => Number(x));
    expect(new Set(rowNames).size).toBe(2);
    expect(rowNames).toHaveLength(names.length);
    for (const [, x] of svg.matchAll(/ x="([\d.]+)"/g)) expect(Number(x)).toBeLessThan(width);
    for (const [, y] of svg.matchAll(/ y="([\d.]+)"/g)) expect(Number(y)).toBeLessThan(height);
  });

  it('is drawn for memory that did not grow', () => {
    const svg = chart(GROUP, [result('receive-1k-text', { wsimd: 0, ws: -1 })], ['wsimd', 'ws']);
    expect(svg).not.toContain('NaN');
    expect(svg).toContain('>0</text>');
  });
});

describe('colourOf', () => {
  it('mixes white into the colour of the same library elsewhere', () => {
    expect(colourOf('wsimd')).toBe('#d9480f');
    expect(colourOf('wsimd@26')).toBe('#eca487');
    expect(colourOf('something else')).toBe('#777777');
  });
});
