// Every branch of assembly/decode.ts through the shipped binary: named cases with the exact tape that each chunk leaves. At
// the end the cases together have reached every fault and every kind of entry that a tape can hold.

import { describe, expect, it } from 'vitest';
import { ROLE_CLIENT, ROLE_SERVER } from '../../assembly/layout';
import { FAULT_NAMES } from '../support/reference';
import { type TapeCase as Case, reached, tapes, WHOLE } from '../support/tapes';

const FRAMES: readonly Case[] = [
  ['a text in one piece', ['81 01 61'], [[`text "a" ${WHOLE} ascii`]]],
  ['a text that is not ASCII', ['81 02 c3a9'], [[`text "\xc3\xa9" ${WHOLE}`]]],
  ['a binary message in one piece', ['82 01 ff'], [[`binary "\xff" ${WHOLE} ascii`]]],
  ['an empty message', ['82 00'], [[`binary "" ${WHOLE} ascii`]]],
  ['two messages in one chunk', ['81 00 81 00'], [[`text "" ${WHOLE} ascii`, `text "" ${WHOLE} ascii`]]],
  [
    'an empty chunk in front, inside and behind',
    ['', '81', '', '01', '', '61', ''],
    [[], [], [], [], [], [`text "a" ${WHOLE} ascii`], []],
  ],
  [
    'a frame cut in its payload, twice',
    ['81 03 61', '62', '63'],
    [['text "a" start first ascii'], ['text "b" first ascii'], ['text "c" first frame-end end ascii']],
  ],
  [
    'the same, no longer ASCII from the first, second and third piece on',
    ['81 04 c3', 'a9', '61', '62'],
    [['text "\xc3" start first'], ['text "\xa9" first'], ['text "a" first'], ['text "b" first frame-end end']],
  ],
  [
    'the same in binary',
    ['82 03 61', '62', '63'],
    [['binary "a" start first ascii'], ['binary "b" first ascii'], ['binary "c" first frame-end end ascii']],
  ],
  [
    'fragments, each whole',
    ['01 01 61 00 01 62 80 01 63'],
    [['text "a" start first frame-end ascii', 'text "b" frame-end ascii', 'text "c" frame-end end ascii']],
  ],
  [
    'fragments that are not ASCII from the first on',
    ['01 02 c3a9 00 01 62 80 01 63'],
    [['text "\xc3\xa9" start first frame-end', 'text "b" frame-end', 'text "c" frame-end end']],
  ],
  [
    'fragments cut in their payloads',
    ['01 02 61', '62 00 02 63', '64 80 02 65', '66'],
    [
      ['text "a" start first ascii'],
      ['text "b" first frame-end ascii', 'text "c" ascii'],
      ['text "d" frame-end ascii', 'text "e" ascii'],
      ['text "f" frame-end end ascii'],
    ],
  ],
  [
    'the same, not ASCII',
    ['01 02 c3', 'a9 00 02 c3', 'a9 80 02 c3', 'a9'],
    [
      ['text "\xc3" start first'],
      ['text "\xa9" first frame-end', 'text "\xc3" '],
      ['text "\xa9" frame-end', 'text "\xc3" '],
      ['text "\xa9" frame-end end'],
    ],
  ],
  [
    'the same in binary',
    ['02 02 61', '62 00 02 63', '64 80 02 65', '66'],
    [
      ['binary "a" start first ascii'],
      ['binary "b" first frame-end ascii', 'binary "c" ascii'],
      ['binary "d" frame-end ascii', 'binary "e" ascii'],
      ['binary "f" frame-end end ascii'],
    ],
  ],
  [
    'an empty first frame in front of a whole one: the message begins with the second',
    ['01 00 80 02 c3a9'],
    [['text "" start first frame-end ascii', 'text "\xc3\xa9" start frame-end end']],
  ],
  [
    'an empty first frame in front of fragments',
    ['01 00 00 02 c3a9 80 00'],
    [['text "" start first frame-end ascii', 'text "\xc3\xa9" start frame-end', 'text "" frame-end end']],
  ],
  [
    'an empty first frame in front of a cut one',
    ['01 00 80 03 c3a9', '61'],
    [['text "" start first frame-end ascii', 'text "\xc3\xa9" start'], ['text "a" frame-end end']],
  ],
  [
    'the same three, ASCII',
    ['01 00 80 01 61 01 00 00 01 61 80 00 01 00 80 02 61', '62'],
    [
      [
        'text "" start first frame-end ascii',
        'text "a" start frame-end end ascii',
        'text "" start first frame-end ascii',
        'text "a" start frame-end ascii',
        'text "" frame-end end ascii',
        'text "" start first frame-end ascii',
        'text "a" start ascii',
      ],
      ['text "b" frame-end end ascii'],
    ],
  ],
  [
    'the same three in binary',
    ['02 00 80 01 61 02 00 00 01 61 80 00 02 00 80 02 61', '62'],
    [
      [
        'binary "" start first frame-end ascii',
        'binary "a" start frame-end end ascii',
        'binary "" start first frame-end ascii',
        'binary "a" start frame-end ascii',
        'binary "" frame-end end ascii',
        'binary "" start first frame-end ascii',
        'binary "a" start ascii',
      ],
      ['binary "b" frame-end end ascii'],
    ],
  ],
  [
    'binary fragments, each whole',
    ['02 01 61 00 01 62 80 01 63'],
    [['binary "a" start first frame-end ascii', 'binary "b" frame-end ascii', 'binary "c" frame-end end ascii']],
  ],
  [
    'a header cut behind every byte',
    ['82', '7e', '00', '7e', '61'.repeat(126)],
    [[], [], [], [], [`binary "${'a'.repeat(126)}" ${WHOLE} ascii`]],
  ],
  [
    'a 64-bit header in two pieces',
    ['82 7f 00 00 00', '00 00 01 00 00 61'],
    [[], ['binary "a" start first ascii']],
    { maxMessage: 65_536 },
  ],
  [
    'control frames whole',
    ['89 01 70 8a 00 88 02 03e8'],
    [[`ping "p" ${WHOLE}`, `pong "" ${WHOLE}`, `close "\x03\xe8" ${WHOLE}`]],
  ],
  ['a ping cut twice', ['89 03 70', '71', '72 8a 00'], [[], [], [`ping "pqr" ${WHOLE}`, `pong "" ${WHOLE}`]]],
  [
    'a ping whose rest comes with the beginning of another one',
    ['89 02 70', '71 89 02 72', '73'],
    [[], [`ping "pq" ${WHOLE}`], [`ping "rs" ${WHOLE}`]],
  ],
  [
    'a close frame cut in its code and in a character',
    ['88 05 03', 'e8 61 c3', 'a9'],
    [[], [], [`close "\x03\xe8a\xc3\xa9" ${WHOLE}`]],
  ],
  ['nothing behind a close frame', ['88 00 81 01 61', '81 01 61'], [[`close "" ${WHOLE}`], []]],
  ['nothing behind a fault', ['83 81 01 61', '81 01 61'], [['fault OPCODE'], []]],
];

