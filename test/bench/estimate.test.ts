// How long a run says that it will take, and the one that says it takes less than two minutes.

import { describe, expect, it } from 'vitest';
import { QUICK } from '../../bench/options.mjs';
import { rowByName, rows } from '../../bench/rows.mjs';
import { estimate, secondsOf, spoken } from '../../bench/runner/estimate.mjs';
import { candidates, type Peer } from '../../bench/runner/peers.mjs';

function peersNamed(...names: string[]): Peer[] {
  return names.map((name) => {
    const found = candidates.find((candidate) => candidate.name === name)!.find();
    if (typeof found === 'string') throw new Error(found);
    return found;
  });
}

const quick = {
  rows: QUICK.rows.split(',').map(rowByName),
  peers: peersNamed(...QUICK.peers.split(',')),
  rounds: Number(QUICK.rounds),
  seconds: Number(QUICK.seconds),
};

describe('estimate', () => {
  it('says what is measured, and how long that takes', () => {
    expect(estimate(quick)).toBe('17 rows, 3 clients, 3 rounds: about 1 min 50 s');
    const small = { rows: quick.rows.slice(0, 1), peers: peersNamed('wsimd'), rounds: 1, seconds: 0.2 };
    expect(estimate(small)).toBe('1 row, 1 client, 1 round: about 2 s');
  });

  it('keeps what --quick promises', () => {
    expect(secondsOf(quick)).toBeLessThan(120);
  });

  it('counts those that take part in a row, and what their rounds last at least', () => {
    const plan = { rows: [rowByName('opening-ws')], rounds: 10, seconds: 0.1 };
    const alone = secondsOf({ ...plan, peers: peersNamed('wsimd') });
    expect(alone).toBeGreaterThan(10);
    expect(secondsOf({ ...plan, peers: peersNamed('wsimd', 'floor') })).toBe(alone);
    expect(secondsOf({ ...plan, peers: peersNamed('floor') })).toBe(0);
  });

  it('has a time for every row', () => {
    for (const row of rows) {
      const seconds = secondsOf({ rows: [row], peers: peersNamed('wsimd'), rounds: 1, seconds: 0.1 });
      expect(seconds, row.name).toBeGreaterThan(0.5);
      expect(seconds, row.name).toBeLessThan(20);
    }
  });
});

it.each([
  [0.2, '1 s'],
  [99.4, '99 s'],
  [101, '1 min 40 s'],
  [116, '2 min'],
  [3599, '1 h 0 min'],
  [5432, '1 h 31 min'],
])('speaks of %d seconds as %s', (seconds, text) => {
  expect(spoken(seconds)).toBe(text);
});
