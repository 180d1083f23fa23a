// The length of a frame: every form at its boundaries, and the forms that are forbidden.

import { BINARY, PING, TEXT } from '../../../support/raw-peer';
import { binary, type Cut, category, HOLD, heldAfter, REFUSED, type Spec, text } from '../case';
import { BINARY_BEGIN, END, fragmented, frame, head, type LengthBytes, noise, prose, TEXT_BEGIN } from '../wire';

/** Around each boundary of the three forms. */
const SIZES = [0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537];

const echoes = SIZES.flatMap((size): Spec[] => {
  const cuts: readonly Cut[] = size <= 128 ? ['whole', 'bytes'] : ['whole', 64, 1024];
  const [ofText, ofBytes] = [prose(size), noise(size)];
  const inFragments: Spec[] = [
    {
      id: `5.4-text-of-${size}-in-fragments-of-64`,
      section: '5.4',
      says: `A text of ${size} bytes in fragments of 64 comes back as it is.`,
      server: [fragmented(TEXT_BEGIN, ofText, 64)],
      told: [text(ofText)],
    },
    {
      id: `5.4-binary-of-${size}-in-fragments-of-64`,
      section: '5.4',
      says: `A binary message of ${size} bytes in fragments of 64 comes back as it is.`,
      server: [fragmented(BINARY_BEGIN, ofBytes, 64)],
      told: [binary(ofBytes)],
    },
  ];
  return [
    {
      id: `5.2-text-of-${size}`,
      section: '5.2',
      says: `A text of ${size} bytes comes back as it is.`,
      cuts,
      server: [frame(TEXT, ofText)],
      told: [text(ofText)],
    },
    {
      id: `5.2-binary-of-${size}`,
      section: '5.2',
      says: `A binary message of ${size} bytes comes back as it is.`,
      cuts,
      server: [frame(BINARY, ofBytes)],
      told: [binary(ofBytes)],
    },
    ...(size > 64 ? inFragments : []),
  ];
});

/** Lengths in more bytes than they need, and how many bytes of the header tell: of eight, six zeros are enough. */
const NOT_MINIMAL: readonly (readonly [length: number, lengthBytes: LengthBytes, enough: number])[] = [
  [0, 2, 4],
  [1, 2, 4],
  [125, 2, 4],
  [0, 8, 8],
  [125, 8, 8],
  [126, 8, 8],
  [65_535, 8, 8],
];

const notMinimal = NOT_MINIMAL.map(
  ([length, lengthBytes, enough]): Spec => ({
    id: `5.2-not-minimal-${length}-in-${lengthBytes}`,
    section: '5.2',
    says: `A length of ${length} needs fewer than ${lengthBytes} more bytes: refused as soon as its bytes tell.`,
    cuts: ['whole', 'bytes'],
    server: [...heldAfter(enough, Buffer.concat([head(BINARY, length, lengthBytes), Buffer.from('payload')]))],
    fails: REFUSED.length,
  }),
);

const topBit = ['80 00 00 00 00 00 00 00', '80 00 00 00 00 00 00 05', 'ff ff ff ff ff ff ff ff'].map(
  (digits, i): Spec => ({
    id: `5.2-top-bit-${i + 1}`,
    section: '5.2',
    says: 'A length of 64 bits must not have its first bit set; the first byte of it tells.',
    server: [...heldAfter(3, Buffer.from(`827f${digits.replaceAll(' ', '')}`, 'hex'))],
    fails: REFUSED.length,
  }),
);

export const lengths = category(
  'Lengths',
  ...echoes,
  {
    id: '5.2-every-size-up-to-300',
    section: '5.2',
    says: 'Every size from 0 to 300, one behind the other, comes back in order.',
    cuts: ['whole', 'frames', 61],
    server: () => Array.from({ length: 301 }, (_, size) => frame(BINARY, noise(size))),
    told: () => Array.from({ length: 301 }, (_, size) => binary(noise(size))),
  },
  ...notMinimal,
  {
    id: '5.2-not-minimal-after-good',
    section: '5.2',
    says: 'A message before the one with the long form of its length is delivered, a ping behind it is not answered.',
    cuts: ['frames', 'whole'],
    server: [frame(TEXT, 'good'), frame(TEXT, 'bad', 2), HOLD, frame(PING)],
    told: [text('good')],
    fails: REFUSED.length,
  },
  {
    id: '5.2-not-minimal-continuation',
    section: '5.2',
    says: 'The rule holds for a continuation frame as well.',
    server: [frame(BINARY_BEGIN, noise(200)), ...heldAfter(4, frame(END, noise(10), 2))],
    fails: REFUSED.length,
  },
  ...topBit,
  {
    id: '5.2-header-byte-by-byte',
    section: '5.2',
    says: 'A header of ten bytes may come in ten segments, and what follows it in any.',
    cuts: ['frames'],
    server: () => {
      const bytes = frame(BINARY, noise(70_000));
      return [...[...bytes.subarray(0, 10)].map((byte) => Uint8Array.of(byte)), bytes.subarray(10)];
    },
    told: () => [binary(noise(70_000))],
  },
);
