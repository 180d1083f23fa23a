// The closing handshake: who begins it, what may stand in a close frame, and what happens to frames that are on their way.

import { BINARY, CLOSE, closeFrame, PING, PONG, TEXT } from '../../../support/raw-peer';
import { binary, category, close, EVERY_CUT, HOLD, heldAfter, pong, REFUSED, type Spec, text } from '../case';
import { END, frame, maskedFrame, noise, octets, TEXT_BEGIN } from '../wire';

const REASON_123 = 'ä'.repeat(61).concat('!');

const bodies: Spec[] = [
  {
    id: '5.5.1-empty',
    section: '5.5.1',
    says: 'A close frame without a body is answered by one without a body; the program is told 1005.',
    cuts: ['whole', 'bytes'],
    server: [frame(CLOSE)],
    close: 'no status',
    ends: { code: 1005 },
  },
  {
    id: '5.5.1-one-byte',
    section: '5.5.1',
    says: 'A body of one byte is no status: refused by its length.',
    server: heldAfter(2, frame(CLOSE, '\x03')),
    fails: REFUSED.controlLength,
  },
  {
    id: '5.5.1-status-only',
    section: '5.5.1',
    says: 'A close frame with a status is answered with the same one.',
    cuts: ['whole', 'bytes'],
    server: [closeFrame(1000)],
    ends: {},
  },
  ...[
    ['short', 'bye'],
    ['korean', '안녕히 가세요'],
    ['emoji', '👋🏽'],
    ['of-123-bytes', REASON_123],
  ].map(
    ([name, reason]): Spec => ({
      id: `5.5.1-reason-${name}`,
      section: '5.5.1',
      says: 'A reason is told as it was sent.',
      cuts: ['whole', 'bytes'],
      server: [closeFrame(1000, reason)],
      ends: { reason: reason! },
    }),
  ),
  {
    id: '5.5.1-body-of-126',
    section: '5.5.1',
    says: 'A reason of 124 bytes makes a body of 126: refused by its length.',
    server: heldAfter(2, frame(CLOSE, Buffer.concat([closeFrame(1000).subarray(2), Buffer.from(`${REASON_123}!`)]))),
    fails: REFUSED.controlLength,
  },
  {
    id: '5.5.1-segments-of-one-byte',
    section: '5.5.1',
    says: 'A close frame that comes byte by byte behind a message is one close frame.',
    cuts: ['frames'],
    server: [frame(TEXT, 'before'), ...octets(closeFrame(3000, 'piece by piece'))],
    told: [text('before')],
    close: 3000,
    ends: { code: 3000, reason: 'piece by piece' },
  },
];

/** Nothing behind a close frame is read, whether it comes with it or later. */
const BEHIND: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['text', frame(TEXT, 'too late')],
  ['ping', frame(PING, 'too late')],
  ['pong', frame(PONG, 'too late')],
  ['close', closeFrame(1001, 'again')],
  ['masked-text', maskedFrame(TEXT, 'too late')],
  ['reserved-opcode', frame(0x8f, 'too late')],
  ['large-message', frame(BINARY, noise(100_000))],
  ['garbage', noise(1000)],
];
const behind = BEHIND.flatMap(([name, bytes]): Spec[] => [
  {
    id: `5.5.1-${name}-behind-close`,
    section: '5.5.1',
    says: 'What comes behind a close frame is not read, though it is in the same segment.',
    cuts: ['frames', 'whole'],
    server: [closeFrame(1000, 'first'), bytes],
    ends: { reason: 'first' },
  },
  {
    id: `5.5.1-${name}-after-the-answer`,
    section: '5.5.1',
    says: 'Nor is what comes when the close frame has been answered.',
    server: [closeFrame(1000, 'first'), HOLD, bytes],
    ends: { reason: 'first' },
  },
]);

