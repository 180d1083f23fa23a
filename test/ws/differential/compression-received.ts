// Compressed messages that come in (RFC 7692 §6.2, §7.2.2): what they are handed over as, in which order, and in which turn.

import { BINARY, closeFrame, frame, PING, PONG, TEXT } from '../../support/raw-peer';
import {
  agreed,
  agreeing,
  binary,
  CONTINUATION,
  DEFLATED_BINARY,
  DEFLATED_TEXT,
  deflate,
  fragments,
  LAST,
  noise,
  text,
  threadPool,
  whole,
} from './compression';
import { script } from './script';
import type { Options, Stage } from './stage';

const SERVER_ALONE = '; server_no_context_takeover';
const FIRST_TEXT = DEFLATED_TEXT - LAST;
const FIRST_BINARY = DEFLATED_BINARY - LAST;
const hex = (bytes: string): Buffer => Buffer.from(bytes, 'hex');

/** The server sends this at once, and ends properly. */
async function get(stage: Stage, bytes: Buffer[], parameters = '', options: Options = {}): Promise<void> {
  const { peer } = await agreed(stage, parameters, options);
  peer.write(...bytes);
  await peer.finish();
  await stage.closed();
}

/** Whole messages, fragments, and both kinds next to each other. */
const BINARIES = [
  binary('whole'),
  binary(''),
  text('text'),
  frame(BINARY, 'plain'),
  ...fragments(FIRST_BINARY, deflate('in parts that are cut anywhere'), 5),
  // Each part is complete in itself, as ws sends it.
  frame(FIRST_BINARY, whole('one ')),
  frame(CONTINUATION, whole('two ')),
  frame(CONTINUATION | LAST, deflate('three')),
  ...fragments(BINARY - LAST, Buffer.from('plain parts'), 5),
];

