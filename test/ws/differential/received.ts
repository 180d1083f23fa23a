// Messages, pings and pongs that come in: what they are handed over as, in which order, and in which turn.

import { BINARY, frame, head, PING, PONG, TEXT } from '../../support/raw-peer';
import { script } from './script';
import type { Options, Stage } from './stage';

const FRAGMENT = 0x02;
const LAST = 0x80;

/** The server sends these bytes at once; so many messages come of it. */
async function get(stage: Stage, bytes: Buffer[], messages: number, options: Options = {}): Promise<void> {
  const { client, peer } = await stage.opened(options);
  peer.write(...bytes);
  await stage.until('message', messages);
  stage.note(client, 'then');
  await peer.finish();
  await stage.closed();
}

/** The same for a type of binary messages. */
async function as(stage: Stage, binaryType: string, ...bytes: Buffer[]): Promise<void> {
  const { client, peer } = await stage.opened();
  client.binaryType = binaryType as 'arraybuffer';
  stage.note(client, 'binaryType', client.binaryType);
  peer.write(...bytes);
  await peer.finish();
  await stage.closed();
}

const BINARIES = [
  frame(BINARY, 'whole'),
  frame(BINARY),
  frame(TEXT, 'text'),
  frame(FRAGMENT, 'in '),
  frame(0x00, 'three '),
  frame(LAST, 'parts'),
  frame(FRAGMENT, ''),
  frame(LAST, ''),
  frame(FRAGMENT, ''),
  frame(LAST, 'second'),
];

