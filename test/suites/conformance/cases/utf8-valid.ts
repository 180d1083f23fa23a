// Text that is UTF-8: every character there is at the boundaries of its encoding, whole, cut anywhere, and at every place of
// the blocks that a fast decoder works in.

import { PING, TEXT } from '../../../support/raw-peer';
import { category, pong, type Spec, text } from '../case';
import { END, fragments, frame, hex, octets, prose, TEXT_BEGIN } from '../wire';

const CHARACTERS: readonly (readonly [name: string, digits: string])[] = [
  ['nul', '00'],
  ['u-7f', '7f'],
  ['u-80', 'c2 80'],
  ['u-7ff', 'df bf'],
  ['u-800', 'e0 a0 80'],
  ['u-1000', 'e1 80 80'],
  ['u-d7ff-and-e000', 'ed 9f bf ee 80 80'],
  ['byte-order-mark', 'ef bb bf 61'],
  ['replacement-character', 'ef bf bd'],
  ['noncharacters', 'ef bf be ef bf bf ef b7 90 f0 9f bf be f4 8f bf bf'],
  ['u-10000', 'f0 90 80 80'],
  ['u-3ffff', 'f0 bf bf bf f1 80 80 80'],
  ['u-10ffff', 'f4 8f bf bf'],
  ['combining', '65 cc 81 f0 9f 91 a9 e2 80 8d f0 9f 92 bb'],
];

const characters = CHARACTERS.flatMap(([name, digits]): Spec[] => {
  const bytes = hex(digits);
  return [
    {
      id: `8.1-character-${name}`,
      section: '8.1',
      says: 'Alone and among others, byte by byte or whole, it comes back as it is.',
      cuts: ['whole', 'bytes'],
      server: [frame(TEXT, bytes), frame(TEXT, Buffer.concat([prose(100), bytes, prose(33)]))],
      told: [text(bytes), text(Buffer.concat([prose(100), bytes, prose(33)]))],
    },
    {
      id: `8.1-character-${name}-in-fragments`,
      section: '8.1',
      says: 'In fragments of one byte each, too.',
      cuts: ['frames'],
      server: fragments(TEXT_BEGIN, ...octets(bytes)),
      told: [text(bytes)],
    },
  ];
});

const WORDS = ['κόσμε', 'Grüße µ@ßöäüàá', '다람쥐 헌 쳇바퀴', '🦊🐶👩‍💻🇰🇷', 'ascii, then ß, then 한, then 🦊'];

const words = WORDS.map(
  (word, i): Spec => ({
    id: `8.1-words-${i + 1}`,
    section: '8.1',
    says: 'Words of many scripts, in one frame, cut in two at every byte, and byte by byte with pings in between.',
    cuts: ['whole', 'frames'],
    server: [frame(TEXT, word), ...cutsInTwo(word).flat(), ...withPings(word)],
    told: Array.from({ length: Buffer.byteLength(word) + 3 }, () => text(word)),
    returned: [
      ...Array.from({ length: Buffer.byteLength(word) + 2 }, () => text(word)),
      ...Array.from({ length: Buffer.byteLength(word) - 1 }, () => pong('p')),
      text(word),
    ],
  }),
);

function cutsInTwo(word: string): Buffer[][] {
  const bytes = Buffer.from(word);
  return Array.from({ length: bytes.length + 1 }, (_, at) =>
    fragments(TEXT_BEGIN, bytes.subarray(0, at), bytes.subarray(at)),
  );
}

function withPings(word: string): Buffer[] {
  return fragments(TEXT_BEGIN, ...octets(word)).flatMap((fragment, i) =>
    i === 0 ? [fragment] : [frame(PING, 'p'), fragment],
  );
}

/** Each character behind 0 to 130 bytes of ASCII: at every place of a block of 16, 32 or 64 bytes. */
const places = ['é', '한', '🦊'].map((character, i): Spec => {
  const texts = Array.from({ length: 131 }, (_, place) => `${'.'.repeat(place)}${character}${'.'.repeat(70)}`);
  return {
    id: `8.1-every-place-of-a-${i + 2}-byte-character`,
    section: '8.1',
    says: 'A character at every place in front of and behind ASCII.',
    cuts: ['whole', 'frames', 13],
    server: texts.map((each) => frame(TEXT, each)),
    told: texts.map((each) => text(each)),
  };
});

export const utf8Valid = category(
  'UTF-8, valid',
  ...characters,
  ...words,
  ...places,
  {
    id: '8.1-empty-fragment-inside-a-character',
    section: '8.1',
    says: 'Empty fragments inside a character do not break it.',
    cuts: ['whole', 'frames', 'bytes'],
    server: fragments(TEXT_BEGIN, 'a', '', hex('f0 9f'), '', hex('a6'), '', '', hex('8a'), ''),
    told: [text('a🦊')],
  },
  {
    id: '8.1-ping-inside-a-character',
    section: '8.1',
    says: 'A ping that is no UTF-8 inside a character does not break it either.',
    cuts: ['whole', 'frames', 'bytes'],
    server: [frame(TEXT_BEGIN, hex('ed 95')), frame(PING, hex('ff fe 80')), frame(END, hex('9c'))],
    told: [text('한')],
    returned: [pong(hex('ff fe 80')), text('한')],
  },
  {
    id: '8.1-long-text-in-odd-chops',
    section: '8.1',
    says: 'A long text of mixed scripts, chopped so that its characters are cut everywhere.',
    cuts: [1, 3, 7, 31, 997],
    server: () => [frame(TEXT, prose(9973))],
    told: () => [text(prose(9973))],
  },
);
