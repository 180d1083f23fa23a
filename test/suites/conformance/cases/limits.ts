// What a peer may not cost: a message is refused by the header that declares too much, before any of it has come.

import { BINARY, closeFrame, PING, TEXT } from '../../../support/raw-peer';
import { binary, category, HOLD, heldAfter, pong, REFUSED, type Spec, text } from '../case';
import { ascii, BINARY_BEGIN, END, fragmented, frame, head, MIDDLE, noise, prose, TEXT_BEGIN } from '../wire';

/** Empty ones count. */
const MAX_FRAGMENTS = 131_072;
const repeated = (bytes: Buffer, count: number): Buffer => Buffer.alloc(bytes.length * count, bytes);

/**
 * Lengths that no memory holds, up to the largest lawful one (past 2^53 a float would lose count), and how many bytes of the
 * header make each too large for 10 MiB.
 */
const HUGE: readonly (readonly [length: bigint, enough: number])[] = [
  [10n * 2n ** 20n + 1n, 10],
  [2n ** 31n, 7],
  [2n ** 32n, 6],
  [2n ** 40n, 5],
  [2n ** 53n - 1n, 4],
  [2n ** 53n + 1n, 4],
  [2n ** 62n, 3],
  [2n ** 63n - 1n, 3],
];

const huge = HUGE.map(
  ([length, enough]): Spec => ({
    id: `10.4-declares-${length}`,
    section: '10.4',
    says: 'A header that declares too much is refused as soon as its bytes tell, and nothing is kept.',
    cuts: ['whole', 'bytes'],
    server: [frame(TEXT, 'good'), ...heldAfter(enough, Buffer.concat([head(BINARY, length), noise(100)]))],
    told: [text('good')],
    fails: REFUSED.size,
  }),
);

export const limits = category(
  'Limits',
  ...huge,
  {
    id: '10.4-declares-too-much-in-16-bits',
    section: '10.4',
    says: 'The first byte of a length of 16 bits may be enough to make it too large.',
    cuts: ['whole', 'bytes'],
    limits: { maxPackageSize: 1000 },
    server: heldAfter(3, frame(BINARY, noise(1024))),
    fails: REFUSED.size,
  },
  ...[1, 100, 1000, 100_000].map(
    (limit): Spec => ({
      id: `10.4-message-of-the-limit-${limit}`,
      section: '10.4',
      says: `A message of exactly ${limit} bytes passes a limit of ${limit}; one more byte does not.`,
      limits: { maxPackageSize: limit },
      server: [frame(BINARY, noise(limit)), head(BINARY, limit + 1), HOLD, noise(limit + 1)],
      told: [binary(noise(limit))],
      fails: REFUSED.size,
    }),
  ),
  {
    id: '10.4-fragments-count-together',
    section: '10.4',
    says: 'Fragments count together: the header of the one that makes it too much is refused.',
    cuts: ['frames', 'whole', 'bytes'],
    limits: { maxPackageSize: 1000 },
    server: [frame(BINARY_BEGIN, noise(600)), frame(MIDDLE, noise(400)), head(END, 1), HOLD, noise(1)],
    fails: REFUSED.size,
  },
  {
    id: '10.4-fragments-up-to-the-limit',
    section: '10.4',
    says: 'Fragments of exactly the limit pass, with pings between them that do not count; and the next message starts anew.',
    cuts: ['frames', 'whole'],
    limits: { maxPackageSize: 1000 },
    server: [
      frame(TEXT_BEGIN, ascii(600)),
      frame(PING, ascii(125)),
      frame(MIDDLE, ascii(400)),
      frame(PING, ascii(125)),
      frame(END),
      frame(TEXT, ascii(1000)),
    ],
    told: [text(Buffer.concat([ascii(600), ascii(400)])), text(ascii(1000))],
    returned: [pong(ascii(125)), pong(ascii(125)), text(Buffer.concat([ascii(600), ascii(400)])), text(ascii(1000))],
  },
  {
    id: '10.4-many-messages-of-the-limit',
    section: '10.4',
    says: 'The limit is one for each message, not for all.',
    limits: { maxPackageSize: 100 },
    server: Array.from({ length: 50 }, () => frame(TEXT, prose(100))),
    told: Array.from({ length: 50 }, () => text(prose(100))),
  },
  {
    id: '10.4-too-large-then-close',
    section: '10.4',
    says: 'A close frame behind the refused header is a part of what is not read.',
    limits: { maxPackageSize: 1000 },
    server: [head(TEXT, 1001), closeFrame(1000)],
    fails: REFUSED.size,
  },
  {
    id: '10.4-65537-fragments',
    section: '10.4',
    says: 'A message of 65,537 fragments is a message.',
    isHeavy: true,
    server: () => [fragmented(TEXT_BEGIN, prose(65_537), 1)],
    told: () => [text(prose(65_537))],
  },
  {
    id: '10.4-most-fragments',
    section: '10.4',
    says: 'So is one of 131,072 fragments, nearly all of them empty.',
    isHeavy: true,
    server: () => [frame(BINARY_BEGIN, 'first'), repeated(frame(MIDDLE), MAX_FRAGMENTS - 2), frame(END, 'last')],
    told: () => [binary('firstlast')],
  },
  {
    id: '10.4-too-many-fragments',
    section: '10.4',
    says: 'One more is refused, though it is empty, by the first byte of its header.',
    isHeavy: true,
    server: () => [frame(BINARY_BEGIN), repeated(frame(MIDDLE), MAX_FRAGMENTS - 1), ...heldAfter(1, frame(MIDDLE))],
    fails: REFUSED.fragments,
  },
  {
    id: '10.4-too-many-fragments-of-one-byte',
    section: '10.4',
    says: 'The same for fragments of one byte, and by the whole header.',
    isHeavy: true,
    server: () => [
      frame(TEXT_BEGIN, 'x'),
      repeated(frame(MIDDLE, 'x'), MAX_FRAGMENTS - 1),
      ...heldAfter(2, frame(END, 'x')),
    ],
    fails: REFUSED.fragments,
  },
  {
    id: '10.4-fragments-count-for-each-message',
    section: '10.4',
    says: 'The fragments of one message do not count for the next.',
    isHeavy: true,
    server: () => [0, 1, 2].map(() => fragmented(BINARY_BEGIN, noise(60_000), 1)),
    told: () => [0, 1, 2].map(() => binary(noise(60_000))),
  },
);
