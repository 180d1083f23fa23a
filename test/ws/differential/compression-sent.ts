// send() on a connection that compresses (RFC 7692 §6.1, §7.2.1): which messages leave compressed, what they inflate to, and
// what becomes of fragments.

import { once } from 'node:events';
import type { ClientFrame } from '../../support/raw-peer';
import { agreed, inflating, noise } from './compression';
import { script } from './script';
import type { Options, Stage } from './stage';

type Anything = (...values: unknown[]) => void;

const CLIENT_ALONE = '; client_no_context_takeover';
const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** What one client is to send, one by one. */
interface Sending {
  readonly parameters?: string;
  readonly options?: Options;
  /** How the server shows what it gets. */
  readonly show?: (frame: ClientFrame) => string;
}

/** Sends these one by one, and shows what came. */
async function send(stage: Stage, sending: Sending, ...calls: unknown[][]): Promise<void> {
  const { client, peer } = await agreed(stage, sending.parameters, sending.options);
  if (sending.show !== undefined) peer.show = sending.show;
  const closed = once(client, 'close');
  for (const values of calls) stage.attempt('send', () => (client.send as Anything)(...values));
  client.close(1000);
  await peer.upTo(0x88);
  await peer.finish();
  await closed;
  stage.note(client, 'buffered', client.bufferedAmount);
}

/** What a client with each of these thresholds makes of messages of some lengths. */
async function thresholds(stage: Stage, ...values: unknown[]): Promise<void> {
  const calls = [0, 1, 9, 10, 11, 1024].map((length) => ['x'.repeat(length)]);
  for (const threshold of values) {
    stage.seen.write(`a threshold of ${typeof threshold} ${threshold}`);
    const options = { perMessageDeflate: { threshold } } as never;
    await send(stage, { parameters: CLIENT_ALONE, options }, ...calls);
  }
}

/** The same bytes of zlib for the same settings. */
function onTheWire(name: string, perMessageDeflate: object, parameters = '') {
  return script(name, (stage) => {
    const show = ({ first, payload }: ClientFrame): string => `0x${first.toString(16)} ${payload.toString('hex')}`;
    const data = 'settings of zlib, and all that comes of settings';
    return send(
      stage,
      { parameters, options: { perMessageDeflate }, show },
      [data],
      [data],
      [''],
      ['', { fin: false }],
      ['x'],
    );
  });
}

