// Compressed messages that are wrong or too long, and bits that say compressed where nothing is (RFC 7692 §6, §7.2.2, §8).

import { BINARY, closeFrame, frame, head, PING, TEXT } from '../../support/raw-peer';
import {
  agreed,
  binary,
  CONTINUATION,
  DEFLATED_BINARY,
  DEFLATED_TEXT,
  deflate,
  fragments,
  LAST,
  noise,
  RSV1,
  text,
  whole,
} from './compression';
import { script } from './script';
import type { Options, Stage } from './stage';

const FIRST_TEXT = DEFLATED_TEXT - LAST;
const FIRST_BINARY = DEFLATED_BINARY - LAST;
const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex');

/** The server sends this, and the client ends the connection. */
async function breaks(stage: Stage, bytes: Buffer[], options: Options = {}, parameters = ''): Promise<void> {
  const { client, peer } = await agreed(stage, parameters, options);
  peer.write(...bytes);
  await peer.rest();
  await stage.closed();
  stage.note(client, 'at last', client.extensions);
}

/** The server sends this, and all is well. */
async function keeps(stage: Stage, bytes: Buffer[], options: Options = {}, parameters = ''): Promise<void> {
  const { peer } = await agreed(stage, parameters, options);
  peer.write(...bytes);
  await peer.finish();
  await stage.closed();
}

/** The server sends this, and closes if it still can. */
async function goesOnOrNot(stage: Stage, bytes: Buffer[]): Promise<void> {
  const { peer } = await agreed(stage);
  peer.write(...bytes, closeFrame(1000));
  await peer.rest();
  await stage.closed();
}

/** Payloads that do not inflate, by what is wrong. */
const CORRUPT: readonly (readonly [what: string, payload: Buffer])[] = [
  ['a type of block that is none', hex('07')],
  ['lengths of a block that contradict each other', hex('000500faf048656c6c6f00')],
  ['a distance beyond the start', hex('f200110000')],
  ['too many codes', hex('fdffffff')],
  ['text that is not compressed', Buffer.from('this is not compressed')],
  ['bytes that are not compressed', noise(200)],
];

const long = (size: number): Buffer => Buffer.alloc(size, 0x61);