const fromTheServer: Spec[] = [
  {
    id: '7.1-message-then-close',
    section: '7.1.2',
    says: 'A message right in front of the close frame is delivered and comes back before the answer.',
    cuts: EVERY_CUT,
    server: [frame(TEXT, 'Hello'), closeFrame(1000)],
    told: [text('Hello')],
    ends: {},
  },
  {
    id: '7.1-large-message-close-ping',
    section: '7.1.2',
    says: 'A message of 256 KiB comes back before the answer; a ping behind the close frame gets no pong.',
    cuts: ['frames', 'whole', 1000],
    server: () => [frame(BINARY, noise(262_144)), closeFrame(1000), frame(PING)],
    told: () => [binary(noise(262_144))],
    ends: {},
  },
  {
    id: '7.1-close-then-fin',
    section: '7.1.1',
    says: 'A server that ends TCP right behind its close frame still gets it answered: the closing was clean.',
    cuts: EVERY_CUT,
    server: [frame(TEXT, 'Hello'), closeFrame(1001, 'going'), 'fin'],
    told: [text('Hello')],
    close: 1001,
    ends: { code: 1001, reason: 'going' },
  },
];

const fromTheClient: Spec[] = [
  {
    id: '7.1-client-closes',
    section: '7.1.2',
    says: 'A client begins the closing handshake, and the server answers it.',
    server: [close(), 'close frame', closeFrame(1000)],
    ends: {},
  },
  {
    id: '7.1-client-closes-with-reason',
    section: '7.1.2',
    says: 'It may do so with a status of its own and a reason.',
    server: [
      frame(TEXT, 'Hello'),
      { returned: 1 },
      close(4001, 'enough: 그만'),
      'close frame',
      closeFrame(4001, 'as you wish'),
    ],
    told: [text('Hello')],
    close: 4001,
    ends: { code: 4001, reason: 'as you wish' },
  },
  {
    id: '7.1-client-closes-server-answers-otherwise',
    section: '7.1.5',
    says: 'A server may answer with another status: that is the one that is told.',
    server: [close(1000), 'close frame', closeFrame(1001)],
    ends: { code: 1001 },
  },
  {
    id: '7.1-client-closes-server-answers-empty',
    section: '7.1.5',
    says: 'Or with none: then 1005 is told.',
    server: [close(1000), 'close frame', frame(CLOSE)],
    ends: { code: 1005 },
  },
  {
    id: '7.1-client-closes-messages-on-their-way',
    section: '7.1.3',
    says: 'What was on its way when the client closed may be told or not; wsimd passes it over, up to the close frame.',
    cuts: EVERY_CUT,
    server: [close(), 'close frame', frame(TEXT, 'too late'), frame(PING, 'too late'), closeFrame(1000)],
    ends: {},
  },
  {
    id: '7.1-client-closes-within-a-message',
    section: '7.1.3',
    says: 'A client may close between two fragments; wsimd passes the rest of the message over.',
    cuts: EVERY_CUT,
    server: [
      frame(TEXT_BEGIN, 'Hel'),
      frame(PING),
      { returned: 1 },
      close(),
      'close frame',
      frame(END, 'lo'),
      closeFrame(1000),
    ],
    returned: [pong()],
    ends: {},
  },
  {
    id: '7.1-client-closes-server-breaks-a-rule',
    section: '7.1.7',
    says: 'A server that breaks a rule instead of answering is refused, but no second close frame is sent.',
    cuts: ['frames', 'bytes'],
    server: [close(), 'close frame', frame(0x83, 'bad'), closeFrame(1000)],
    fails: REFUSED.opcode,
    close: 1000,
  },
  {
    id: '7.1-client-closes-server-ends-tcp',
    section: '7.1.5',
    says: 'A server that ends TCP instead of answering leaves 1006, and nothing clean.',
    server: [close(), 'close frame', 'fin'],
    close: 1000,
    ends: { code: 1006, wasClean: false },
  },
];

const crossing = (
  [
    ['same-status', closeFrame(1000), { code: 1000 }],
    ['other-status', closeFrame(1001, 'me first'), { code: 1001, reason: 'me first' }],
    ['without-status', frame(CLOSE), { code: 1005 }],
  ] as const
).map(
  ([name, bytes, ends]): Spec => ({
    id: `7.1-both-close-${name}`,
    section: '7.1.3',
    says: 'Both close at once: each close frame is the answer to the other, and there is no third.',
    cuts: ['whole', 'bytes'],
    server: [frame(TEXT, 'Hello'), { returned: 1 }, close(1000), bytes],
    told: [text('Hello')],
    close: 1000,
    ends,
  }),
);

export const closing = category('Closing', ...bodies, ...behind, ...fromTheServer, ...fromTheClient, ...crossing);
