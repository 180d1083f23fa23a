// Messages in fragments: every lawful shape gives one message, every unlawful one is refused at the frame that makes it so.

import { BINARY, closeFrame, PING, PONG, TEXT } from '../../../support/raw-peer';
import { binary, category, EVERY_CUT, HOLD, heldAfter, pong, REFUSED, type Spec, text } from '../case';
import {
  ascii,
  BINARY_BEGIN,
  END,
  fragmented,
  fragments,
  frame,
  MIDDLE,
  noise,
  octets,
  prose,
  TEXT_BEGIN,
} from '../wire';

const lawful: Spec[] = [
  {
    id: '5.4-two-fragments',
    section: '5.4',
    says: 'A text in two fragments is one message.',
    cuts: EVERY_CUT,
    server: fragments(TEXT_BEGIN, 'Hel', 'lo'),
    told: [text('Hello')],
  },
  {
    id: '5.4-two-binary-fragments',
    section: '5.4',
    says: 'So is a binary message in two.',
    cuts: EVERY_CUT,
    server: fragments(BINARY_BEGIN, noise(100), noise(200)),
    told: [binary(Buffer.concat([noise(100), noise(200)]))],
  },
  {
    id: '5.4-ping-between',
    section: '5.4',
    says: 'A ping between two fragments is answered at once, before the message comes back.',
    cuts: EVERY_CUT,
    server: [frame(TEXT_BEGIN, 'Hel'), frame(PING, 'now'), { returned: 1 }, frame(END, 'lo')],
    told: [text('Hello')],
    returned: [pong('now'), text('Hello')],
  },
  {
    id: '5.4-pings-between-five',
    section: '5.4',
    says: 'Five fragments with a ping between each two: four pongs in order, and one message.',
    cuts: EVERY_CUT,
    server: fragments(TEXT_BEGIN, 'a', 'b', 'c', 'd', 'e').flatMap((fragment, i) =>
      i === 0 ? [fragment] : [frame(PING, `${i}`), fragment],
    ),
    told: [text('abcde')],
    returned: [pong('1'), pong('2'), pong('3'), pong('4'), text('abcde')],
  },
  {
    id: '5.4-pings-between-five-in-step',
    section: '5.4',
    says: 'The same, each fragment sent when the pong before it is there.',
    server: fragments(BINARY_BEGIN, 'a', 'b', 'c', 'd', 'e').flatMap((fragment, i) =>
      i === 0 ? [fragment] : [frame(PING, `${i}`), { returned: i }, fragment],
    ),
    told: [binary('abcde')],
    returned: [pong('1'), pong('2'), pong('3'), pong('4'), binary('abcde')],
  },
  {
    id: '5.4-pong-between',
    section: '5.4',
    says: 'A pong that nobody asked for may stand between fragments too.',
    cuts: EVERY_CUT,
    server: [frame(TEXT_BEGIN, 'Hel'), frame(PONG, 'p'), frame(END, 'lo')],
    told: [pong('p'), text('Hello')],
  },
  {
    id: '5.4-three-empty-fragments',
    section: '5.4',
    says: 'Three empty fragments are an empty message.',
    cuts: EVERY_CUT,
    server: fragments(TEXT_BEGIN, '', '', ''),
    told: [text('')],
  },
  ...[
    ['', 'middle', ''],
    ['first', '', ''],
    ['', '', 'last'],
    ['first', '', 'last'],
  ].map(
    (parts): Spec => ({
      id: `5.4-empty-fragments-and-${parts.join('')}`,
      section: '5.4',
      says: 'Empty fragments add nothing to a message, wherever they stand.',
      cuts: ['frames', 'bytes'],
      server: fragments(TEXT_BEGIN, ...parts),
      told: [text(parts.join(''))],
    }),
  ),
  {
    id: '5.4-fragments-of-one-byte',
    section: '5.4',
    says: 'A text in fragments of one byte each, which cut its characters.',
    cuts: EVERY_CUT,
    server: fragments(TEXT_BEGIN, ...octets('다람쥐 🦊 fox')),
    told: [text('다람쥐 🦊 fox')],
  },
  {
    id: '5.4-two-fragmented-messages',
    section: '5.4',
    says: 'A fragmented text and a fragmented binary message, one behind the other.',
    cuts: EVERY_CUT,
    server: [...fragments(TEXT_BEGIN, 'te', 'xt'), ...fragments(BINARY_BEGIN, 'by', 'tes'), frame(TEXT, 'whole')],
    told: [text('text'), binary('bytes'), text('whole')],
  },
  {
    id: '5.4-fragments-of-every-length-form',
    section: '5.4',
    says: 'Fragments whose lengths take no, two and eight more bytes are one message.',
    cuts: ['frames', 'whole', 997],
    server: () => fragments(BINARY_BEGIN, noise(100), noise(1000), noise(70_000), noise(0), noise(3)),
    told: () => [binary(Buffer.concat([noise(100), noise(1000), noise(70_000), noise(3)]))],
  },
  ...[1300, 1000, 64, 1].map(
    (size): Spec => ({
      id: `5.4-64-KiB-in-fragments-of-${size}`,
      section: '5.4',
      says: `A text of 65,536 bytes in fragments of ${size}, as a server makes them that does not know its end.`,
      server: () => [fragmented(TEXT_BEGIN, prose(65_536), size)],
      told: () => [text(prose(65_536))],
    }),
  ),
  {
    id: '5.4-close-between',
    section: '5.4',
    says: 'A close frame between two fragments closes: the message is dropped, and not waited for.',
    cuts: EVERY_CUT,
    server: [frame(TEXT_BEGIN, 'Hel'), closeFrame(1000), HOLD, frame(END, 'lo')],
    close: 1000,
    ends: { code: 1000 },
  },
  {
    id: '5.4-many-pings-between',
    section: '5.4',
    says: 'A hundred pings of different sizes between the bytes of one message.',
    server: () =>
      fragments(BINARY_BEGIN, ...octets(noise(101))).flatMap((fragment, i) =>
        i === 0 ? [fragment] : [frame(PING, ascii(i)), fragment],
      ),
    told: () => [binary(noise(101))],
    returned: () => [...Array.from({ length: 100 }, (_, i) => pong(ascii(i + 1))), binary(noise(101))],
  },
];