const FAULTS: readonly Case[] = [
  ['RSV1', ['c1'], [['fault RSV1']]],
  ['RSV2', ['a1'], [['fault RSV23']]],
  ['RSV3', ['91'], [['fault RSV23']]],
  ['a reserved data opcode', ['83'], [['fault OPCODE']]],
  ['a reserved control opcode', ['8b'], [['fault OPCODE']]],
  ['a fragmented control frame', ['09'], [['fault CONTROL_FRAGMENTED']]],
  ['a continuation of nothing', ['80'], [['fault CONTINUATION']]],
  [
    'a message inside a message',
    ['01 00 81'],
    [['text "" start first frame-end ascii', 'fault EXPECTED_CONTINUATION']],
  ],
  [
    'a fragment too many',
    ['01 00 00 00 00 00 80'],
    [
      [
        'text "" start first frame-end ascii',
        'text "" start frame-end ascii',
        'text "" start frame-end ascii',
        'fault TOO_MANY_FRAGMENTS',
      ],
    ],
  ],
  ['a mask from a server', ['81 80'], [['fault UNEXPECTED_MASK']]],
  ['a control frame of 126 bytes', ['89 7e'], [['fault CONTROL_LENGTH']]],
  ['a close frame of one byte', ['88 01'], [['fault CLOSE_LENGTH']]],
  ['a 16-bit length of 125', ['82 7e 00 7d'], [['fault LENGTH_NOT_MINIMAL']]],
  [
    'a 64-bit length of 65,535, known before its last bytes',
    ['82 7f 00 00 00 00 00 00'],
    [['fault LENGTH_NOT_MINIMAL']],
  ],
  ['a 64-bit length with its top bit', ['82 7f 80'], [['fault LENGTH_TOP_BIT']]],
  ['a fault in a header that was cut', ['82 7f', '80'], [[], ['fault LENGTH_TOP_BIT']]],
  ['a length above the limit', ['82 0b'], [['fault MESSAGE_TOO_BIG']], { maxMessage: 10 }],
  ['a length above the limit, known by its first byte', ['82 7e 04'], [['fault MESSAGE_TOO_BIG']]],
  [
    'a length above the limit with what came before',
    ['02 06 61 62 63 64 65 66 80 05'],
    [['binary "abcdef" start first frame-end ascii', 'fault MESSAGE_TOO_BIG']],
    { maxMessage: 10 },
  ],
  ['a bad byte', ['81 02 61 ff'], [['fault UTF8']]],
  ['a text that ends inside a character', ['81 01 c3'], [['fault UTF8']]],
  ['a forbidden close code', ['88 02 03ed'], [['fault CLOSE_CODE']]],
  ['a bad byte in a close reason', ['88 04 03e8 ff'], [['fault CLOSE_UTF8']]],
  ['a close reason that ends inside a character', ['88 03 03e8 c3'], [['fault CLOSE_UTF8']]],
];