export const inflated = [
  script('a compressed text', (stage) => get(stage, [text('hello hello hello hello')])),
  script('a compressed text beyond ASCII', (stage) => get(stage, [text('κόσμε 😀 \u0000 \ufeff'.repeat(3))])),
  script('compressed bytes', (stage) => get(stage, [binary(Buffer.of(0, 1, 255, 255, 255, 255))])),
  script('compressed messages that are empty', (stage) =>
    get(stage, [text(''), binary(''), text(''), text('behind'), frame(FIRST_TEXT, hex('00')), frame(LAST)]),
  ),
  script('messages with and without compression', (stage) =>
    get(stage, [text('one'), frame(TEXT, 'two'), binary('three'), frame(BINARY, 'four'), text('five'), frame(TEXT)]),
  ),
  script('messages without compression alone', (stage) => get(stage, [frame(TEXT, 'one'), frame(BINARY, 'two')])),
  script('compressed messages, pings and pongs of one segment', (stage) =>
    get(stage, [frame(PING, 'p'), text('a'), frame(PONG, 'q'), binary('b'), frame(PING), text('c'), frame(PONG)]),
  ),
  script('many compressed messages of one segment', (stage) =>
    get(
      stage,
      Array.from({ length: 60 }, (_, i) => [text, binary, text][i % 3]!(`message ${i}`)),
    ),
  ),
  script('a compressed message byte by byte', async (stage) => {
    const { peer } = await agreed(stage);
    await peer.trickle(Buffer.concat([text('slowly ☂'), binary('too')]));
    await peer.finish();
    await stage.closed();
  }),
  script('compressed messages of all forms of length', (stage) => {
    const sizes = [20, 125, 126, 20_000, 65_535, 65_536, 300_000];
    return get(
      stage,
      sizes.map((size) => binary(noise(size))),
    );
  }),
  script('long messages that are short when they are compressed', (stage) =>
    get(stage, [text('é'.repeat(500_000)), binary(Buffer.alloc(3_000_000, 7)), text('short')]),
  ),

  // Fragments.
  script('a compressed text in fragments', (stage) =>
    get(stage, [...fragments(FIRST_TEXT, deflate('κόσμε, in fragments'), 3), text('behind')]),
  ),
  script('a compressed text in fragments of one byte', (stage) =>
    get(stage, fragments(FIRST_TEXT, deflate('fragments fragments'), 1)),
  ),
  script('a compressed text in fragments of which some are empty', (stage) => {
    const [first, ...more] = fragments(FIRST_TEXT, deflate('some are empty'), 8) as [Buffer, ...Buffer[]];
    return get(stage, [frame(FIRST_TEXT), frame(CONTINUATION), frame(CONTINUATION, first.subarray(2)), ...more]);
  }),
  script('the last fragment is empty', (stage) =>
    get(stage, [frame(FIRST_TEXT, deflate('all of it')), frame(LAST), text('behind')]),
  ),
  script('pings and pongs between compressed fragments', (stage) => {
    const [first, second, ...more] = fragments(FIRST_TEXT, deflate('between fragments'), 6) as [Buffer, Buffer];
    return get(stage, [first, frame(PING, '1'), second, frame(PONG, '2'), frame(PING, '3'), ...more, frame(PING, '4')]);
  }),
  script('fragments without compression between compressed messages', (stage) =>
    get(stage, [text('one'), ...fragments(TEXT - LAST, Buffer.from('plain fragments'), 4), text('two')]),
  ),

  // Context.
  script('a message that refers to the one before', (stage) =>
    get(stage, [text('a message, once'), text('a message, twice', { dictionary: Buffer.from('a message, once') })]),
  ),
  script('a message that refers beyond one that is not compressed', (stage) =>
    get(stage, [
      text('a message, once'),
      frame(TEXT, 'and another one'),
      frame(PING, 'and a ping'),
      binary('a message, twice', { dictionary: Buffer.from('a message, once') }),
    ]),
  ),
  script('a message that refers 32 KiB back', (stage) => {
    const before = noise(32_768);
    return get(stage, [binary(before), binary(before.subarray(0, 300), { dictionary: before })]);
  }),
  script('messages without context', (stage) =>
    get(stage, [text('hello'), text('hello'), text('hello')], SERVER_ALONE),
  ),
  script('messages that refer as far back as was agreed', (stage) => {
    const before = noise(2000);
    const options = { dictionary: before, windowBits: 9 };
    return get(stage, [binary(before), binary(before.subarray(1800), options)], '; server_max_window_bits=9');
  }),
  script('the smallest window', (stage) =>
    get(stage, [text('a small window, '.repeat(40)), binary(noise(600))], '; server_max_window_bits=8'),
  ),

  // The examples of RFC 7692 §7.2.3.
  script('one block', (stage) => get(stage, [frame(DEFLATED_TEXT, hex('f248cdc9c90700'))])),
  script('one block in two fragments', (stage) =>
    get(stage, [frame(FIRST_TEXT, hex('f248cd')), frame(LAST, hex('c9c90700'))]),
  ),
  script('a window that is shared', (stage) =>
    get(stage, [frame(DEFLATED_TEXT, hex('f248cdc9c90700')), frame(DEFLATED_TEXT, hex('f200110000'))]),
  ),
  script('a block without compression', (stage) => get(stage, [frame(DEFLATED_TEXT, hex('000500faff48656c6c6f00'))])),
  script('two blocks', (stage) => get(stage, [frame(DEFLATED_TEXT, hex('f24805000000ffffcac9c90700'))])),
  script('a last block', (stage) => get(stage, [frame(DEFLATED_TEXT, hex('f348cdc9c9070000'))])),
  script('a last block, and messages behind it', (stage) =>
    get(stage, [frame(DEFLATED_TEXT, hex('f348cdc9c9070000')), text('behind'), binary('it'), text('')]),
  ),
  script('last blocks without context', (stage) =>
    get(stage, [frame(DEFLATED_TEXT, hex('f348cdc9c9070000')), text('behind'), text('it')], SERVER_ALONE),
  ),
  script('a last block in fragments', (stage) =>
    get(stage, [
      frame(FIRST_TEXT, hex('f348cd')),
      frame(CONTINUATION, hex('c9c907')),
      frame(LAST, hex('0000')),
      text('behind'),
    ]),
  ),

  // What they are handed over as.
  ...['nodebuffer', 'arraybuffer', 'blob', 'fragments'].map((type) =>
    script(`compressed messages as ${type}`, async (stage) => {
      const { client, peer } = await agreed(stage);
      client.binaryType = type as 'arraybuffer';
      peer.write(...BINARIES);
      await peer.finish();
      await stage.closed();
    }),
  ),
  script('what comes of compressed messages is the program’s own', async (stage) => {
    const { client, peer } = await agreed(stage);
    const kept: Buffer[] = [];
    client.on('message', (data) => {
      kept.push(data as Buffer);
      if (kept.length === 1) kept[0]!.fill(0x2e);
    });
    peer.write(
      text('first'),
      text('first', { dictionary: Buffer.from('first') }),
      binary('third'),
      binary(noise(5000)),
    );
    await stage.until('message', 4);
    stage.note(client, 'kept', ...kept);
    await peer.finish();
    await stage.closed();
  }),
  script('compressed messages for event listeners', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.addEventListener('message', (event) => stage.note(client, 'event', event));
    peer.write(text('one'), binary('two'), frame(TEXT, 'three'));
    await peer.finish();
    await stage.closed();
  }),

  // Turns.
  ...([true, false] as const).map((allowSynchronousEvents) =>
    script(
      `promises between compressed messages with allowSynchronousEvents ${allowSynchronousEvents}`,
      async (stage) => {
        const { client, peer } = await agreed(stage, '', { allowSynchronousEvents });
        client.on('message', (data) => queueMicrotask(() => stage.note(client, `microtask of ${data}`)));
        peer.write(text('a'), binary('b'), frame(TEXT, 'c'), text('d'), frame(PING, 'p'), binary('e'));
        await stage.until('microtask of e');
        await peer.finish();
        await stage.closed();
      },
    ),
  ),
  script('compressed messages in the segment of the answer', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url, [], { perMessageDeflate: true });
    client.on('open', () => stage.note(client, 'extensions', client.extensions));
    const peer = await server.peer();
    peer.write(Buffer.from(agreeing(await peer.readHead())), text('early'), frame(PING, 'p'), binary('birds'));
    await peer.finish();
    await stage.closed();
  }),
  script('answers to compressed messages', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.on('message', (data) => client.send(`re: ${data}`));
    peer.write(text('1'), frame(TEXT, '2'), frame(PING, 'p'), text('3'));
    for (let i = 0; i < 4; i++) await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('compressed messages, and a close', async (stage) => {
    const { peer } = await agreed(stage);
    peer.write(text('one'), binary('two'), frame(PING, 'p'), text('three'), closeFrame(1001, 'bye'));
    await peer.rest();
    await stage.closed();
  }),
  script('compressed messages behind one’s own close', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.close(1000);
    await peer.next();
    peer.write(text('late'), frame(PING, 'p'), binary('too'), closeFrame(1000));
    await peer.rest();
    await stage.closed();
  }),
  ...(['close', 'terminate'] as const).map((method) =>
    script(`${method}() in the listener of a compressed message`, async (stage) => {
      const { client, peer } = await agreed(stage);
      client.once('message', () => {
        stage.attempt(method, () => client[method]());
        stage.note(client, 'then');
      });
      peer.write(text('one'), text('two'), frame(PING, 'p'), binary('three'), frame(TEXT, 'four'));
      await stage.until('then');
      if (method === 'close') await peer.finish();
      else await peer.rest();
      await stage.closed();
    }),
  ),
  script('pause, and compressed messages meanwhile', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.pause();
    peer.write(text('one'), frame(PING, 'p'), binary('two'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    stage.note(client, 'resume', client.isPaused);
    client.resume();
    await stage.until('message', 2);
    await peer.finish();
    await stage.closed();
  }),
  script('pause in the listener of a compressed message, with more of the same segment', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.once('message', () => client.pause());
    peer.write(text('one'), text('two'), frame(PING, 'p'), binary('three'));
    await stage.until('message');
    await threadPool();
    stage.note(client, 'resume', client.isPaused);
    client.resume();
    await stage.until('message', 3);
    await peer.finish();
    await stage.closed();
  }),
];
