// send(): what it takes, how it leaves, in which order its callbacks come, and when it is too early or too late.

import { frame, TEXT } from '../../support/raw-peer';
import { script } from './script';
import type { Stage } from './stage';

type Anything = (...values: unknown[]) => void;

/** Sends these one by one, and shows what came. */
async function send(stage: Stage, ...calls: unknown[][]): Promise<void> {
  const { client, peer } = await stage.opened();
  for (const values of calls) stage.attempt('send', () => (client.send as Anything)(...values));
  client.close(1000);
  await peer.upTo(0x88);
  await peer.finish();
  await stage.closed();
}

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

export const sent = [
  script('a string', (stage) => send(stage, ['hello'], [''], ['κόσμε 😀'], ['\ud800 lone'])),
  script('a Buffer', (stage) => send(stage, [Buffer.from('bytes')], [Buffer.alloc(0)])),
  script('an ArrayBuffer', (stage) => send(stage, [bytes.buffer], [new ArrayBuffer(0)], [new ArrayBuffer(3)])),
  script('a SharedArrayBuffer', (stage) => send(stage, [new SharedArrayBuffer(4)])),
  script('views of a part of a buffer', (stage) =>
    send(
      stage,
      [bytes.subarray(2, 5)],
      [new Uint16Array(bytes.buffer, 2, 2)],
      [new DataView(bytes.buffer, 1, 3)],
      [new Float32Array(bytes.buffer, 4, 1)],
      [new Int8Array(bytes.buffer, 7)],
      [new BigInt64Array(bytes.buffer)],
      [new Uint8ClampedArray(bytes.buffer, 1, 1)],
    ),
  ),
  script('numbers', (stage) => send(stage, [0], [-1.5], [1e21], [Number.NaN], [Infinity])),
  script('nothing', (stage) => send(stage, [], [undefined], [null], [false], [''], [0n])),
  script('arrays', (stage) => send(stage, [[1, 2, 300]], [[]], [['a', '7']])),
  script('an object that is like an array', (stage) => send(stage, [{ length: 2, 0: 5, 1: 6 }])),
  script('an object of a string', (stage) => send(stage, [new String('boxed')])),
  script('an object with a value', (stage) =>
    send(stage, [{ valueOf: () => 'value' }], [{ [Symbol.toPrimitive]: () => 'x' }]),
  ),
  script('what is no data', (stage) =>
    send(stage, [true], [{}], [() => {}], [Symbol('s')], [10n], [new Date(0)], [/x/], [new Map()]),
  ),
  script('what is no data, with a callback', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.attempt('send', () => (client.send as Anything)({}, stage.done(client, 'send')));
    await peer.finish();
    await stage.closed();
  }),
  script('a Blob', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.attempt('send', () => (client.send as Anything)(new Blob(['bl', 'ob']), stage.done(client, 'blob')));
    stage.note(client, 'buffered', client.bufferedAmount);
    await stage.until('callback');
    stage.note(client, 'buffered', client.bufferedAmount);
    await peer.finish();
    await stage.closed();
  }),
  script('a Blob between two texts', async (stage) => {
    const { client, peer } = await stage.opened();
    client.send('before', stage.done(client, 'before'));
    (client.send as Anything)(new Blob(['blob']), stage.done(client, 'blob'));
    client.send('behind', stage.done(client, 'behind'));
    client.ping('ping', undefined, stage.done(client, 'ping'));
    client.close(1000);
    await peer.upTo(0x88);
    await peer.finish();
    await stage.closed();
  }),
  script('a Blob as text, and an empty one', async (stage) => {
    const { client, peer } = await stage.opened();
    (client.send as Anything)(new Blob(['text']), { binary: false });
    (client.send as Anything)(new Blob([]));
    (client.send as Anything)(new File(['file'], 'name.txt'));
    await peer.next();
    await peer.next();
    await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('a Blob that cannot be read', async (stage) => {
    const { client, peer } = await stage.opened();
    const blob = Object.assign(new Blob(['x']), { arrayBuffer: () => Promise.reject(new RangeError('unreadable')) });
    (client.send as Anything)(blob, stage.done(client, 'blob'));
    client.send('behind', stage.done(client, 'behind'));
    await peer.rest();
    await stage.closed();
  }),
  script('a Blob, and the end before it is read', async (stage) => {
    const { client, peer } = await stage.opened();
    (client.send as Anything)(new Blob(['x'.repeat(1000)]), stage.done(client, 'blob'));
    client.terminate();
    await peer.rest();
    await stage.closed();
    await stage.until('callback');
  }),
  script('a text as bytes, and bytes as a text', (stage) =>
    send(stage, ['text', { binary: true }], [Buffer.from('bytes'), { binary: false }], ['x', { binary: undefined }]),
  ),
  script('options that are none', (stage) =>
    send(stage, ['a', null], ['b', {}], ['c', undefined], ['d', 5], ['e', 'options']),
  ),
  script('compress without compression', (stage) => send(stage, ['a', { compress: true }], ['b', { compress: false }])),
  script('fragments', (stage) =>
    send(
      stage,
      ['a', { fin: false }],
      ['b', { fin: false }],
      ['c', { fin: true }],
      ['whole'],
      [Buffer.of(1), { fin: false }],
      [Buffer.of(2)],
    ),
  ),
  script('fragments of other types than the first', (stage) =>
    send(stage, ['a', { fin: false, binary: true }], [Buffer.from('b'), { fin: false, binary: false }], ['c', {}]),
  ),
  script('fragments that are empty', (stage) =>
    send(stage, ['', { fin: false }], [Buffer.alloc(0), { fin: true }], ['']),
  ),
  script('a ping between fragments', async (stage) => {
    const { client, peer } = await stage.opened();
    client.send('a', { fin: false });
    client.ping('ping');
    client.send('b', { fin: true });
    client.close();
    await peer.upTo(0x88);
    await peer.finish();
    await stage.closed();
  }),
  script('a mask that is asked for', (stage) => send(stage, ['a', { mask: true }])),
  script('a mask that is refused', (stage) => send(stage, ['a', { mask: false }], [Buffer.from('b'), { mask: false }])),
  script('messages of all forms of length', (stage) =>
    send(
      stage,
      ...[125, 126, 65_535, 65_536, 300_000].flatMap((size) => [['x'.repeat(size)], [Buffer.alloc(size, size)]]),
    ),
  ),
  script('callbacks in order', async (stage) => {
    const { client, peer } = await stage.opened();
    client.send('a', stage.done(client, 'a'));
    client.send('b', {}, stage.done(client, 'b'));
    client.ping('p', true, stage.done(client, 'p'));
    client.send('c', stage.done(client, 'c'));
    client.pong('q', undefined, stage.done(client, 'q'));
    stage.note(client, 'sent');
    await stage.until('callback of q');
    await peer.finish();
    await stage.closed();
  }),
  script('the turn of a callback', async (stage) => {
    const { client, peer } = await stage.opened();
    client.send('a', stage.done(client, 'a'));
    stage.note(client, 'at once');
    setImmediate(() => stage.note(client, 'immediate'));
    await stage.until('immediate');
    await peer.finish();
    await stage.closed();
  }),
  script('how many arguments a callback gets', async (stage) => {
    const { client, peer } = await stage.opened();
    client.send('a', (...values: unknown[]) => stage.note(client, 'callback', values.length === 0 || !values[0]));
    await stage.until('callback');
    await peer.finish();
    await stage.closed();
  }),
  script('callbacks that are none', (stage) => send(stage, ['a', {}, null], ['b', undefined, undefined])),
  script('what was sent may be changed at once', async (stage) => {
    const { client, peer } = await stage.opened();
    const own = Buffer.from('own');
    client.send(own);
    stage.note(client, 'unmasked', own);
    await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('before it is open', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url);
    stage.attempt('send', () => client.send('x', stage.done(client, 'send')));
    stage.attempt('send without data', () => (client.send as Anything)());
    stage.attempt('ping', () => client.ping());
    stage.attempt('pong', () => client.pong('x', true, stage.done(client, 'pong')));
    stage.note(client, 'buffered', client.bufferedAmount);
    await stage.until('open');
    client.close();
    await stage.closed();
  }),
  script('behind one’s own close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000);
    stage.attempt('send', () => client.send('hello', stage.done(client, 'send')));
    stage.attempt('send bytes', () => client.send(Buffer.alloc(10)));
    stage.attempt('send a number', () => client.send(12345, stage.done(client, 'number')));
    stage.attempt('send nothing', () => (client.send as Anything)(undefined, {}, stage.done(client, 'nothing')));
    stage.attempt('send a blob', () => (client.send as Anything)(new Blob(['12345'])));
    stage.attempt('send what is no data', () => (client.send as Anything)({}));
    stage.attempt('send what is too long for a ping', () =>
      client.ping('x'.repeat(200), true, stage.done(client, 'ping')),
    );
    await stage.until('callback of ping');
    await peer.upTo(0x88);
    await peer.finish();
    await stage.closed();
    stage.note(client, 'buffered', client.bufferedAmount);
  }),
  script('behind the end', async (stage) => {
    const { client, peer } = await stage.opened();
    await peer.finish();
    await stage.closed();
    stage.note(client, 'buffered', client.bufferedAmount);
    stage.attempt('send', () => client.send('hello', stage.done(client, 'send')));
    stage.attempt('ping', () => client.ping('12', true, stage.done(client, 'ping')));
    stage.attempt('pong', () => client.pong(stage.done(client, 'pong')));
    stage.note(client, 'buffered', client.bufferedAmount);
    await stage.until('callback of pong');
  }),
  script('behind a handshake that failed', async (stage) => {
    const port = await stage.closedPort();
    const client = stage.connect(`ws://127.0.0.1:${port}`);
    await stage.closed();
    stage.attempt('send', () => client.send('hello', stage.done(client, 'send')));
    stage.attempt('ping', () => client.ping('12', true, stage.done(client, 'ping')));
    await stage.until('callback of ping');
    stage.note(client, 'buffered', client.bufferedAmount);
  }),
  script('in the listener of close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.on('close', () => stage.attempt('send', () => client.send('late', stage.done(client, 'send'))));
    await peer.finish();
    await stage.until('callback');
  }),
  script('in the listener of open', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url);
    client.on('open', () => client.send('first', stage.done(client, 'send')));
    const peer = await server.peer();
    await peer.accept();
    await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('in the listener of a message', async (stage) => {
    const { client, peer } = await stage.opened();
    client.on('message', (data) => client.send(`re: ${data}`));
    peer.write(frame(TEXT, '1'), frame(TEXT, '2'), frame(0x89, 'p'), frame(TEXT, '3'));
    await stage.until('message', 3);
    await peer.finish();
    await stage.closed();
  }),
  script('what waits for a peer that does not read', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.note(client, 'buffered', client.bufferedAmount);
    for (let i = 0; i < 40; i++) client.send(Buffer.alloc(1_000_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    stage.note(
      client,
      'buffered something',
      client.bufferedAmount > 1_000_000,
      client.bufferedAmount <= 40 * 1_000_014,
    );
    client.terminate();
    await stage.closed();
    await peer.end();
  }),
  script('what waits is nothing when all is sent', async (stage) => {
    const { client, peer } = await stage.opened();
    client.send('x'.repeat(1000), () => stage.note(client, 'buffered', client.bufferedAmount));
    await stage.until('buffered');
    await peer.finish();
    await stage.closed();
  }),
];
