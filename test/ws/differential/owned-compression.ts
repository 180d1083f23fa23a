// The differences from `ws` in compression (RFC 7692) that wsimd has on purpose, each with its reason.

import type { Owned } from './owned';

const LENIENT = 'Blanks and empty elements may be in a header that is a list (RFC 6455 §9.1, RFC 2616 §2.1).';
const ONCE = 'An answer that agrees on one extension twice is invalid (RFC 7692 §5.1).';
const DIGITS = 'A number of bits is written in decimal digits without a leading zero (RFC 7692 §7.1.2).';
const KEPT = 'An answer keeps to the offer (RFC 7692 §7.1): what a client asked for is in it, and within its bounds.';
const LISTS = 'A list is no number; either end refuses what becomes of one.';
const LEVEL = 'Compressed at level 4 unless an option names another.';
const FLUSHED = 'A fragment of nothing compresses to nothing.';
const NOTHING = 'An empty payload is no compressed message: one of no bytes is compressed to one (RFC 7692 §7.2.3.6).';
const STORED = 'The limit is one of messages: what zlib adds to bytes that do not get smaller is not counted.';

const HELLOS = '68656c6c6f2068656c6c6f2068656c6c6f';
const DEFLATED = [`deflated frame 0xc1 Buffer <${HELLOS}>`, 'frame 0x88 Buffer <03e8>'];
const PLAIN = [`frame 0x81 Buffer <${HELLOS}>`, 'frame 0x88 Buffer <03e8>'];

const opened = (answer: string): string => `${answer}, open "permessage-deflate", close 1000 "permessage-deflate"`;
const refused = (answer: string): string =>
  `${answer}, error Error "Invalid Sec-WebSocket-Extensions header", close 1006 ""`;
const talked = (answer: string, frames = DEFLATED): string[] => frames.map((frame) => `${answer} ${frame}`);
const signed = (sign: '-' | '+', lines: readonly string[]): string[] => lines.map((line) => `${sign} ${line}`);

/** Only `ws` agrees to these answers, and then they talk so. */
function onlyTheirs(script: string, reason: string, ...answers: readonly (readonly [string, string[]])[]): Owned {
  return {
    area: 'compression answered',
    script,
    reason,
    lines: [
      ...answers.map(([answer]) => `- ${opened(answer)}`),
      ...answers.map(([answer]) => `+ ${refused(answer)}`),
      ...answers.flatMap(([answer, frames]) => signed('-', talked(answer, frames))),
    ],
  };
}

/** Only wsimd agrees to these. */
function onlyOurs(script: string, answers: readonly string[], opening: readonly string[]): Owned {
  const lines = [...opening, ...answers.flatMap((answer) => signed('+', talked(answer)))];
  return { area: 'compression answered', script, reason: LENIENT, lines };
}

const inDeflated = (answer: string): [string, string[]] => [answer, DEFLATED];
const bits = (who: string) => (value: string) => inDeflated(`<permessage-deflate; ${who}_max_window_bits=${value}>`);

const EMPTY = ['<> and <permessage-deflate>', '<permessage-deflate> and <>'];
const BLANKS = ['<permessage-deflate; server_max_window_bits =10>', '<permessage-deflate; server_max_window_bits= 10>'];
const COMMAS = ['<,permessage-deflate>', '<permessage-deflate,>'];
const ALONE = 'permessage-deflate; client_no_context_takeover';

function secondFault(first: string, theirs: string): Owned {
  return {
    area: 'compressed messages that are wrong',
    script: first.startsWith('0x4') ? `the bit in a control frame: ${first}` : `bits that were not agreed on: ${first}`,
    reason: 'Of two faults in one byte another one is told first.',
    lines: [
      `- CLOSING error RangeError "Invalid WebSocket frame: ${theirs}`,
      '+ CLOSING error RangeError "Invalid WebSocket frame: RSV1 must be clear" code="WS_ERR_UNEXPECTED_RSV_1"',
    ],
  };
}

