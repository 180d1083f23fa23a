// Workerman's names and numbers for the states of a connection.

import { describe, expect, it } from 'vitest';
import { STATUS } from '../../src/callback/workerman';
import type { State } from '../../src/connection/state';

const STATES: readonly State[] = ['initial', 'dialing', 'handshaking', 'open', 'closing', 'ending', 'closed'];

describe('STATUS', () => {
  it("has Workerman's name and number for every state", () => {
    expect(STATES.map((state) => `${state} ${STATUS[state].name} ${STATUS[state].number}`)).toEqual([
      'initial INITIAL 0',
      'dialing CONNECTING 1',
      'handshaking CONNECTING 1',
      'open ESTABLISHED 2',
      'closing CLOSING 8',
      'ending ENDING 4',
      'closed CLOSED 16',
    ]);
  });
});
