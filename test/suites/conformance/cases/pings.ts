// Pings are answered with what they carry, in order, wherever they come; pongs that nobody asked for are only told.

import { closeFrame, PING, PONG, TEXT } from '../../../support/raw-peer';
import { category, EVERY_CUT, HOLD, heldAfter, ping, pong, REFUSED, type Spec, sendPing, text } from '../case';
import { ascii, END, frame, head, noise, TEXT_BEGIN } from '../wire';

const ten = Array.from({ length: 10 }, (_, i) => `ping ${i}`);
const upTo125 = Array.from({ length: 126 }, (_, size) => size);

const answered: Spec[] = [
  ['empty', ''],
  ['with-text', 'Hello, world!'],
  ['with-bytes', Buffer.from('00fffefdfcfb00ff', 'hex')],
  ['of-1-byte', 'x'],
  ['of-124-bytes', noise(124)],
  ['of-125-bytes', noise(125)],
].map(([name, payload]) => ({
  id: `5.5.2-ping-${name}`,
  section: '5.5.2',
  says: 'A ping is answered by a pong with the same payload.',
  cuts: ['whole', 'bytes'],
  server: [frame(PING, payload!)],
  returned: [pong(payload)],
}));

const refusedLengths = (
  [
    ['ping', PING],
    ['pong', PONG],
    ['close', 0x88],
  ] as const
).flatMap(([name, first]) =>
  [126, 127, 200, 65_535, 65_536].map(
    (size): Spec => ({
      id: `5.5-${name}-of-${size}`,
      section: '5.5',
      says: `A ${name} of ${size} bytes is refused by its second byte: 125 is the most.`,
      server: heldAfter(2, frame(first, noise(size))),
      fails: REFUSED.controlLength,
    }),
  ),
);

export const pings = category(
  'Pings and pongs',
  ...answered,
  {
    id: '5.5.2-pings-of-every-size',
    section: '5.5.2',
    says: 'Pings of 0 to 125 bytes in a row: as many pongs, in order.',
    cuts: ['whole', 'frames', 7],
    server: upTo125.map((size) => frame(PING, noise(size))),
    returned: upTo125.map((size) => pong(noise(size))),
  },
  {
    id: '5.5.2-ten-pings',
    section: '5.5.2',
    says: 'Ten pings in a row get ten pongs.',
    cuts: EVERY_CUT,
    server: ten.map((payload) => frame(PING, payload)),
    returned: ten.map(pong),
  },
  {
    id: '5.5.2-twenty-large-pings',
    section: '5.5.2',
    says: 'So do twenty of the largest, byte by byte.',
    cuts: ['bytes'],
    server: Array.from({ length: 20 }, () => frame(PING, noise(125))),
    returned: Array.from({ length: 20 }, () => pong(noise(125))),
  },
  {
    id: '5.5.2-pings-around-messages',
    section: '5.5.2',
    says: 'Pings before, between and behind messages are answered in their places.',
    cuts: EVERY_CUT,
    server: [frame(PING, '1'), frame(TEXT, 'one'), frame(PING, '2'), frame(TEXT, 'two'), frame(PING, '3')],
    told: [text('one'), text('two')],
    returned: [pong('1'), text('one'), pong('2'), text('two'), pong('3')],
  },
  {
    id: '5.5.2-ping-before-close',
    section: '5.5.2',
    says: 'A ping right in front of the close frame is still answered.',
    cuts: EVERY_CUT,
    server: [frame(PING, 'last'), closeFrame(1000)],
    returned: [pong('last')],
    ends: {},
  },
  {
    id: '5.5.2-ping-before-a-fault',
    section: '5.5.2',
    says: 'So is a ping right in front of what fails the connection.',
    cuts: EVERY_CUT,
    server: [frame(PING, 'last'), frame(0x83), HOLD, frame(PING, 'too late')],
    returned: [pong('last')],
    fails: REFUSED.opcode,
  },
  ...refusedLengths,
  ...(['ping', 'pong'] as const).map(
    (name): Spec => ({
      id: `5.5-${name}-with-a-long-length`,
      section: '5.5',
      says: 'A control frame cannot even name a length of 5 in a longer form.',
      server: heldAfter(2, Buffer.concat([head(name === 'ping' ? PING : PONG, 5, 2), Buffer.from('Hello')])),
      fails: REFUSED.controlLength,
    }),
  ),
  {
    id: '5.5-ping-of-126-between-fragments',
    section: '5.5',
    says: 'A ping that is too long fails a fragmented message with it.',
    cuts: ['frames', 'whole'],
    server: [frame(TEXT_BEGIN, 'Hel'), ...heldAfter(2, frame(PING, noise(126))), frame(END, 'lo')],
    fails: REFUSED.controlLength,
  },
  ...[
    ['empty', ''],
    ['with-text', 'unasked'],
    ['of-125-bytes', noise(125)],
  ].map(
    ([name, payload]): Spec => ({
      id: `5.5.3-unasked-pong-${name}`,
      section: '5.5.3',
      says: 'A pong that nobody asked for is told and not answered.',
      cuts: ['whole', 'bytes'],
      server: [frame(PONG, payload!), frame(TEXT, 'Hello')],
      told: [pong(payload!), text('Hello')],
    }),
  ),
  {
    id: '5.5.3-unasked-pong-then-ping',
    section: '5.5.3',
    says: 'A pong that nobody asked for, then a ping: only the ping is answered.',
    cuts: EVERY_CUT,
    server: [frame(PONG, 'unasked'), frame(PING, 'asked')],
    told: [pong('unasked')],
    returned: [pong('asked')],
  },
  {
    id: '5.5.3-ten-unasked-pongs',
    section: '5.5.3',
    says: 'Ten of them are ten that nobody answers.',
    cuts: ['whole', 'bytes'],
    server: ten.map((payload) => frame(PONG, payload)),
    told: ten.map(pong),
  },
  {
    id: '5.5.3-asked-pong',
    section: '5.5.3',
    says: 'A client may ping by itself, and is told the pong.',
    server: [sendPing('are you there?'), { returned: 1 }, frame(PONG, 'are you there?')],
    told: [pong('are you there?')],
    returned: [ping('are you there?')],
  },
  {
    id: '5.5.3-one-pong-for-several',
    section: '5.5.3',
    says: 'A server may answer only the last of several pings, with messages in between.',
    server: [sendPing('1'), sendPing('2'), { returned: 2 }, frame(TEXT, 'busy'), frame(PONG, '2')],
    told: [text('busy'), pong('2')],
    returned: [ping('1'), ping('2'), text('busy')],
  },
  {
    id: '5.5.3-pings-from-both-sides',
    section: '5.5.3',
    says: 'A ping from each side at once: a pong from each.',
    server: [sendPing(ascii(125).toString()), frame(PING, 'mine'), { returned: 2 }, frame(PONG, ascii(125))],
    told: [pong(ascii(125))],
    returned: [ping(ascii(125)), pong('mine')],
  },
);
