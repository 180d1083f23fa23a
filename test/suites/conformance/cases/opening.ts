// What a server may send as soon as it has accepted: its first frames share a segment with the answer to the handshake, or
// that is cut anywhere.

import { BINARY, closeFrame, PING, TEXT } from '../../../support/raw-peer';
import { binary, category, heldAfter, pong, REFUSED, text } from '../case';
import { END, fragments, frame, noise, reserved, TEXT_BEGIN } from '../wire';

export const opening = category(
  'First frames',
  {
    id: '4.1-text-with-the-answer',
    section: '4.1',
    says: 'A message that comes with the answer to the handshake is delivered.',
    cuts: ['frames', 'bytes', 100],
    isJoined: true,
    server: [frame(TEXT, 'Hello')],
    told: [text('Hello')],
  },
  {
    id: '4.1-several-with-the-answer',
    section: '4.1',
    says: 'So are several messages, with a ping among them and fragments behind it.',
    cuts: ['whole', 64],
    isJoined: true,
    server: [frame(TEXT, 'one'), frame(BINARY, 'two'), frame(PING, 'p'), ...fragments(TEXT_BEGIN, 'thr', 'ee')],
    told: [text('one'), binary('two'), text('three')],
    returned: [text('one'), binary('two'), pong('p'), text('three')],
  },
  {
    id: '4.1-half-a-frame-with-the-answer',
    section: '4.1',
    says: 'A message whose first half comes with the answer is delivered when the other half is there.',
    cuts: ['frames'],
    isJoined: true,
    server: [frame(TEXT, 'Hello').subarray(0, 4), frame(TEXT, 'Hello').subarray(4)],
    told: [text('Hello')],
  },
  {
    id: '4.1-large-with-the-answer',
    section: '4.1',
    says: 'A message of many segments begins in the one that ends the answer.',
    isJoined: true,
    server: [frame(BINARY, noise(131_072))],
    told: [binary(noise(131_072))],
  },
  {
    id: '4.1-close-with-the-answer',
    section: '4.1',
    says: 'A server that accepts and closes at once gets its close frame answered.',
    cuts: ['frames', 'bytes'],
    isJoined: true,
    server: [closeFrame(1001, 'no room')],
    close: 1001,
    ends: { code: 1001, reason: 'no room' },
  },
  {
    id: '4.1-refused-with-the-answer',
    section: '4.1',
    says: 'What breaks a rule breaks it right behind the answer too.',
    cuts: ['whole', 'bytes'],
    isJoined: true,
    server: [frame(TEXT, 'good'), ...heldAfter(1, frame(0x83, 'bad'))],
    told: [text('good')],
    fails: REFUSED.opcode,
  },
  {
    id: '4.1-http-behind-the-answer',
    section: '4.1',
    says: 'A second HTTP response behind the answer is no frame: H has a reserved bit.',
    isJoined: true,
    server: heldAfter(1, Buffer.from('HTTP/1.1 502 Bad Gateway\r\n\r\n')),
    fails: REFUSED.rsv1,
  },
  {
    id: '4.1-continuation-with-the-answer',
    section: '4.1',
    says: 'No message can be continued with the first frame of all.',
    isJoined: true,
    server: [...heldAfter(1, frame(END, 'from before'))],
    fails: REFUSED.opcode,
  },
  {
    id: '4.1-compressed-with-the-answer',
    section: '4.1',
    says: 'A server that compresses without having been asked to is refused by its first frame.',
    isJoined: true,
    server: [...heldAfter(1, frame(TEXT | reserved(4), Buffer.from('f248cdc9c90700', 'hex')))],
    fails: REFUSED.rsv1,
  },
);
