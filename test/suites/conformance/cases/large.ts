// Size and number: messages up to 64 MiB in one frame, in fragments and in chops, and many messages in a row. What is looked
// at is that every byte comes back; how long it takes is only told.

import { BINARY, TEXT } from '../../../support/raw-peer';
import { binary, category, type Spec, type Step, text } from '../case';
import { ascii, BINARY_BEGIN, fragmented, frame, noise, prose, TEXT_BEGIN } from '../wire';

const KiB = 1024;
const MiB = 1024 * KiB;

const named = (size: number): string =>
  size < KiB ? `${size}-B` : size < MiB ? `${size / KiB}-KiB` : `${size / MiB}-MiB`;

/** One message as text and one as bytes; each is sent in the way that is named. */
function both(id: string, section: string, says: string, size: number, spec: Partial<Spec>, fragment?: number): Spec[] {
  const common = { section, says, isHeavy: true, limits: { maxPackageSize: Math.max(size, MiB) }, ...spec };
  const stream = (opcode: number, whole: number, payload: Buffer): Buffer =>
    fragment === undefined ? frame(whole, payload) : fragmented(opcode, payload, fragment);
  return [
    {
      ...common,
      id: `${id}-text`,
      server: () => [stream(TEXT_BEGIN, TEXT, prose(size))],
      told: () => [text(prose(size))],
    },
    {
      ...common,
      id: `${id}-binary`,
      server: () => [stream(BINARY_BEGIN, BINARY, noise(size))],
      told: () => [binary(noise(size))],
    },
  ];
}

const oneFrame = [64 * KiB, 256 * KiB, MiB, 4 * MiB, 8 * MiB, 16 * MiB, 64 * MiB].flatMap((size) =>
  both(`5.2-${named(size)}-in-one-frame`, '5.2', 'A large message in one frame comes back, byte by byte.', size, {}),
);

const inFragments = [64, 256, KiB, 4 * KiB, 16 * KiB, 64 * KiB, 256 * KiB, MiB, 4 * MiB].flatMap((size) => {
  const says = 'A message of 4 MiB comes back whole, whatever the size of its fragments.';
  return both(`5.4-4-MiB-in-fragments-of-${named(size)}`, '5.4', says, 4 * MiB, {}, size);
});

const inChops = [64, 128, 256, 512, KiB, 2 * KiB].flatMap((size) => {
  const says = 'A message of 1 MiB comes back whole, whatever the size of the segments it comes in.';
  return both(`5.2-1-MiB-in-chops-of-${named(size)}`, '5.2', says, MiB, { cuts: [size] });
});

/** By itself a message may have 131,072 fragments: those of 64 bytes make 8 MiB at most. */
const largest: Spec[] = [
  ...both('5.4-64-MiB-in-fragments-of-1-KiB', '5.4', 'The largest message in small fragments.', 64 * MiB, {}, KiB),
  ...both('5.2-64-MiB-in-chops-of-1-KiB', '5.2', 'The largest message in small segments.', 64 * MiB, { cuts: [KiB] }),
  ...both('5.4-8-MiB-in-fragments-of-64-B', '5.4', 'The most fragments of 64 bytes.', 8 * MiB, {}, 64),
  ...both(
    '5.4-64-MiB-in-fragments-of-64-B',
    '5.4',
    'A million fragments, for a program that allows them.',
    64 * MiB,
    { limits: { maxPackageSize: 64 * MiB, maxFragments: MiB } },
    64,
  ),
  {
    id: '5.2-64-MiB-of-ascii',
    section: '5.2',
    says: 'The largest message in ASCII, which is decoded in a way of its own.',
    isHeavy: true,
    limits: { maxPackageSize: 64 * MiB },
    server: () => [frame(TEXT, ascii(64 * MiB))],
    told: () => [text(ascii(64 * MiB))],
  },
];

/** Each message is sent when the one before it has come back. */
const roundTrips = [0, 16, 64, 256, 1024, 4096].flatMap((size): Spec[] =>
  (['text', 'binary'] as const).map((kind) => {
    const payload = kind === 'text' ? prose(size) : noise(size);
    const bytes = frame(kind === 'text' ? TEXT : BINARY, payload);
    return {
      id: `5.6-1000-round-trips-${size}-${kind}`,
      section: '5.6',
      says: `A thousand messages of ${size} bytes, one after the other, come back one after the other.`,
      server: () => Array.from({ length: 1000 }, (_, i): Step[] => [bytes, { returned: i + 1 }]).flat(),
      told: () => Array.from({ length: 1000 }, () => ({ kind, bytes: payload })),
    };
  }),
);

const inARow = [
  [10_000, 16],
  [10_000, 0],
  [2000, 1024],
  [200, 64 * KiB],
].map(
  ([count, size]): Spec => ({
    id: `5.6-${count}-messages-of-${size}`,
    section: '5.6',
    says: `${count} messages of ${size} bytes in one stretch come back complete and in order.`,
    cuts: size === 16 ? ['whole', 100] : ['whole'],
    isHeavy: true,
    server: () => Array.from({ length: count! }, (_, i) => frame(i % 2 ? TEXT : BINARY, numbered(i, size!))),
    told: () =>
      Array.from({ length: count! }, (_, i) => (i % 2 ? text(numbered(i, size!)) : binary(numbered(i, size!)))),
  }),
);

/** A payload that tells its place among the others. */
function numbered(i: number, size: number): Buffer {
  return Buffer.concat([Buffer.from(`${i} `.slice(0, size)), ascii(Math.max(0, size - `${i} `.length))]);
}

export const large = category(
  'Size and number',
  ...oneFrame,
  ...inFragments,
  ...inChops,
  ...largest,
  ...roundTrips,
  ...inARow,
);
