// The life of a connection as a table: every step in every state, against a drawing of the same by hand.

import { describe, expect, it } from 'vitest';
import { follow, type State, type Step } from '../../src/connection/state';

const STATES: readonly State[] = ['initial', 'dialing', 'handshaking', 'open', 'closing', 'ending', 'closed'];
const STEPS: readonly Step[] = ['dial', 'connected', 'redirected', 'accepted', 'close', 'end', 'gone'];

/** A dot: it cannot happen. */
const DRAWING = `
              dial      connected    redirected  accepted  close    end     gone
initial       dialing   .            .           .         .        .       .
dialing       .         handshaking  .           .         .        .       closed
handshaking   .         .            dialing     open      .        .       closed
open          .         .            .           .         closing  ending  closed
closing       .         .            .           .         .        ending  closed
ending        .         .            .           .         .        .       closed
closed        .         .            .           .         .        .       .
`;

const [columns, ...rows] = DRAWING.trim()
  .split('\n')
  .map((line) => line.trim().split(/ +/));

describe('follow', () => {
  it.each(STATES.flatMap((state) => STEPS.map((step) => [state, step] as const)))('%s, %s', (state, step) => {
    const row = rows.find(([name]) => name === state)!;
    const expected = row[columns!.indexOf(step) + 1];
    expect(follow(state, step) ?? '.').toBe(expected);
  });

  it('leads from every state but the first to the end, and from the end nowhere', () => {
    for (const state of STATES) {
      const canEnd = state !== 'initial' && state !== 'closed';
      expect(follow(state, 'gone')).toBe(canEnd ? 'closed' : undefined);
      expect(STEPS.some((step) => follow(state, step) !== undefined)).toBe(state !== 'closed');
    }
  });
});