function listOf(option: string, parameter: string, rest: string, last: string): Owned {
  const offer = (list: string): string =>
    `${option} is object [${list}]: Sec-WebSocket-Extensions: permessage-deflate; `;
  return {
    area: 'compression offered',
    script: `${option} that is no such number`,
    reason: LISTS,
    lines: [
      `- ${offer('')}${last}`,
      `+ ${offer('')}${parameter}=${rest}`,
      `- ${offer('9, 10')}${parameter}=9; ${parameter}=10${rest}`,
      `+ ${offer('9, 10')}${parameter}=9,10${rest}`,
    ],
  };
}

function stored(script: string): Owned {
  return {
    area: 'compressed messages that are wrong',
    script,
    reason: STORED,
    lines: [
      '- CLOSING error RangeError "Max payload size exceeded" code="WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"',
      '- CLOSED close 1006 Buffer <>',
      '+ OPEN message Buffer <419627c4f995d99cbf0f0a3123af7dc4e2d2e2e3> true',
      '+ CLOSED close 1000 Buffer <>',
      '- frame 0x88 Buffer <03f1>',
      '+ frame 0x88 Buffer <03e8>',
    ],
  };
}

const NO_DATA =
  /^\+ CLOSING error WsimdError "A compressed message .* it has no data." code="WS_ERR_INVALID_DEFLATE_DATA"/;
const MICROTASKS = ['a', 'b', 'c', 'd'].map((name) => `OPEN microtask of ${name}`);
const WAITED = 'The socket was closed while data was being compressed';

function onTheWire(script: string, isOfAnotherLevel: boolean): Owned {
  return {
    area: 'compressed messages sent',
    script,
    reason: isOfAnotherLevel ? `${LEVEL} ${FLUSHED}` : FLUSHED,
    lines: [...(isOfAnotherLevel ? ['- 0xc1 2a26513d00', '+ 0xc1 82d1c4aa0700'] : []), '- 0x41 000000ffff', '+ 0x41 '],
  };
}

