// Answers to a handshake for fast-check, as arbitrary as a hostile server makes them: lawful heads with something wrong in
// a line or a byte, heads that are nearly too large, noise, and what may come behind a head in the same segment.

import fc from 'fast-check';
import { ACCEPT, latin1 } from '../../support/heads';
import { cuts, lengthsAround, mostly, mutate, mutations, splitsOf } from '../../support/streams';

// Lines.

const statusLine = mostly(
  fc.constantFrom('HTTP/1.1 101 Switching Protocols', 'HTTP/1.1 101'),
  mostly(
    fc.constantFrom(
      'HTTP/1.1 200 OK',
      'HTTP/1.1 302 Verschoben \xfc',
      'HTTP/1.1 503 ',
      'HTTP/1.0 101 Old',
      'HTTP/1.9 099 ?',
    ),
    fc.constantFrom('HTTP/2 200', 'HTTP/1.1  200', 'http/1.1 101', 'HTTP/1.1 1o1', '', ' ', 'SSH-2.0'),
    2,
  ),
  2,
);

const name = mostly(
  fc.oneof(
    fc.constantFrom('Upgrade', 'connection', 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'Content-Length'),
    fc.constantFrom('Set-Cookie', 'set-cookie', 'Location', 'X', '__proto__', 'constructor', '1'),
  ),
  fc.constantFrom(' folded', '\tfolded', 'a b', 'a ', '', 'na\xefve', 'a(', 'a\0'),
  30,
);
const value = fc.oneof(
  fc.constantFrom('websocket', 'Upgrade', 'keep-alive, upgrade', 'chat', 'permessage-deflate', '0', '5', 'chunked', ''),
  fc.array(fc.constantFrom(...'\t ,;="aZ\x80\xa0\xff'), { maxLength: 6 }).map((parts) => parts.join('')),
);
const blanks = fc.constantFrom('', ' ', '\t', ' \t ');
const field = fc
  .record({ name, before: blanks, value, after: blanks })
  .map(({ name, before, value, after }) => `${name}:${before}${value}${after}`);
const line = mostly(field, fc.constantFrom('no colon', ':', 'X: \r', 'X: \n', 'X: \0', 'X: \x7f'), 30);

/** As many lines, and as many bytes, as are nearly too many. */
const manyLines = fc
  .record({ count: lengthsAround(100), field })
  .map(({ count, field }) => Array<string>(count).fill(field));
const longLine = lengthsAround(16_384).map((length) => [`X: ${'x'.repeat(Math.max(0, length - 25))}`]);

const lines = mostly(fc.array(line, { maxLength: 8 }), fc.oneof(manyLines, longLine), 5);

// Heads.

const interim = fc.constantFrom(
  'HTTP/1.1 100\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nSet-Cookie: x=1\r\n\r\n',
);

/** Frames, bodies and a second head: whatever may come in the same segment. */
const behind = fc.oneof(
  fc.constantFrom('', '\x81\x05A: b\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', 'f00\r\n'),
  fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => Buffer.from(text).toString('latin1')),
  fc.integer({ min: 300, max: 400 }).map((times) => '\xea\xb0\x80'.repeat(times)),
);

/** All of a head that is not its lines, and how it is cut. */
const surroundings = fc.record({
  interims: mostly(fc.constant<string[]>([]), fc.array(interim, { maxLength: 2 }), 4),
  statusLine,
  lineEnds: fc.array(mostly(fc.constant('\r\n'), fc.constantFrom('\n', '\r', '\r\r\n', ''), 100), {
    minLength: 1,
    maxLength: 8,
  }),
  behind,
  mutations: mostly(fc.constant<readonly never[]>([]), mutations, 3),
  cuts,
});

export interface HeadCase {
  /** As Latin-1. */
  readonly received: string;
  readonly splits: readonly number[];
}

/** Whatever is fed is also read from its beginning by the slow parser, at every cut: so many are enough. */
const MOST_CHUNKS = 300;