const SERVER: readonly Case[] = [
  ['a masked text', ['81 81 01020304 60'], [[`text "a" ${WHOLE} ascii`]]],
  ['a key cut behind its second byte', ['81 81 0102', '0304 60'], [[], [`text "a" ${WHOLE} ascii`]]],
  [
    'a payload cut in the middle of the key',
    ['82 83 01020304 60', '60', '60'],
    [['binary "a" start first ascii'], ['binary "b" first ascii'], ['binary "c" first frame-end end ascii']],
  ],
  ['a masked ping', ['89 82 01020304 71', '73'], [[], [`ping "pq" ${WHOLE}`]]],
  ['no mask from a client', ['81 00'], [['fault EXPECTED_MASK']]],
];

const GROUPS = [
  ['frames', ROLE_CLIENT, FRAMES],
  ['faults', ROLE_CLIENT, FAULTS],
  ['as a server', ROLE_SERVER, SERVER],
] as const;

for (const [title, role, cases] of GROUPS) {
  describe(title, () => {
    for (const [name, chunks, expected, limits] of cases) {
      it(name, () => {
        expect(tapes(role, chunks, limits)).toEqual(expected);
      });
    }
  });
}

/** Every entry there can be: a data piece may begin a message or not, be of the first frame or not, end a frame or a message. */
function possibleEntries(): string[] {
  const ends = ['', 'frame-end', 'frame-end end'];
  const join = (...words: string[]): string => words.filter((word) => word !== '').join(' ');
  const data = ['', 'start'].flatMap((start) =>
    ['', 'first'].flatMap((first) => ends.map((end) => join(start, first, end))),
  );
  const text = data.flatMap((flags) => [join('text', flags, 'ascii'), flags === '' ? 'text ' : join('text', flags)]);
  const control = ['close', 'ping', 'pong'].map((name) => `${name} ${WHOLE}`);
  const faults = [...FAULT_NAMES.values()].map((name) => `fault ${name}`);
  return [...text, ...data.map((flags) => join('binary', flags, 'ascii')), ...control, ...faults];
}

describe('all cases together', () => {
  it('reach every fault and every entry that a tape can hold', () => {
    reached.clear();
    for (const [, role, cases] of GROUPS) for (const [, chunks, , limits] of cases) tapes(role, chunks, limits);
    expect([...reached].sort()).toEqual(possibleEntries().sort());
  });
});