export const received = [
  script('a text', (stage) => get(stage, [frame(TEXT, 'hello')], 1)),
  script('a text that is empty', (stage) => get(stage, [frame(TEXT)], 1)),
  script('a text beyond ASCII', (stage) => get(stage, [frame(TEXT, 'κόσμε 😀 \u0000 \ufeff')], 1)),
  script('bytes', (stage) => get(stage, [frame(BINARY, Buffer.of(0, 1, 255))], 1)),
  script('bytes that are none', (stage) => get(stage, [frame(BINARY)], 1)),
  script('messages of all forms of length', (stage) => {
    const sizes = [125, 126, 127, 65_535, 65_536, 200_000];
    return get(
      stage,
      sizes.map((size) => frame(BINARY, Buffer.alloc(size, size))),
      sizes.length,
    );
  }),
  script('texts of all forms of length', (stage) => {
    const sizes = [125, 126, 65_535, 65_536];
    return get(
      stage,
      sizes.map((size) => frame(TEXT, 'x'.repeat(size))),
      sizes.length,
    );
  }),
  script('a length in a longer form than it needs', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(frame(TEXT, 'short', 2));
    await peer.finish();
    await stage.closed();
  }),
  script('a length in the longest form, though it is short', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(frame(BINARY, 'x'.repeat(200), 8));
    await peer.finish();
    await stage.closed();
  }),
  script('many small messages in one segment', (stage) =>
    get(
      stage,
      Array.from({ length: 50 }, (_, i) => frame(i % 3 === 0 ? BINARY : TEXT, `message ${i}`)),
      50,
    ),
  ),
  script('a message byte by byte', async (stage) => {
    const { peer } = await stage.opened();
    await peer.trickle(Buffer.concat([frame(TEXT, 'slowly ☂'), frame(BINARY, 'too')]));
    await peer.finish();
    await stage.closed();
  }),
  script('a message in fragments', (stage) =>
    get(stage, [frame(0x01, 'a'), frame(0x00, 'b'), frame(0x00), frame(LAST, 'c')], 1),
  ),
  script('a message in fragments that are empty', (stage) => get(stage, [frame(0x01), frame(0x00), frame(LAST)], 1)),
  script('a character that is cut by fragments', (stage) =>
    get(stage, [frame(0x01, Buffer.of(0xe2)), frame(0x00, Buffer.of(0x82)), frame(LAST, Buffer.of(0xac))], 1),
  ),
  script('pings between fragments', (stage) =>
    get(stage, [frame(0x01, 'a'), frame(PING, '1'), frame(0x00, 'b'), frame(PONG, '2'), frame(LAST, 'c')], 1),
  ),
  script('messages, pings and pongs in a row', (stage) =>
    get(stage, [frame(PING, 'p'), frame(TEXT, 'a'), frame(PONG, 'q'), frame(BINARY, 'b'), frame(PING), frame(PONG)], 2),
  ),
  script('pings of all sizes', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(frame(PING), frame(PING, 'x'), frame(PING, 'y'.repeat(125)));
    await stage.until('ping', 3);
    await peer.finish();
    await stage.closed();
  }),
  script('pings that are not answered', async (stage) => {
    const { peer } = await stage.opened({ autoPong: false });
    peer.write(frame(PING, 'a'), frame(PING, 'b'));
    await stage.until('ping', 2);
    await peer.finish();
    await stage.closed();
  }),
  script('pings that the program answers', async (stage) => {
    const { client, peer } = await stage.opened({ autoPong: false });
    client.on('ping', (data) => client.pong(`re: ${data}`));
    peer.write(frame(PING, 'a'), frame(PING, 'b'));
    await stage.until('ping', 2);
    await peer.finish();
    await stage.closed();
  }),
  script('autoPong that is no boolean', async (stage) => {
    for (const autoPong of [undefined, 0, null, 'no', 1]) {
      const { client, peer } = await stage.opened({ autoPong } as never);
      const pings = stage.told.all.filter((line) => line.includes('ping')).length;
      peer.write(frame(PING, 'a'));
      await stage.until('ping', pings + 1);
      stage.note(client, String(autoPong));
      await peer.finish();
    }
  }),
  script('a ping behind one’s own close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000);
    peer.write(frame(PING, 'late'));
    await stage.until('ping');
    await peer.finish();
    await stage.closed();
  }),
  ...['nodebuffer', 'arraybuffer', 'blob', 'fragments'].map((type) =>
    script(`binary messages as ${type}`, (stage) => as(stage, type, ...BINARIES)),
  ),
  script('the text of a blob', async (stage) => {
    const { client, peer } = await stage.opened();
    client.binaryType = 'blob' as never;
    client.once('message', async (data) => stage.note(client, 'text', await (data as unknown as Blob).text()));
    peer.write(frame(FRAGMENT, 'two '), frame(LAST, 'parts'));
    await stage.until('text');
    await peer.finish();
    await stage.closed();
  }),
  script('types of binary messages that are none', async (stage) => {
    const { client, peer } = await stage.opened();
    for (const type of ['', 'Blob', 'buffer', 'NODEBUFFER', null, undefined, 5, {}]) {
      stage.attempt(String(type), () => {
        client.binaryType = type as 'arraybuffer';
      });
      stage.note(client, 'binaryType', client.binaryType);
    }
    await peer.finish();
    await stage.closed();
  }),
  script('the type of binary messages before it is open', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url);
    client.binaryType = 'arraybuffer';
    const peer = await server.peer();
    await peer.accept(frame(BINARY, 'early'));
    await stage.until('message');
    await peer.finish();
    await stage.closed();
    client.binaryType = 'nodebuffer';
    stage.note(client, 'binaryType', client.binaryType);
  }),
  script('the type of binary messages changes between two of one segment', async (stage) => {
    const { client, peer } = await stage.opened();
    const types = ['arraybuffer', 'fragments', 'blob', 'nodebuffer'];
    client.on('message', () => {
      client.binaryType = types.shift() as 'arraybuffer';
    });
    peer.write(...Array.from({ length: 5 }, (_, i) => frame(BINARY, `bytes ${i}`)));
    await stage.until('message', 5);
    await peer.finish();
    await stage.closed();
  }),
  script('bytes are the program’s own', async (stage) => {
    const { client, peer } = await stage.opened();
    client.on('message', (data) => (data as Buffer).fill(0x2e));
    peer.write(frame(BINARY, 'first'), frame(BINARY, 'second'), frame(TEXT, 'third'), frame(BINARY, 'x'.repeat(5000)));
    await stage.until('message', 4);
    await peer.finish();
    await stage.closed();
  }),
  script('bytes stay what they are', async (stage) => {
    const { client, peer } = await stage.opened();
    const kept: Buffer[] = [];
    client.on('message', (data) => kept.push(data as Buffer));
    for (let i = 0; i < 5; i++) {
      peer.write(frame(BINARY, `bytes ${i}`), frame(TEXT, `text ${i}`));
      await stage.until('message', 2 * i + 2);
    }
    stage.note(client, 'kept', ...kept);
    await peer.finish();
    await stage.closed();
  }),
  ...([true, false, undefined] as const).map((allowSynchronousEvents) =>
    script(`the turns of messages with allowSynchronousEvents ${allowSynchronousEvents}`, async (stage) => {
      const { client, peer } = await stage.opened({ allowSynchronousEvents } as never);
      client.on('message', (data) => {
        queueMicrotask(() => stage.note(client, `microtask of ${data}`));
        process.nextTick(() => stage.note(client, `tick of ${data}`));
        if (allowSynchronousEvents === false) Promise.resolve().then(() => stage.note(client, `promise of ${data}`));
      });
      client.on('ping', (data) => process.nextTick(() => stage.note(client, `tick of ping ${data}`)));
      peer.write(frame(TEXT, 'a'), frame(TEXT, 'b'), frame(PING, 'p'), frame(PONG, 'q'), frame(TEXT, 'c'));
      await stage.until('tick of c');
      await peer.finish();
      await stage.closed();
    }),
  ),
  script('messages of one segment, in turns, and a close', async (stage) => {
    const { peer } = await stage.opened({ allowSynchronousEvents: false });
    peer.write(frame(TEXT, 'a'), frame(BINARY, 'b'), frame(PING, 'p'), frame(TEXT, 'c'));
    await peer.finish(1001, 'bye');
    await stage.closed();
  }),
  script('messages of one segment, in turns, and the end of TCP', async (stage) => {
    const { peer } = await stage.opened({ allowSynchronousEvents: false });
    peer.socket.end(Buffer.concat([frame(TEXT, 'a'), frame(TEXT, 'b'), frame(PING, 'p')]));
    await peer.rest();
    await stage.closed();
  }),
  script('a long message in pieces', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(head(BINARY, 1_000_000));
    for (let i = 0; i < 10; i++) peer.write(Buffer.alloc(100_000, i));
    await stage.until('message');
    await peer.finish();
    await stage.closed();
  }),
];
