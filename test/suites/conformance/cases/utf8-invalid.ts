// Bytes that are no UTF-8, each refused at its first bad byte: what follows it has not been sent when the close frame comes.

import { PING, TEXT } from '../../../support/raw-peer';
import { binary, category, HOLD, heldAfter, REFUSED, type Spec, text } from '../case';
import { BINARY_BEGIN, END, fragments, frame, head, hex, MIDDLE, octets, prose, TEXT_BEGIN } from '../wire';

/** By the grammar of RFC 3629 §4. A bar stands behind the first byte that cannot stand at its place. */
export const BAD_TEXTS: readonly (readonly [name: string, digits: string])[] = [
  ['continuation-80', '80|'],
  ['continuation-bf', 'bf|'],
  ['continuation-within', '61 62 80| 63'],
  ['continuations', '80| bf 80 bf 80 bf'],
  ['continuation-after-a-character', 'ce ba 80|'],
  ['start-of-2-then-space', 'c3 20|'],
  ['start-of-2-then-start', 'df c2| 80'],
  ['start-of-3-then-space', 'e2 20|'],
  ['start-of-3-cut', 'e2 82 20|'],
  ['start-of-3-then-start', 'ea b0 ea| b0 80'],
  ['start-of-4-then-space', 'f0 20|'],
  ['start-of-4-cut-early', 'f0 9f 20|'],
  ['start-of-4-cut-late', 'f0 9f a6 20|'],
  ['start-of-4-then-start', 'f0 9f a6 f0| 9f a6 8a'],
  ['impossible-fe', 'fe|'],
  ['impossible-ff', 'ff|'],
  ['impossible-both', 'fe| fe ff ff'],
  ['impossible-c0', 'c0| 80'],
  ['impossible-c1', 'c1| bf'],
  ['impossible-f5', 'f5| 80 80 80'],
  ['impossible-f7', 'f7| bf bf bf'],
  ['5-bytes', 'f8| 88 80 80 80'],
  ['6-bytes', 'fc| 84 80 80 80 80'],
  ['slash-in-2', 'c0| af'],
  ['slash-in-3', 'e0 80| af'],
  ['slash-in-4', 'f0 80| 80 af'],
  ['nul-in-3', 'e0 80| 80'],
  ['longest-in-3', 'e0 9f| bf'],
  ['nul-in-4', 'f0 80| 80 80'],
  ['longest-in-4', 'f0 8f| bf bf'],
  ['surrogate-d800', 'ed a0| 80'],
  ['surrogate-dbff', 'ed af| bf'],
  ['surrogate-dc00', 'ed b0| 80'],
  ['surrogate-dfff', 'ed bf| bf'],
  ['surrogate-pair', 'ed a1| 8c ed be b4'],
  ['above-10ffff', 'f4 90| 80 80'],
  ['above-10ffff-within', 'ce ba cf 8c f4 90| 80 80 65 64'],
];

/** The bytes before the bar and all of them. */
export function parseBad(digits: string): { readonly enough: number; readonly bytes: Buffer } {
  const [good, rest = ''] = digits.split('|') as [string, string?];
  return { enough: hex(good).length, bytes: hex(good + rest) };
}

const TAIL = Buffer.from(' and what follows');

const inOneFrame = BAD_TEXTS.map(([name, digits], i): Spec => {
  const { enough, bytes } = parseBad(digits);
  // Behind different numbers of good bytes, so that it falls anywhere in a block of 16.
  const before = prose((i * 7) % 40);
  return {
    id: `8.1-bad-${name}`,
    section: '8.1',
    says: 'Refused at its first bad byte, in the middle of a frame.',
    server: heldAfter(2 + before.length + enough, frame(TEXT, Buffer.concat([before, bytes, TAIL]))),
    fails: REFUSED.utf8,
  };
});

const inFragments = BAD_TEXTS.map(([name, digits]): Spec => {
  const { enough, bytes } = parseBad(digits);
  const frames = fragments(TEXT_BEGIN, ...octets(Buffer.concat([bytes, TAIL])));
  return {
    id: `8.1-bad-${name}-in-fragments`,
    section: '8.1',
    says: 'Refused at its first bad byte, in fragments of one byte.',
    cuts: ['frames'],
    server: heldAfter(enough * 3, Buffer.concat(frames)),
    fails: REFUSED.utf8,
  };
});

/** Texts that end inside a character: bad where they end. */
const CUT = ['c3', 'e2', 'e2 82', 'f0', 'f0 9f', 'f0 9f a6', '61 62 63 ed 95', 'ea b0 80 f4 8f bf'];

const cut = CUT.flatMap((digits, i): Spec[] => [
  {
    id: `8.1-cut-${i + 1}`,
    section: '8.1',
    says: 'A text must not end inside a character: refused with its last byte.',
    cuts: ['whole', 'bytes'],
    server: [frame(TEXT, hex(digits)), frame(PING)],
    fails: REFUSED.utf8,
  },
  {
    id: `8.1-cut-${i + 1}-in-fragments`,
    section: '8.1',
    says: 'Nor with an empty last fragment: refused by its header.',
    cuts: ['frames'],
    server: [frame(TEXT_BEGIN, hex(digits)), frame(MIDDLE), ...heldAfter(2, Buffer.concat([frame(END), frame(PING)]))],
    fails: REFUSED.utf8,
  },
]);

const failingAtOnce: Spec[] = [
  {
    id: '8.1-at-once-second-fragment',
    section: '8.1',
    says: 'Three fragments with the bad byte in the second: refused before the third is there.',
    cuts: ['frames', 'bytes', 'whole'],
    server: [frame(TEXT_BEGIN, 'κόσμε'), ...heldAfter(4, frame(MIDDLE, hex('f4 90 80 80'))), frame(END, 'edited')],
    fails: REFUSED.utf8,
  },
  {
    id: '8.1-at-once-across-fragments',
    section: '8.1',
    says: 'A character whose first byte is in one fragment and whose bad second byte begins the next.',
    cuts: ['frames', 'bytes', 'whole'],
    server: [frame(TEXT_BEGIN, hex('ce ba f4')), ...heldAfter(3, frame(MIDDLE, hex('90 80 80'))), frame(END, 'edited')],
    fails: REFUSED.utf8,
  },
  {
    id: '8.1-at-once-in-chops',
    section: '8.1',
    says: 'One frame in pieces: refused at the piece with the bad byte, whatever the header has promised.',
    cuts: ['frames'],
    server: [head(TEXT, 100_000), prose(1000), prose(1000), ...heldAfter(1, hex('ff 61')), prose(97_998)],
    fails: REFUSED.utf8,
  },
  {
    id: '8.1-at-once-first-byte-of-a-large-message',
    section: '8.1',
    says: 'A message of a megabyte whose first byte is bad costs one byte.',
    server: [head(TEXT, 1_048_576), hex('80'), HOLD, prose(1000)],
    fails: REFUSED.utf8,
  },
];

export const utf8Invalid = category('UTF-8, invalid', ...inOneFrame, ...inFragments, ...cut, ...failingAtOnce, {
  id: '8.1-bad-after-good-messages',
  section: '8.1',
  says: 'Messages before it come back, and binary ones may hold the same bytes.',
  cuts: ['frames', 'bytes', 'whole'],
  server: [
    frame(TEXT, 'good'),
    ...fragments(BINARY_BEGIN, hex('ff'), hex('fe 80')),
    ...heldAfter(3, frame(TEXT, hex('ff fe 80'))),
  ],
  told: [text('good'), binary(hex('ff fe 80'))],
  fails: REFUSED.utf8,
});
