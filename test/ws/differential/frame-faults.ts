// Every rule about frames that a server can break, and what both sides see of it; and limits that a program sets.

import { BINARY, closeFrame, frame, head, PING, PONG, TEXT } from '../../support/raw-peer';
import { script } from './script';
import type { Options, Stage } from './stage';

/** The server sends this, and the client ends the connection. */
async function breaks(stage: Stage, bytes: Buffer[], options: Options = {}): Promise<void> {
  const { client, peer } = await stage.opened(options);
  peer.write(...bytes);
  await peer.rest();
  await stage.closed();
  stage.note(client, 'at last');
}

/** The server sends this, and all is well. */
async function keeps(stage: Stage, bytes: Buffer[], options: Options = {}): Promise<void> {
  const { peer } = await stage.opened(options);
  peer.write(...bytes);
  await peer.finish();
  await stage.closed();
}

const masked = (first: number, text: string): Buffer =>
  Buffer.concat([Buffer.of(first, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)]);

export const frameFaults = [
  ...[0xc1, 0xa1, 0x91, 0xf1, 0xc2, 0xc8, 0xc9, 0xba, 0x51, 0x40].map((first) =>
    script(`reserved bits: 0x${first.toString(16)}`, (stage) => breaks(stage, [frame(first, 'xx')])),
  ),
  ...[0x83, 0x84, 0x87, 0x8b, 0x8f, 0x03, 0x0f].map((first) =>
    script(`an opcode that is none: 0x${first.toString(16)}`, (stage) => breaks(stage, [frame(first, 'x')])),
  ),
  script('a text that is masked', (stage) => breaks(stage, [masked(TEXT, 'x')])),
  script('a ping that is masked', (stage) => breaks(stage, [masked(PING, '')])),
  script('a close frame that is masked', (stage) => breaks(stage, [masked(0x88, '')])),
  script('a ping of 126 bytes', (stage) => breaks(stage, [frame(PING, 'x'.repeat(126))])),
  script('a pong of 70,000 bytes', (stage) => breaks(stage, [head(PONG, 70_000)])),
  script('a close frame of 126 bytes', (stage) => breaks(stage, [closeFrame(1000, 'x'.repeat(124))])),
  script('a ping in fragments', (stage) => breaks(stage, [frame(0x09, 'x')])),
  script('a pong in fragments', (stage) => breaks(stage, [frame(0x0a, 'x')])),
  script('a close frame in fragments', (stage) => breaks(stage, [frame(0x08)])),
  script('a continuation of nothing', (stage) => breaks(stage, [frame(0x80, 'x')])),
  script('a continuation of nothing that goes on', (stage) => breaks(stage, [frame(0x00, 'x')])),
  script('a continuation behind a whole message', (stage) => breaks(stage, [frame(TEXT, 'whole'), frame(0x80, 'x')])),
  script('a message within a message', (stage) => breaks(stage, [frame(0x01, 'a'), frame(TEXT, 'b')])),
  script('bytes within a text', (stage) => breaks(stage, [frame(0x01, 'a'), frame(BINARY, 'b')])),
  script('fragments within fragments', (stage) => breaks(stage, [frame(0x02, 'a'), frame(0x02, 'b')])),
  script('a length with its top bit', (stage) => breaks(stage, [head(BINARY, 2n ** 63n + 5n, 8)])),
  script('a length beyond 2^53', (stage) => breaks(stage, [head(BINARY, 2n ** 53n, 8)])),
  script('a length beyond 100 MiB', (stage) => breaks(stage, [head(BINARY, 100 * 1024 * 1024 + 1)])),
  script('a text that is no UTF-8', (stage) => breaks(stage, [frame(TEXT, Buffer.of(0x61, 0xff, 0x62))])),
  script('a text that ends within a character', (stage) => breaks(stage, [frame(TEXT, Buffer.of(0x61, 0xe2, 0x82))])),
  script('a surrogate in UTF-8', (stage) => breaks(stage, [frame(TEXT, Buffer.of(0xed, 0xa0, 0x80))])),
  script('a long text that is no UTF-8', (stage) =>
    breaks(stage, [frame(TEXT, Buffer.concat([Buffer.alloc(500, 0x61), Buffer.of(0xc0, 0xaf)]))]),
  ),
  script('fragments that are no UTF-8', (stage) =>
    breaks(stage, [frame(0x01, 'good'), frame(0x00, 'too'), frame(0x80, Buffer.of(0xf5))]),
  ),
  script('fragments of which the first is no UTF-8', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(frame(0x01, Buffer.of(0xff)), frame(PING, 'between'), frame(0x80, 'good'));
    await peer.rest();
    await stage.closed();
  }),
  script('messages before and behind a fault', (stage) =>
    breaks(stage, [frame(TEXT, 'before'), frame(0x83), frame(TEXT, 'behind'), closeFrame(1000)]),
  ),
  script('two faults', (stage) => breaks(stage, [frame(0x83), frame(0x84)])),
  script('a fault and the end of TCP', async (stage) => {
    const { peer } = await stage.opened();
    peer.socket.end(frame(0x83));
    await peer.rest();
    await stage.closed();
  }),
  script('a fault behind one’s own close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000);
    await peer.next();
    peer.write(frame(0x83));
    await peer.rest();
    await stage.closed();
  }),
  script('a fault, and a server that does not end', async (stage) => {
    const { peer } = await stage.opened({ closeTimeout: 80 });
    peer.write(frame(0x83));
    await stage.closed();
    await peer.rest();
  }),
  script('sending in the listener of a fault', async (stage) => {
    const { client, peer } = await stage.opened();
    client.on('error', () => stage.attempt('send', () => client.send('x', stage.done(client, 'send'))));
    peer.write(frame(0x83));
    await peer.rest();
    await stage.closed();
  }),
  script('texts that are not checked', (stage) =>
    keeps(stage, [frame(TEXT, Buffer.of(0x61, 0xff)), frame(0x01, Buffer.of(0xe2)), frame(0x80, 'x')], {
      skipUTF8Validation: true,
    }),
  ),
  script('a reason that is not checked', async (stage) => {
    const { client, peer } = await stage.opened({ skipUTF8Validation: true });
    client.addEventListener('close', (event) => stage.note(client, 'event', event));
    peer.write(frame(0x88, Buffer.of(3, 0xe8, 0x61, 0xff)));
    await peer.rest();
    await stage.closed();
  }),
  script('a message as long as it may be', (stage) => keeps(stage, [frame(TEXT, 'x'.repeat(20))], { maxPayload: 20 })),
  script('a message that is longer than it may be', (stage) =>
    breaks(stage, [frame(TEXT, 'x'.repeat(21))], { maxPayload: 20 }),
  ),
  script('a length that is longer than it may be', (stage) =>
    breaks(stage, [head(BINARY, 2 ** 40)], { maxPayload: 20 }),
  ),
  script('fragments that are longer than they may be', (stage) =>
    breaks(stage, [frame(0x01, 'x'.repeat(10)), frame(0x00, 'x'.repeat(10)), frame(0x80, 'x')], { maxPayload: 20 }),
  ),
  script('fragments as long as they may be', (stage) =>
    keeps(stage, [frame(0x01, 'x'.repeat(10)), frame(0x80, 'x'.repeat(10)), frame(TEXT, 'x'.repeat(20))], {
      maxPayload: 20,
    }),
  ),
  script('a ping and a reason are not measured', (stage) =>
    keeps(stage, [frame(PING, 'x'.repeat(50)), closeFrame(1000, 'y'.repeat(50))], { maxPayload: 20 }),
  ),
  ...[0, -1, '20', 20.9, null, Number.NaN, undefined, Infinity, 2 ** 31].map((maxPayload) =>
    script(
      `a limit of ${maxPayload === null ? 'null' : typeof maxPayload === 'string' ? `'${maxPayload}'` : maxPayload}`,
      (stage) => {
        const isLimit = maxPayload === '20' || maxPayload === 20.9;
        const bytes = [frame(TEXT, 'x'.repeat(isLimit ? 20 : 5000)), ...(isLimit ? [frame(TEXT, 'x'.repeat(21))] : [])];
        return (isLimit ? breaks : keeps)(stage, bytes, { maxPayload } as never);
      },
    ),
  ),
  script('as many fragments as there may be', (stage) =>
    keeps(stage, [frame(0x01, 'a'), frame(0x00, 'b'), frame(0x80, 'c'), frame(0x01, 'a'), frame(0x80, 'b')], {
      maxFragments: 3,
    }),
  ),
  script('more fragments than there may be', (stage) =>
    breaks(stage, [frame(0x01, 'a'), frame(0x00, ''), frame(0x00, 'b'), frame(0x80, 'c')], { maxFragments: 3 }),
  ),
  script('fragments without a limit', (stage) =>
    keeps(stage, [frame(0x01, 'a'), ...Array.from({ length: 50 }, () => frame(0x00, 'b')), frame(0x80, 'c')], {
      maxFragments: 0,
    }),
  ),
  script('a source of masks', async (stage) => {
    let calls = 0;
    const generateMask = (mask: Buffer): void => {
      calls += 1;
      stage.told.write(`generateMask of ${mask.length} bytes`);
      mask.writeUInt32BE(calls * 0x01010101);
    };
    const { client, peer } = await stage.opened({ generateMask });
    client.send('one');
    client.send(Buffer.from('two'));
    client.ping('three');
    client.send('');
    client.close(1000);
    for (let i = 0; i < 5; i++) {
      const sent = await peer.next();
      stage.seen.write(`key ${sent.key.toString('hex')}`);
    }
    await peer.finish();
    await stage.closed();
  }),
  script('a source of masks that are zero', async (stage) => {
    const { client, peer } = await stage.opened({ generateMask: (mask) => void mask.fill(0) });
    client.send('bare');
    client.send(Buffer.from('bytes'));
    for (let i = 0; i < 2; i++) stage.seen.write(`on the wire ${(await peer.next()).masked}`);
    await peer.finish();
    await stage.closed();
  }),
  script('a source of masks that throws', async (stage) => {
    let isBroken = true;
    const generateMask = (): void => {
      if (isBroken) throw new RangeError('no mask');
    };
    const { client, peer } = await stage.opened({ generateMask });
    stage.attempt('send', () => client.send('x'));
    isBroken = false;
    await peer.finish();
    await stage.closed();
  }),
];