export const ownedInCompression: readonly Owned[] = [
  listOf('serverMaxWindowBits', 'server_max_window_bits', '; client_max_window_bits', '; client_max_window_bits'),
  listOf('clientMaxWindowBits', 'client_max_window_bits', '', ''),
  {
    area: 'compression offered',
    script: 'a redirect, and a header of one’s own without compression',
    reason: 'A name that a handshake sets keeps its letters.',
    lines: ['- sec-websocket-extensions: foo; bar=1', '+ Sec-WebSocket-Extensions: foo; bar=1'],
  },
  onlyTheirs(
    'windows with leading zeros',
    DIGITS,
    ...['server', 'client'].flatMap((who) => ['010', '08'].map(bits(who))),
  ),
  onlyTheirs(
    'windows as numbers of JavaScript',
    DIGITS,
    ...['server', 'client'].flatMap((who) => ['1e1', '0xa', '+10', '10.0'].map(bits(who))),
  ),
  onlyOurs('blanks where they may not be', BLANKS, [
    ...signed('-', BLANKS.map(refused)),
    ...signed('+', BLANKS.map(opened)),
  ]),
  onlyOurs('a header that is empty, and one that is not', EMPTY, [
    ...signed('-', EMPTY.map(refused)),
    ...signed('+', EMPTY.map(opened)),
  ]),
  onlyOurs(
    'no list of extensions',
    COMMAS,
    COMMAS.flatMap((answer) => [`- ${refused(answer)}`, `+ ${opened(answer)}`]),
  ),
  onlyTheirs(
    'the extension twice',
    ONCE,
    inDeflated('<permessage-deflate, permessage-deflate>'),
    inDeflated('<permessage-deflate> and <permessage-deflate>'),
  ),
  onlyTheirs(
    'the extension twice with other parameters',
    ONCE,
    [`<${ALONE}, permessage-deflate>`, PLAIN],
    [`<permessage-deflate, ${ALONE}>`, DEFLATED],
  ),
  onlyTheirs('a window of the client, offered as no number', KEPT, bits('client')('11')),
  onlyTheirs('a window of the server beyond what was asked for', KEPT, bits('server')('11')),
  onlyTheirs('a window of the server that was asked for in vain', KEPT, [`<${ALONE}>`, PLAIN]),
  onlyTheirs('a server that does not do without its context', KEPT, bits('server')('15')),
  {
    area: 'compression answered',
    script: 'a client that does without its context, and need not',
    reason: 'A client that wants to do without its context does so, whatever the server says (RFC 7692 §7.1.1.2).',
    lines: [
      `- <permessage-deflate; server_max_window_bits=15> ${DEFLATED[0]}`,
      `+ <permessage-deflate; server_max_window_bits=15> ${PLAIN[0]}`,
    ],
  },
  {
    area: 'compressed messages received',
    script: 'promises between compressed messages with allowSynchronousEvents true',
    reason: 'Messages are inflated at once: those of a segment come behind each other, compressed or not.',
    lines: [...signed('-', MICROTASKS), ...signed('+', MICROTASKS)],
  },
  {
    area: 'compressed messages received',
    script: 'terminate() in the listener of a compressed message',
    reason: 'Nothing is delivered any more behind terminate().',
    lines: [
      '- CLOSING message Buffer <74776f> false',
      '- CLOSING ping Buffer <70>',
      '- CLOSING message Buffer <7468726565> true',
      '- CLOSING message Buffer <666f7572> false',
    ],
  },
  {
    area: 'compressed messages received',
    script: 'pause in the listener of a compressed message, with more of the same segment',
    reason: 'Nothing is delivered behind pause(), not even from the same segment.',
    lines: ['+ OPEN resume true', '- OPEN resume true'],
  },
  secondFault('0x49', 'FIN must be set" code="WS_ERR_EXPECTED_FIN"'),
  secondFault('0xc3', 'invalid opcode 3" code="WS_ERR_INVALID_OPCODE"'),
  secondFault('0xcb', 'invalid opcode 11" code="WS_ERR_INVALID_OPCODE"'),
  {
    area: 'compressed messages that are wrong',
    script: 'a compressed message of no bytes',
    reason: NOTHING,
    lines: [
      '- OPEN message Buffer <> false',
      '- CLOSED close 1000 Buffer <>',
      NO_DATA,
      '+ CLOSED close 1006 Buffer <>',
      '- frame 0x88 Buffer <03e8>',
      '+ frame 0x88 Buffer <03ef>',
    ],
  },
  {
    area: 'compressed messages that are wrong',
    script: 'a compressed message of no bytes, and one behind it',
    reason: `${NOTHING} What is behind it cannot be inflated any more.`,
    lines: [
      '- OPEN message Buffer <> false',
      '- CLOSING error Error "invalid stored block lengths" code="Z_DATA_ERROR" errno=-3',
      NO_DATA,
    ],
  },
  {
    area: 'compressed messages that are wrong',
    script: 'more behind a last block',
    reason: 'A block that is the last of its stream is not the end of a message (RFC 7692 §7.2.3.4).',
    lines: ['- OPEN message Buffer <48656c6c6f> false', '+ OPEN message Buffer <48656c6c6f48656c6c6f> false'],
  },
  {
    area: 'compressed messages that are wrong',
    script: 'compressed fragments of which the first is no UTF-8',
    reason: 'Invalid UTF-8 fails the connection as soon as it is there (RFC 6455 §8.1), not behind the last fragment.',
    lines: ['- OPEN ping Buffer <6265747765656e>', '- frame 0x8a Buffer <6265747765656e>'],
  },
  stored('a compressed message that is longer than what it inflates to, and than it may be'),
  stored('compressed fragments whose frames are longer than a message may be'),
  onTheWire('the bytes of zlib', true),
  onTheWire('the bytes of zlib in a small window', true),
  onTheWire('the bytes of zlib at level 0', false),
  onTheWire('the bytes of zlib at level 9 and by Huffman codes alone', false),
  onTheWire('the bytes of zlib with a window among its options', true),
  {
    area: 'compressed messages in order',
    script: 'compressed messages, and terminate()',
    reason: 'Short messages are compressed at once, so that they are written before terminate().',
    lines: [
      ...['a', 'b', 'p', 'c'].map((name) => `- CLOSING callback of ${name} Error "${WAITED}"`),
      ...['a', 'b', 'p', 'c'].map((name) => `+ CLOSING callback of ${name} null`),
      '+ deflated frame 0xc1 Buffer <61>',
      '+ frame 0x81 Buffer <62>',
      '+ frame 0x89 Buffer <70>',
      '+ deflated frame 0xc1 Buffer <63>',
    ],
  },
];
