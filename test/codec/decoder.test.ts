// The decoder against the reference: random streams, lawful ones and broken ones, in both roles and in arbitrary chunks. Each
// event must be told in the chunk that completes it, and a pause anywhere must lose, repeat and reorder nothing.

import { expect, it } from 'vitest';
import { decode, decodeFrames, decodeLarge, decodeNoise, pauses } from '../suites/fuzz/decoding';
import type { Property } from '../suites/fuzz/property';
import { attempt } from '../suites/fuzz/runner';

const RUNS: readonly [property: Property, runs: number][] = [
  [decode(), 1_500],
  [decodeNoise, 4_000],
  [decodeLarge, 5],
  [decodeFrames, 400],
  [pauses(), 600],
];

it.each(RUNS.map(([property, runs]) => ({ ...property, property, runs })))(
  '$sentence',
  { timeout: 120_000 },
  async ({ property, runs }) => {
    const { cases, failure } = await attempt(property, runs);
    expect(failure).toBeUndefined();
    expect(cases).toBe(runs);
  },
);