function assemble(
  lines: readonly string[],
  around: typeof surroundings extends fc.Arbitrary<infer T> ? T : never,
): HeadCase {
  const { interims, statusLine, lineEnds, behind, mutations, cuts } = around;
  const ended = [statusLine, ...lines, ''].map((line, index) => line + lineEnds[index % lineEnds.length]);
  const received = mutate(latin1([...interims, ...ended, behind].join('')), mutations);
  const size = 'size' in cuts ? Math.max(cuts.size, Math.ceil(received.length / MOST_CHUNKS)) : 0;
  const splits = splitsOf(size > 0 ? { size } : cuts, received.length);
  return { received: Buffer.from(received).toString('latin1'), splits };
}

const noise: fc.Arbitrary<HeadCase> = fc
  .record({
    bytes: fc.uint8Array({ maxLength: 60 }),
    start: fc.constantFrom('', 'H', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 101\r\nA'),
    cuts,
  })
  .map(({ bytes, start, cuts }) => {
    const received = start + Buffer.from(bytes).toString('latin1');
    return { received, splits: splitsOf(cuts, received.length) };
  });

/** Any head at all. */
export const heads: fc.Arbitrary<HeadCase> = mostly(
  fc.record({ lines, around: surroundings }).map(({ lines, around }) => assemble(lines, around)),
  noise,
  8,
);

// Answers to a handshake.

type Edit =
  | { readonly kind: 'omit' | 'repeat' | 'case' | 'blanks'; readonly at: number }
  | { readonly kind: 'insert' | 'replace'; readonly at: number; readonly line: string };

const someLine = fc.constantFrom(
  'Upgrade: websockets',
  'Upgrade: websocket, h2c',
  'Connection: , x-upgrade',
  'Connection: upgraded, keep-alive',
  'Connection: keep-alive ,\tUpgrade\t,',
  'Content-Length: 7',
  'Transfer-Encoding: chunked',
);
const edit: fc.Arbitrary<Edit> = mostly(
  fc.record({ kind: fc.constantFrom('omit', 'repeat', 'case', 'blanks'), at: fc.nat(3) }),
  fc.record({ kind: fc.constantFrom('insert', 'replace'), at: fc.nat(3), line: fc.oneof(someLine, field) }),
  1,
);

/** The right answer, mostly, with a line left out, repeated, written in another way or put in. */
function answer(protocol: string, edits: readonly Edit[]): string[] {
  const lines = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${ACCEPT}`];
  if (protocol !== '') lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  return lines.flatMap((line, at) => edits.filter((edit) => edit.at === at).reduce(edited, [line]));
}

function edited(lines: string[], edit: Edit): string[] {
  if (edit.kind === 'insert') return [edit.line, ...lines];
  if (edit.kind === 'replace') return [edit.line];
  if (edit.kind === 'omit') return [];
  if (edit.kind === 'repeat') return lines.flatMap((line) => [line, line]);
  return lines.map((line) => {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()];
    if (edit.kind === 'blanks') return `${name}:\t${value} \t`;
    return `${name.toUpperCase()}: ${value === ACCEPT ? value : value.toUpperCase()}`;
  });
}

export interface HandshakeCase extends HeadCase {
  readonly protocols: readonly string[];
}

export const handshakes: fc.Arbitrary<HandshakeCase> = fc
  .record({
    protocols: fc.constantFrom([], [], ['chat'], ['chat', 'superchat']),
    chosen: mostly(fc.nat(1), fc.constantFrom('', 'chat', 'Chat', 'chat, superchat'), 4),
    edits: fc.array(edit, { maxLength: 2 }),
    around: surroundings,
  })
  .map(({ protocols, chosen, edits, around }) => {
    const protocol = typeof chosen === 'string' ? chosen : (protocols[chosen % protocols.length] ?? '');
    return { ...assemble(answer(protocol, edits), around), protocols };
  });