export const deflated = [
  // Which.
  script('compressed texts', (stage) =>
    send(stage, {}, ['hello'], ['hello hello hello'], ['κόσμε 😀'], ['\ud800 lone']),
  ),
  script('compressed bytes', (stage) =>
    send(
      stage,
      {},
      [Buffer.from('bytes')],
      [bytes.buffer],
      [bytes.subarray(2, 5)],
      [new Uint16Array(bytes.buffer, 2, 2)],
      [new DataView(bytes.buffer, 1, 3)],
    ),
  ),
  script('what is compressed and empty', (stage) =>
    send(stage, {}, [''], [''], [Buffer.alloc(0)], [], [null], ['behind'], ['']),
  ),
  script('what is empty, without context', (stage) =>
    send(stage, { parameters: CLIENT_ALONE, options: { perMessageDeflate: { threshold: 0 } } }, [''], ['a'], ['']),
  ),
  script('numbers and lists', (stage) => send(stage, {}, [0], [-1.5], [[1, 2, 300]])),
  script('what is no data among what is compressed', (stage) =>
    send(stage, {}, ['a'], [true], [{}], [Symbol('s')], ['b']),
  ),
  script('a compressed text as bytes, and bytes as a text', (stage) =>
    send(
      stage,
      {},
      ['text', { binary: true }],
      [Buffer.from('bytes'), { binary: false }],
      ['x', { binary: undefined }],
    ),
  ),
  script('compress', (stage) =>
    send(
      stage,
      {},
      ...[true, false, undefined, null, 0, 1, '', 'no'].map((compress) => [`compress ${compress}`, { compress }]),
    ),
  ),
  script('compress without agreement', async (stage) => {
    const { client, peer } = await stage.opened({ perMessageDeflate: true });
    client.send('a'.repeat(2000));
    client.send('b', { compress: true });
    client.send('c', { compress: true, fin: false });
    client.send('d', { compress: true });
    client.close(1000);
    await peer.upTo(0x88);
    await peer.finish();
    await stage.closed();
  }),
  script('options that are none, with compression', (stage) =>
    send(stage, {}, ['a', null], ['b', {}], ['d', 5], ['e', 'x']),
  ),
  script('with context there is no threshold', (stage) =>
    send(stage, { options: { perMessageDeflate: { threshold: 100 } } }, ['a'], ['b'.repeat(99)], ['c'.repeat(100)]),
  ),
  script('without context there is a threshold of 1024 bytes', (stage) =>
    send(
      stage,
      { parameters: CLIENT_ALONE },
      ...['x'.repeat(1023), 'x'.repeat(1024), 'é'.repeat(511), 'é'.repeat(512)].map((data) => [data]),
      ...[1023, 1024].map((size) => [Buffer.alloc(size)]),
    ),
  ),
  script('a threshold, and compress', (stage) =>
    send(
      stage,
      { parameters: CLIENT_ALONE, options: { perMessageDeflate: { threshold: 5 } } },
      ['four', { compress: true }],
      ['fives', { compress: false }],
      ['fives', { compress: true }],
    ),
  ),
  script('Blobs, and a threshold', (stage) =>
    send(
      stage,
      { parameters: CLIENT_ALONE, options: { perMessageDeflate: { threshold: 5 } } },
      ...[
        [new Blob(['four'])],
        [new Blob(['fives'])],
        [new Blob([])],
        [new Blob(['a']), { fin: false }],
        [new Blob(['last'])],
      ],
    ),
  ),
  script('thresholds that are numbers', (stage) => thresholds(stage, 0, 10, 9.5, -1, Infinity)),
  script('thresholds that are no numbers', (stage) => thresholds(stage, '10', null, undefined, Number.NaN, true)),

  // What they inflate to.
  script('messages that refer to those before', (stage) => {
    const data = noise(3000);
    return send(stage, {}, [data], ['between'], [data], ['plain', { compress: false }], [data.subarray(1000)]);
  }),
  script('messages that refer to nothing', (stage) => {
    const data = noise(3000);
    return send(stage, { parameters: CLIENT_ALONE }, [data], [data], ['between'], [data]);
  }),
  ...[8, 9, 10].map((bits) =>
    script(`a window of 2^${bits} bytes that the server asks for`, (stage) => {
      const data = noise(3000);
      return send(stage, { parameters: `; client_max_window_bits=${bits}` }, [data], [data], ['a'.repeat(3000)]);
    }),
  ),
  script('a window of the client’s own', (stage) => {
    const data = noise(3000);
    const options = { perMessageDeflate: { clientMaxWindowBits: 10 } };
    return send(stage, { options, show: inflating(10) }, [data], [data]);
  }),
  script('messages of all forms of length that are compressed', (stage) =>
    send(stage, {}, ...[100, 125, 126, 65_535, 65_536, 300_000].flatMap((size) => [['x'.repeat(size)], [noise(size)]])),
  ),
  onTheWire('the bytes of zlib', {}),
  onTheWire('the bytes of zlib without context', { threshold: 0 }, CLIENT_ALONE),
  onTheWire('the bytes of zlib in a small window', {}, '; client_max_window_bits=9'),
  onTheWire('the bytes of zlib at level 0', { zlibDeflateOptions: { level: 0 } }),
  onTheWire('the bytes of zlib at level 9 and by Huffman codes alone', {
    zlibDeflateOptions: { level: 9, memLevel: 9, strategy: 2 },
  }),
  onTheWire('the bytes of zlib with a window among its options', { zlibDeflateOptions: { windowBits: 9 } }),

  // Fragments.
  script('compressed fragments', (stage) =>
    send(stage, {}, ['a', { fin: false }], ['b', { fin: false }], ['c'], ['whole'], [bytes, { fin: false }], [bytes]),
  ),
  script('compressed fragments that are empty', (stage) =>
    send(
      stage,
      {},
      ['', { fin: false }],
      ['', { fin: false }],
      [Buffer.alloc(0)],
      ['x', { fin: false }],
      [''],
      ['behind'],
    ),
  ),
  script('the first fragment decides on compression', (stage) =>
    send(
      stage,
      {},
      ['a', { fin: false, compress: false }],
      ['b', { fin: false, compress: true }],
      ['c', { compress: true }],
      ['d', { fin: false, compress: true }],
      ['e', { fin: false, compress: false }],
      ['f', { compress: false }],
      ['whole'],
    ),
  ),
  script('the first fragment decides on the threshold', (stage) =>
    send(
      stage,
      { parameters: CLIENT_ALONE, options: { perMessageDeflate: { threshold: 5 } } },
      ...[
        ['four', { fin: false }],
        ['x'.repeat(100)],
        ['fives', { fin: false }],
        ['x'],
        ['fives', { fin: false }],
        ['fives'],
      ],
    ),
  ),
  script('fragments of other types than the first, compressed', (stage) =>
    send(stage, {}, ['a', { fin: false, binary: true }], [Buffer.from('b'), { fin: false, binary: false }], ['c', {}]),
  ),
  script('pings and pongs between compressed fragments', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.send('a', { fin: false });
    client.ping('ping');
    client.send('b', { fin: false });
    client.pong('pong');
    client.send('c');
    client.close();
    await peer.upTo(0x88);
    await peer.finish();
    await stage.closed();
  }),
];
