// Pieces of one message that follow each other in one chunk are one entry of the tape, unless frames are asked for: exact tapes
// through the shipped binary, and the bytes of such entries for fragments of every length.

import { describe, expect, it } from 'vitest';
import { ROLE_CLIENT, ROLE_SERVER } from '../../assembly/layout';
import { isSame, open, pattern } from '../support/decoders';
import { encodeFrame } from '../support/reference';
import { type TapeCase as Case, tapes, WHOLE } from '../support/tapes';

const JOINED: readonly Case[] = [
  ['fragments, each whole', ['01 01 61 00 01 62 80 01 63'], [[`text "abc" ${WHOLE} ascii`]]],
  ['binary fragments, each whole', ['02 01 61 00 01 ff 80 01 63'], [[`binary "a\xffc" ${WHOLE} ascii`]]],
  ['a text that is not ASCII from its second fragment on', ['01 01 61 80 02 c3a9'], [[`text "a\xc3\xa9" ${WHOLE}`]]],
  ['a text that is not ASCII in its first fragment', ['01 02 c3a9 80 01 61'], [[`text "\xc3\xa9a" ${WHOLE}`]]],
  ['a character in three fragments', ['01 01 e2 00 01 82 80 01 ac'], [[`text "\xe2\x82\xac" ${WHOLE}`]]],
  [
    'a message in fragments that has not ended',
    ['01 01 61 00 01 62', '80 01 63'],
    [['text "ab" start first frame-end ascii'], ['text "c" frame-end end ascii']],
  ],
  ['empty fragments between', ['02 01 61 00 00 00 00 80 01 62'], [[`binary "ab" ${WHOLE} ascii`]], { maxFragments: 4 }],
  ['an empty last fragment', ['02 01 61 80 00'], [[`binary "a" ${WHOLE} ascii`]]],
  [
    'an empty first fragment, which stays by itself: the message begins behind it',
    ['01 00 00 01 61 80 02 c3a9'],
    [['text "" start first frame-end ascii', 'text "a\xc3\xa9" start frame-end end']],
  ],
  [
    'only empty fragments: each begins the message',
    ['02 00 00 00 80 00'],
    [
      [
        'binary "" start first frame-end ascii',
        'binary "" start frame-end ascii',
        'binary "" start frame-end end ascii',
      ],
    ],
  ],
  [
    'two messages in fragments: they are not joined to each other',
    ['01 01 61 80 01 62 02 01 63 80 01 64'],
    [[`text "ab" ${WHOLE} ascii`, `binary "cd" ${WHOLE} ascii`]],
  ],
  [
    'a ping between two fragments keeps them apart',
    ['01 01 61 89 01 70 80 01 62'],
    [['text "a" start first frame-end ascii', `ping "p" ${WHOLE}`, 'text "b" frame-end end ascii']],
  ],
  [
    'a pong keeps fragments apart, but not those behind it',
    ['02 01 61 00 01 62 8a 00 00 01 63 80 01 64'],
    [['binary "ab" start first frame-end ascii', `pong "" ${WHOLE}`, 'binary "cd" frame-end end ascii']],
    { maxFragments: 4 },
  ],
  [
    'a close frame between fragments: nothing follows',
    ['01 01 61 00 01 62 88 00 80 01 63'],
    [['text "ab" start first frame-end ascii', `close "" ${WHOLE}`]],
  ],
  [
    'a fault in the header behind joined pieces',
    ['01 01 61 00 01 62 81'],
    [['text "ab" start first frame-end ascii', 'fault EXPECTED_CONTINUATION']],
  ],
  [
    'a fault in the payload behind joined pieces: its piece is not told',
    ['01 01 61 00 01 62 80 03 6363ff'],
    [['text "ab" start first frame-end ascii', 'fault UTF8']],
  ],
  [
    'a text in fragments that ends inside a character',
    ['01 01 61 00 01 62 80 02 63c3'],
    [['text "ab" start first frame-end ascii', 'fault UTF8']],
  ],
  [
    'a fragment too many',
    ['02 01 61 00 01 62 00 01 63 80'],
    [['binary "abc" start first frame-end ascii', 'fault TOO_MANY_FRAGMENTS']],
  ],
  [
    'a message that becomes too large',
    ['02 03 616263 00 03 646566 80 05'],
    [['binary "abcdef" start first frame-end ascii', 'fault MESSAGE_TOO_BIG']],
    { maxMessage: 10 },
  ],
  [
    'payloads cut by the ends of chunks',
    ['01 02 61', '62 00 02 63', '64 80 02 65', '66'],
    [['text "a" start first ascii'], ['text "bc" first ascii'], ['text "de" ascii'], ['text "f" frame-end end ascii']],
  ],
  [
    'characters cut by the ends of chunks',
    ['01 02 c3', 'a9 00 02 c3', 'a9 80 02 c3', 'a9'],
    [['text "\xc3" start first'], ['text "\xa9\xc3" first'], ['text "\xa9\xc3" '], ['text "\xa9" frame-end end']],
  ],
  [
    'a header cut between two fragments: the chunk ends the entry',
    ['02 01 61 00 01 62 80', '01 63'],
    [['binary "ab" start first frame-end ascii'], ['binary "c" frame-end end ascii']],
  ],
  [
    'a rest of a ping in front of fragments',
    ['89 02 70', '71 02 01 61 80 01 62'],
    [[], [`ping "pq" ${WHOLE}`, `binary "ab" ${WHOLE} ascii`]],
  ],
];

