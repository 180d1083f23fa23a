// RSV1 to RSV3: without an extension they are 0, and the first byte of a frame tells.

import { BINARY, CLOSE, closeFrame, PING, PONG, TEXT } from '../../../support/raw-peer';
import { category, HOLD, heldAfter, REFUSED, type Spec, text } from '../case';
import { END, frame, reserved, TEXT_BEGIN } from '../wire';

const ALL = [1, 2, 3, 4, 5, 6, 7];
const refused = (bits: number) => (bits & 4 ? REFUSED.rsv1 : REFUSED.rsv23);

const alone = ALL.map(
  (bits): Spec => ({
    id: `5.2-reserved-${bits}-text`,
    section: '5.2',
    says: `A first frame with the reserved bits ${bits} is refused by its first byte.`,
    server: heldAfter(1, frame(TEXT | reserved(bits), 'Hello')),
    fails: refused(bits),
  }),
);

const OTHERS: readonly (readonly [name: string, first: number, payload: string | Uint8Array])[] = [
  ['binary', BINARY, 'Hello'],
  ['empty-text', TEXT, ''],
  ['ping', PING, 'Hello'],
  ['pong', PONG, 'Hello'],
  ['close', CLOSE, Buffer.of(0x03, 0xe8)],
  ['beginning', TEXT_BEGIN, 'Hel'],
];
const others = OTHERS.flatMap(([name, first, payload], i) =>
  // A different bit for each neighbour, and all of them.
  [1 << (i % 3), 7].map(
    (bits): Spec => ({
      id: `5.2-reserved-${bits}-${name}`,
      section: '5.2',
      says: `So is a frame of any other kind with the reserved bits ${bits}.`,
      server: heldAfter(1, frame(first | reserved(bits), payload)),
      fails: refused(bits),
    }),
  ),
);

const afterGood = ALL.map(
  (bits): Spec => ({
    id: `5.2-reserved-${bits}-after-good`,
    section: '5.2',
    says: 'The message before it comes back; the ping behind it is not answered.',
    cuts: bits % 3 === 0 ? ['bytes'] : bits % 3 === 1 ? ['frames'] : ['whole'],
    server: [frame(TEXT, 'good'), frame(TEXT | reserved(bits), 'bad'), HOLD, frame(PING)],
    told: [text('good')],
    fails: refused(bits),
  }),
);

export const reservedBits = category(
  'Reserved bits',
  ...alone,
  ...others,
  ...afterGood,
  ...[4, 2, 1].map(
    (bits): Spec => ({
      id: `5.2-reserved-${bits}-continuation`,
      section: '5.2',
      says: 'A continuation frame has no bits of its own either: the message it continues is lost.',
      server: [frame(TEXT_BEGIN, 'Hel'), ...heldAfter(1, frame(END | reserved(bits), 'lo'))],
      fails: refused(bits),
    }),
  ),
  {
    id: '5.2-reserved-between-fragments',
    section: '5.2',
    says: 'A ping with a reserved bit between two fragments is refused, and not answered.',
    cuts: ['frames', 'bytes', 'whole'],
    server: [frame(TEXT_BEGIN, 'Hel'), frame(PING | reserved(1), 'p'), HOLD, frame(END, 'lo')],
    fails: REFUSED.rsv23,
  },
  {
    id: '5.2-reserved-with-a-reserved-opcode',
    section: '5.2',
    says: 'A frame that breaks two rules at once is refused once.',
    server: heldAfter(1, frame(0x83 | reserved(7), 'Hello')),
    fails: REFUSED.rsv1,
  },
  {
    id: '5.2-reserved-then-close',
    section: '5.2',
    says: 'A close frame behind the bad one changes nothing: the connection was failed, not closed.',
    cuts: ['frames', 'whole'],
    server: [frame(TEXT | reserved(2), 'bad'), closeFrame(1000)],
    fails: REFUSED.rsv23,
  },
);
