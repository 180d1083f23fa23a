// How TCP ends when nobody has closed: the program is told 1006, once, and gets nothing that was not whole.

import { BINARY, PING, TEXT } from '../../../support/raw-peer';
import { binary, category, pong, type Spec, type Step, text } from '../case';
import { fragments, frame, head, noise, TEXT_BEGIN } from '../wire';

const PHASES: readonly (readonly [name: string, says: string, before: readonly Step[]])[] = [
  ['at-once', 'before any frame', []],
  ['after-half-a-header', 'in the middle of a header', [frame(BINARY, noise(300)).subarray(0, 3)]],
  ['after-a-header', 'behind a header', [head(BINARY, 300)]],
  ['within-a-payload', 'in the middle of a payload', [frame(BINARY, noise(70_000)).subarray(0, 40_000)]],
  ['between-fragments', 'between two fragments', fragments(TEXT_BEGIN, 'Hel', 'lo').slice(0, 1)],
  ['within-a-character', 'inside a character', [frame(TEXT, '안녕').subarray(0, 6)]],
  ['within-a-ping', 'in the middle of a ping', [frame(PING, 'Hello').subarray(0, 4)]],
  ['within-a-close-frame', 'in the middle of a close frame', [Buffer.of(0x88, 5, 0x03, 0xe8, 0x62)]],
];

const phases = PHASES.flatMap(([name, says, before]) =>
  (['fin', 'reset'] as const).map(
    (how): Spec => ({
      id: `7.1.5-${how}-${name}`,
      section: '7.1.5',
      says: `TCP ${how === 'fin' ? 'ends' : 'is reset'} ${says}: 1006, and nothing of it is told.`,
      cuts: ['whole'],
      // The ping that is answered shows that the message before it was read before a reset can overtake it.
      server: [frame(TEXT, 'whole'), frame(PING), { returned: 2 }, ...before, how],
      told: [text('whole')],
      returned: [text('whole'), pong()],
      close: 'no close frame',
      ends: { code: 1006, wasClean: false },
    }),
  ),
);

export const tcpEnd = category('End of TCP', ...phases, {
  id: '7.1.5-fin-behind-messages',
  section: '7.1.5',
  says: 'Messages right in front of the end of TCP are delivered.',
  cuts: ['frames', 'whole', 1000],
  server: () => [frame(TEXT, 'one'), frame(BINARY, noise(100_000)), frame(TEXT, 'three'), 'fin'],
  told: () => [text('one'), binary(noise(100_000)), text('three')],
  close: 'no close frame',
  ends: { code: 1006, wasClean: false },
});