const MASKED: readonly Case[] = [
  [
    'fragments, each with a key of its own',
    ['01 82 01020304 6060 00 81 05060708 66 80 82 00000000 6465'],
    [[`text "abcde" ${WHOLE} ascii`]],
  ],
  [
    'a ping between two fragments keeps them apart',
    ['02 81 01020304 60 89 81 01020304 71 80 81 01020304 63'],
    [['binary "a" start first frame-end ascii', `ping "p" ${WHOLE}`, 'binary "b" frame-end end ascii']],
  ],
  [
    'a payload cut in the middle of the key',
    ['02 81 01020304 60 80 83 01020304 63', '61', '67'],
    [['binary "ab" start first ascii'], ['binary "c" ascii'], ['binary "d" frame-end end ascii']],
  ],
];

describe.each([
  ['a client', ROLE_CLIENT, JOINED],
  ['a server', ROLE_SERVER, MASKED],
] as const)('%s joins', (_, role, cases) => {
  for (const [name, chunks, expected, limits] of cases) {
    it(name, () => {
      expect(tapes(role, chunks, { ...limits, wantsFrames: false })).toEqual(expected);
    });
  }
});

// The bytes. Behind a header of 2 to 14 bytes a piece moves by as many, again and again: it must not run over itself.

const LENGTHS = [...Array.from({ length: 301 }, (_, length) => length), 1_000, 5_000];

describe.each(['client', 'server'] as const)('what is joined as a %s', (role) => {
  const keyOf = (index: number): number[] | undefined =>
    role === 'server' ? [index & 0xff, 0x5a, 0xff - (index & 0xff), 0] : undefined;

  /** A binary message in fragments of these payloads. */
  function fragments(payloads: readonly Uint8Array[]): Uint8Array {
    const frames = payloads.map((payload, index) =>
      encodeFrame({ opcode: index === 0 ? 2 : 0, fin: index === payloads.length - 1, payload, key: keyOf(index) }),
    );
    return new Uint8Array(Buffer.concat(frames));
  }

  /** What a decoder makes of the message, behind a ping that moves it to another alignment. */
  function told(payloads: readonly Uint8Array[], shift = 0): Uint8Array[] {
    const messages: Uint8Array[] = [];
    const decoder = open({ role, onMessage: (data) => messages.push(data as Uint8Array) });
    decoder.feed(encodeFrame({ opcode: 9, payload: pattern(shift), key: keyOf(7) }));
    decoder.feed(
      new Uint8Array(
        Buffer.concat([encodeFrame({ opcode: 9, payload: pattern(shift), key: keyOf(9) }), fragments(payloads)]),
      ),
    );
    decoder.close();
    return messages;
  }

  it.each([0, 1, 15, 16, 17, 300])(
    'is the fragments one behind the other, of every length, behind one of %i',
    (first) => {
      for (const length of LENGTHS) {
        const payloads = [pattern(first, 1), pattern(length, 2), pattern(33, 3), pattern(length, 4)];
        const [message, ...others] = told(payloads, length % 16);
        expect(others).toEqual([]);
        expect(isSame(message!, Buffer.concat(payloads)), `fragments of ${length} bytes`).toBe(true);
      }
    },
  );

  it('is the fragments of all lengths, shortest and longest first', () => {
    const payloads = LENGTHS.filter((length) => length <= 200).map((length) => pattern(length, length + 1));
    for (const order of [payloads, [...payloads].reverse()]) {
      const [message, ...others] = told(order);
      expect(others).toEqual([]);
      expect(isSame(message!, Buffer.concat(order))).toBe(true);
    }
  });

  it('leaves the messages around it as they are', () => {
    for (const length of LENGTHS) {
      const messages: Uint8Array[] = [];
      const decoder = open({ role, onMessage: (data) => messages.push(data as Uint8Array) });
      const sent = [1, 2, 3].map((seed) => [pattern(length, seed), pattern(20, seed + 3)]);
      decoder.feed(new Uint8Array(Buffer.concat(sent.map(fragments))));
      decoder.close();
      expect(messages.map((message, index) => isSame(message, Buffer.concat(sent[index]!)))).toEqual([
        true,
        true,
        true,
      ]);
    }
  });
});