/** A message in progress cannot be left: a new data frame inside it, of either kind, fragmented or not. */
const newInside = (
  [
    ['text', TEXT_BEGIN, TEXT],
    ['binary', BINARY_BEGIN, BINARY],
    ['binary-in-text', TEXT_BEGIN, BINARY],
    ['text-in-binary', BINARY_BEGIN, TEXT],
    ['beginning', TEXT_BEGIN, TEXT_BEGIN],
    ['binary-beginning', TEXT_BEGIN, BINARY_BEGIN],
  ] as const
).map(
  ([name, outer, inner]): Spec => ({
    id: `5.4-new-${name}-inside`,
    section: '5.4',
    says: 'A data frame that is no continuation inside a fragmented message is refused by its first byte.',
    server: [frame(outer, 'Hel'), ...heldAfter(1, frame(inner, 'lo')), frame(END, '!')],
    fails: REFUSED.opcode,
  }),
);

/** Nothing to continue: behind each of these. */
const nothingToContinue = (
  [
    ['at-first', [], [], []],
    ['after-a-text', [frame(TEXT, 'whole')], [text('whole')], [text('whole')]],
    ['after-fragments', fragments(TEXT_BEGIN, 'Hel', 'lo'), [text('Hello')], [text('Hello')]],
    ['after-empty-fragments', fragments(TEXT_BEGIN, '', ''), [text('')], [text('')]],
    ['after-a-ping', [frame(PING, 'p')], [], [pong('p')]],
  ] as const
).flatMap(([name, before, told, returned]) =>
  ([END, MIDDLE] as const).map(
    (first): Spec => ({
      id: `5.4-continuation-${name}-${first === END ? 'final' : 'not-final'}`,
      section: '5.4',
      says: 'A continuation frame without a message to continue is refused by its first byte.',
      cuts: ['frames', 'whole'],
      server: [...before, ...heldAfter(1, frame(first, 'lost')), frame(TEXT, 'behind it')],
      told,
      returned,
      fails: REFUSED.opcode,
    }),
  ),
);

const controls = (
  [
    ['ping', PING],
    ['pong', PONG],
    ['close', 0x88],
  ] as const
).flatMap(([name, first]): Spec[] => [
  {
    id: `5.5-fragmented-${name}`,
    section: '5.5',
    says: `A ${name} must not be fragmented; the first byte of its first fragment tells.`,
    cuts: EVERY_CUT,
    server: [frame(first & 15, 'frag'), HOLD, frame(END, 'ment')],
    fails: REFUSED.fin,
  },
  {
    id: `5.5-fragmented-${name}-inside`,
    section: '5.5',
    says: `A fragmented ${name} inside a fragmented message is refused, and not taken for a part of it.`,
    server: [frame(TEXT_BEGIN, 'Hel'), ...heldAfter(1, frame(first & 15)), frame(END, 'lo')],
    fails: REFUSED.fin,
  },
]);

export const fragmentation = category(
  'Fragmentation',
  ...lawful,
  ...newInside,
  {
    id: '5.4-interleaved-messages',
    section: '5.4',
    says: 'The fragments of two messages must not be interleaved.',
    cuts: EVERY_CUT,
    server: [frame(TEXT_BEGIN, 'a1'), frame(BINARY_BEGIN, 'b1'), HOLD, frame(MIDDLE, 'a2'), frame(END, 'b2')],
    fails: REFUSED.opcode,
  },
  {
    id: '5.4-new-message-after-pings',
    section: '5.4',
    says: 'Control frames in between do not end a fragmented message: a new one is still refused.',
    cuts: EVERY_CUT,
    server: [frame(TEXT_BEGIN, 'Hel'), frame(PING, 'p'), frame(TEXT, 'new'), HOLD, frame(END, 'lo')],
    returned: [pong('p')],
    fails: REFUSED.opcode,
  },
  ...nothingToContinue,
  ...controls,
);