export const inflationFaults = [
  // The bit.
  script('a compressed message without agreement', async (stage) => {
    const { peer } = await stage.opened({ perMessageDeflate: true });
    peer.write(text('compressed'));
    await peer.rest();
    await stage.closed();
  }),
  script('a compressed message without an offer', async (stage) => {
    const { peer } = await stage.opened({ perMessageDeflate: false });
    peer.write(text('compressed'));
    await peer.rest();
    await stage.closed();
  }),
  script('the bit in a continuation', (stage) =>
    breaks(stage, [frame(FIRST_TEXT, deflate('one')), frame(LAST | RSV1, deflate('two'))]),
  ),
  script('the bit in a continuation alone', (stage) =>
    breaks(stage, [frame(TEXT - LAST, 'one'), frame(LAST | RSV1, deflate('two'))]),
  ),
  ...[0xc8, 0xc9, 0xca, 0x49].map((first) =>
    script(`the bit in a control frame: 0x${first.toString(16)}`, (stage) =>
      breaks(stage, [text('a'), frame(first, 'xx')]),
    ),
  ),
  ...[0xe1, 0xd1, 0xa1, 0xf2, 0xb0, 0xc3, 0xcb].map((first) =>
    script(`bits that were not agreed on: 0x${first.toString(16)}`, (stage) =>
      breaks(stage, [text('a'), frame(first, deflate('b'))]),
    ),
  ),
  script('a compressed message within a compressed message', (stage) =>
    breaks(stage, [frame(FIRST_TEXT, deflate('one')), text('two')]),
  ),
  script('a fault behind compressed messages', (stage) =>
    breaks(stage, [text('one'), binary('two'), frame(0x83, 'x')]),
  ),

  // What does not inflate.
  ...CORRUPT.map(([what, payload]) =>
    script(`a compressed text with ${what}`, (stage) => breaks(stage, [frame(DEFLATED_TEXT, payload)])),
  ),
  script('compressed bytes that do not inflate', (stage) => breaks(stage, [frame(DEFLATED_BINARY, hex('07'))])),
  script('messages before and behind one that does not inflate', (stage) =>
    breaks(stage, [
      text('one'),
      frame(PING, 'p'),
      frame(DEFLATED_TEXT, hex('07')),
      text('two'),
      frame(PING, 'q'),
      closeFrame(1000),
    ]),
  ),
  script('a first fragment that does not inflate', (stage) =>
    breaks(stage, [frame(FIRST_TEXT, hex('07')), frame(PING, 'between'), frame(LAST, deflate('x'))]),
  ),
  script('a last fragment that does not inflate', (stage) =>
    breaks(stage, [frame(FIRST_BINARY, whole('x')), frame(PING, 'between'), frame(LAST, hex('07'))]),
  ),
  script('a message that refers back, though the server has no context', (stage) =>
    breaks(stage, [text('Hello'), frame(DEFLATED_TEXT, hex('f200110000'))], {}, '; server_no_context_takeover'),
  ),
  script('a message that refers farther back than was agreed', (stage) => {
    const before = noise(2000);
    return breaks(stage, [binary(before), binary(before, { dictionary: before })], {}, '; server_max_window_bits=9');
  }),
  script('a message that refers back beyond a last block', (stage) =>
    breaks(stage, [frame(DEFLATED_TEXT, hex('f348cdc9c9070000')), frame(DEFLATED_TEXT, hex('f200110000'))]),
  ),
  ...[1, 4, 10, 20].map((missing) =>
    script(`a compressed message that lacks ${missing} bytes`, (stage) => {
      const payload = deflate('Truncated messages are not what they were, and nobody knows what they are.');
      return goesOnOrNot(stage, [frame(DEFLATED_TEXT, payload.subarray(0, -missing)), text('behind')]);
    }),
  ),
  script('a compressed message of no bytes', (stage) => goesOnOrNot(stage, [frame(DEFLATED_TEXT)])),
  script('a compressed message of no bytes, and one behind it', (stage) =>
    goesOnOrNot(stage, [frame(DEFLATED_TEXT), text('behind')]),
  ),
  script('more behind a last block', (stage) =>
    goesOnOrNot(stage, [frame(DEFLATED_TEXT, hex('f348cdc9c90700f248cdc9c90700')), text('behind')]),
  ),
  script('a message that still has its tail', (stage) => goesOnOrNot(stage, [frame(DEFLATED_TEXT, whole('tail'))])),
  script('a message that still has its tail, and one behind it', (stage) =>
    goesOnOrNot(stage, [frame(DEFLATED_TEXT, whole('tail')), text('behind')]),
  ),

  // What is no UTF-8.
  script('a compressed text that is no UTF-8', (stage) =>
    breaks(stage, [frame(DEFLATED_TEXT, deflate(Buffer.of(0x61, 0xff, 0x62)))]),
  ),
  script('a compressed text that ends within a character', (stage) =>
    breaks(stage, [text('good'), frame(DEFLATED_TEXT, deflate(Buffer.of(0x61, 0xe2, 0x82)))]),
  ),
  script('compressed fragments that are no UTF-8', (stage) =>
    breaks(stage, fragments(FIRST_TEXT, deflate(Buffer.from('6161616161616161eda080', 'hex')), 4)),
  ),
  script('compressed fragments of which the first is no UTF-8', (stage) =>
    breaks(stage, [frame(FIRST_TEXT, whole(Buffer.of(0xff))), frame(PING, 'between'), frame(LAST, deflate('good'))]),
  ),
  script('compressed texts that are not checked', (stage) =>
    keeps(stage, [frame(DEFLATED_TEXT, deflate(Buffer.of(0x61, 0xff))), text('good')], { skipUTF8Validation: true }),
  ),

  // What is too long.
  script('a compressed message as long as it may be', (stage) =>
    keeps(stage, [binary(long(20)), text('x'.repeat(20)), ...fragments(FIRST_TEXT, deflate(long(20)), 2)], {
      maxPayload: 20,
    }),
  ),
  script('a compressed message that is longer than it may be', (stage) =>
    breaks(stage, [text('before'), binary(long(21))], { maxPayload: 20 }),
  ),
  script('a compressed message that is much longer than it may be', (stage) =>
    breaks(stage, [binary(long(3_000_000)), text('behind'), frame(PING, 'p')], { maxPayload: 4000 }),
  ),
  script('compressed fragments that are longer than they may be', (stage) =>
    breaks(stage, fragments(FIRST_BINARY, deflate(long(50_000)), 20), { maxPayload: 40_000 }),
  ),
  script('fragments that inflate to little each, and to too much', (stage) => {
    const part = whole(long(900));
    const parts = Array.from({ length: 10 }, (_, i) => frame(i === 0 ? FIRST_BINARY : CONTINUATION, part));
    return breaks(stage, parts, { maxPayload: 5000 });
  }),
  script('compressed fragments with a ping before they are too long', (stage) =>
    breaks(stage, [frame(FIRST_BINARY, whole(long(900))), frame(PING, 'between'), frame(LAST, deflate(long(900)))], {
      maxPayload: 1000,
    }),
  ),
  script('a compressed message whose frame is longer than a message may be', (stage) =>
    breaks(stage, [head(DEFLATED_BINARY, 200)], { maxPayload: 20 }),
  ),
  script('a compressed message that is longer than what it inflates to, and than it may be', (stage) => {
    const stored = deflate(noise(20), { level: 0 });
    return keeps(stage, [frame(DEFLATED_BINARY, stored)], { maxPayload: 20 });
  }),
  script('compressed fragments whose frames are longer than a message may be', (stage) =>
    keeps(stage, fragments(FIRST_BINARY, deflate(noise(20), { level: 0 }), 6), { maxPayload: 20 }),
  ),
  script('compressed messages without a limit', (stage) => keeps(stage, [binary(long(200_000))], { maxPayload: 0 })),
  script('the limit of a message behind one that was as long as it may be', (stage) =>
    breaks(stage, [binary(long(100)), frame(BINARY, long(100)), binary(long(101))], { maxPayload: 100 }),
  ),
  script('as many compressed fragments as there may be', (stage) => {
    const parts = (data: string): Buffer[] => fragments(FIRST_TEXT, deflate(data), Math.ceil(deflate(data).length / 3));
    return keeps(stage, [...parts('fragment'), ...parts('fragments'), text('whole')], { maxFragments: 3 });
  }),
  script('more compressed fragments than there may be', (stage) =>
    breaks(stage, fragments(FIRST_TEXT, deflate('fragments'), 2), { maxFragments: 3 }),
  ),
];
