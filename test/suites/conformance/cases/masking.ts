// Who masks: a server never does, and the second byte of a frame tells.

import { BINARY, CLOSE, PING, PONG, TEXT } from '../../../support/raw-peer';
import { binary, category, HOLD, heldAfter, REFUSED, type Spec, send, text } from '../case';
import { ascii, END, frame, maskedFrame, TEXT_BEGIN } from '../wire';

const MASKED: readonly (readonly [name: string, first: number, payload: string | Uint8Array])[] = [
  ['text', TEXT, 'Hello'],
  ['empty-text', TEXT, ''],
  ['binary', BINARY, 'Hello'],
  ['ping', PING, 'Hello'],
  ['pong', PONG, 'Hello'],
  ['close', CLOSE, Buffer.of(0x03, 0xe8)],
  ['beginning', TEXT_BEGIN, 'Hel'],
  ['long-text', TEXT, 'Hello, '.repeat(100)],
];

const alone = MASKED.map(
  ([name, first, payload]): Spec => ({
    id: `5.1-masked-${name}`,
    section: '5.1',
    says: 'A masked frame of a server is refused by its second byte, whatever it is.',
    server: heldAfter(2, maskedFrame(first, payload)),
    fails: REFUSED.mask,
  }),
);

export const masking = category(
  'Masking',
  ...alone,
  {
    id: '5.1-masked-with-zeros',
    section: '5.1',
    says: 'A mask of zeros changes nothing in the payload, and is refused all the same.',
    cuts: ['frames', 'bytes'],
    server: [...heldAfter(2, maskedFrame(TEXT, 'Hello', [0, 0, 0, 0]))],
    fails: REFUSED.mask,
  },
  {
    id: '5.1-masked-after-good',
    section: '5.1',
    says: 'Messages before the masked frame are delivered and come back; nothing behind it is.',
    cuts: ['frames', 'bytes', 'whole'],
    server: [frame(TEXT, 'one'), frame(TEXT, 'two'), maskedFrame(TEXT, 'three'), HOLD, frame(PING)],
    told: [text('one'), text('two')],
    fails: REFUSED.mask,
  },
  {
    id: '5.1-masked-continuation',
    section: '5.1',
    says: 'A message that was begun without a mask cannot go on with one.',
    server: [frame(TEXT_BEGIN, 'Hel'), ...heldAfter(2, maskedFrame(END, 'lo'))],
    fails: REFUSED.mask,
  },
  {
    id: '5.3-fresh-keys',
    section: '5.3',
    says: 'A client masks every frame with a key of its own: a hundred echoes of the same message.',
    server: Array.from({ length: 100 }, () => frame(TEXT, 'the same')),
    told: Array.from({ length: 100 }, () => text('the same')),
  },
  ...[0, 1, 2, 3, 4, 5, 15, 16, 17, 125, 126, 65_535, 65_536, 200_001].map(
    (size): Spec => ({
      id: `5.3-masked-by-the-client-${size}`,
      section: '5.3',
      says: 'What a client sends by itself is masked to its last byte, in a header of the least size.',
      server: [send(ascii(size).toString()), send(ascii(size)), { returned: 2 }],
      returned: [text(ascii(size)), binary(ascii(size))],
    }),
  ),
);
