// Opcodes 3 to 7 and 11 to 15 are reserved; the first byte of a frame tells.

import { PING, TEXT } from '../../../support/raw-peer';
import { category, HOLD, heldAfter, REFUSED, type Spec, text } from '../case';
import { END, frame, noise, TEXT_BEGIN } from '../wire';

const RESERVED = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

const alone = RESERVED.flatMap((opcode): Spec[] => [
  {
    id: `5.2-opcode-${opcode}`,
    section: '5.2',
    says: `A frame with the opcode ${opcode} is refused by its first byte.`,
    server: heldAfter(1, frame(END | opcode, 'Hello')),
    fails: REFUSED.opcode,
  },
  {
    id: `5.2-opcode-${opcode}-empty`,
    section: '5.2',
    says: `An empty frame with the opcode ${opcode} is refused, and the message behind it is not read.`,
    server: [frame(END | opcode), HOLD, frame(TEXT, 'behind it')],
    fails: REFUSED.opcode,
  },
  {
    id: `5.2-opcode-${opcode}-after-good`,
    section: '5.2',
    says: 'The message before it comes back; the ping behind it is not answered.',
    cuts: opcode % 2 === 0 ? ['frames', 'bytes'] : ['frames', 'whole'],
    server: [frame(TEXT, 'good'), frame(END | opcode, 'bad'), HOLD, frame(PING)],
    told: [text('good')],
    fails: REFUSED.opcode,
  },
]);

export const opcodes = category(
  'Opcodes',
  ...alone,
  ...[3, 7, 11, 15].map(
    (opcode): Spec => ({
      id: `5.2-opcode-${opcode}-between-fragments`,
      section: '5.2',
      says: 'Inside a fragmented message it is refused just the same.',
      server: [frame(TEXT_BEGIN, 'Hel'), ...heldAfter(1, frame(END | opcode, 'x')), frame(END, 'lo')],
      fails: REFUSED.opcode,
    }),
  ),
  ...[5, 12].map(
    (opcode): Spec => ({
      id: `5.2-opcode-${opcode}-large`,
      section: '5.2',
      says: 'A large frame with a reserved opcode is not waited for.',
      server: heldAfter(10, frame(END | opcode, noise(100_000))),
      fails: REFUSED.opcode,
    }),
  ),
  {
    id: '5.2-opcode-reserved-without-fin',
    section: '5.2',
    says: 'A fragmented message of a reserved kind is refused by its first fragment.',
    server: [frame(TEXT, 'good'), ...heldAfter(1, frame(0x04, 'bad')), frame(END)],
    told: [text('good')],
    fails: REFUSED.opcode,
  },
);
