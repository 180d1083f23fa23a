// ping() and pong(), and pause() and resume().

import { closeFrame, frame, PING, PONG, TEXT } from '../../support/raw-peer';
import { script } from './script';
import type { Stage } from './stage';

type Anything = (...values: unknown[]) => void;

/** Calls the method with each of these, and shows what came. */
async function control(stage: Stage, method: 'ping' | 'pong', ...calls: unknown[][]): Promise<void> {
  const { client, peer } = await stage.opened();
  for (const values of calls) stage.attempt(method, () => (client[method] as Anything)(...values));
  client.close(1000);
  await peer.upTo(0x88);
  await peer.finish();
  await stage.closed();
}

const methods = ['ping', 'pong'] as const;

export const controls = [
  ...methods.flatMap((method) => [
    script(`${method} without data`, (stage) => control(stage, method, [], [undefined], [null], [''], [false])),
    script(`${method} with data`, (stage) =>
      control(
        stage,
        method,
        ['text'],
        ['é☂'],
        [Buffer.from('bytes')],
        [Uint8Array.of(1, 2)],
        [new ArrayBuffer(2)],
        [5],
        [0],
      ),
    ),
    script(`${method} with a view and an array`, (stage) =>
      control(stage, method, [new DataView(new ArrayBuffer(4), 1, 2)], [[1, 2]], [new Uint16Array([258])]),
    ),
    script(`${method} with 125 bytes, and with 126`, (stage) =>
      control(
        stage,
        method,
        ['x'.repeat(125)],
        ['x'.repeat(126)],
        ['é'.repeat(63)],
        [Buffer.alloc(126)],
        [Buffer.alloc(125, 1)],
      ),
    ),
    script(`${method} with what is no data`, (stage) => control(stage, method, [true], [{}], [Symbol('s')], [10n])),
    script(`${method} with a mask that is none`, (stage) =>
      control(stage, method, ['x', true], ['y', undefined], ['z', null]),
    ),
    script(`${method} with callbacks in every place`, async (stage) => {
      const { client, peer } = await stage.opened();
      (client[method] as Anything)(stage.done(client, 'first'));
      (client[method] as Anything)('a', stage.done(client, 'second'));
      (client[method] as Anything)('b', true, stage.done(client, 'third'));
      (client[method] as Anything)(undefined, undefined, stage.done(client, 'fourth'));
      await stage.until('callback of fourth');
      await peer.finish();
      await stage.closed();
    }),
    script(`${method} with a Blob`, async (stage) => {
      const { client, peer } = await stage.opened();
      stage.attempt('blob', () => (client[method] as Anything)(new Blob(['blob']), true, stage.done(client, 'blob')));
      stage.attempt('too long', () => (client[method] as Anything)(new Blob(['x'.repeat(126)])));
      await stage.until('callback');
      await peer.finish();
      await stage.closed();
    }),
  ]),
  script('a ping that is answered', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url);
    client.on('open', () => client.ping('are you there?'));
    await stage.until('pong');
    client.close();
    await stage.closed();
  }),
  script('a pong that nobody asked for', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(frame(PONG, 'unasked'));
    await stage.until('pong');
    await peer.finish();
    await stage.closed();
  }),
  script('a pong as long as it may be for a ping as long as it may be', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(frame(PING, 'p'.repeat(125)));
    await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('pause before it is open', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url);
    stage.attempt('pause', () => client.pause());
    stage.note(client, 'paused', client.isPaused);
    stage.attempt('resume', () => client.resume());
    stage.note(client, 'paused', client.isPaused);
    await stage.until('open');
    client.close();
    await stage.closed();
    stage.attempt('pause', () => client.pause());
    stage.note(client, 'paused', client.isPaused);
    stage.attempt('resume', () => client.resume());
  }),
  script('pause, and what comes meanwhile', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.attempt('pause', () => client.pause());
    stage.note(client, 'paused', client.isPaused);
    stage.attempt('again', () => client.pause());
    peer.write(frame(TEXT, 'one'), frame(PING, 'two'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    stage.note(client, 'nothing yet');
    stage.attempt('resume', () => client.resume());
    stage.note(client, 'paused', client.isPaused);
    await stage.until('ping');
    await peer.finish();
    await stage.closed();
  }),
  script('pause, and a close frame', async (stage) => {
    const { client, peer } = await stage.opened();
    client.pause();
    peer.write(closeFrame(1001, 'bye'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    stage.note(client, 'still');
    client.resume();
    await peer.rest();
    await stage.closed();
    stage.note(client, 'paused', client.isPaused);
  }),
  script('pause, and one’s own close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.pause();
    client.close(1000);
    peer.write(frame(TEXT, 'late'), closeFrame(1000));
    await peer.next();
    stage.note(client, 'paused', client.isPaused);
    client.resume();
    await peer.rest();
    await stage.closed();
  }),
  script('pause, and the end of TCP', async (stage) => {
    const { client, peer } = await stage.opened();
    client.pause();
    peer.socket.end(frame(TEXT, 'last'));
    await new Promise((resolve) => setTimeout(resolve, 40));
    stage.note(client, 'still');
    client.resume();
    await peer.rest();
    await stage.closed();
  }),
  script('pause, and terminate', async (stage) => {
    const { client, peer } = await stage.opened();
    client.pause();
    client.terminate();
    await stage.closed();
    stage.note(client, 'paused', client.isPaused);
    await peer.rest();
  }),
  script('pause in the listener of open', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url);
    client.on('open', () => client.pause());
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'early'));
    await stage.until('open');
    await new Promise((resolve) => setTimeout(resolve, 30));
    stage.note(client, 'resume');
    client.resume();
    await stage.until('message');
    await peer.finish();
    await stage.closed();
  }),
  script('pause in the listener of a message, with another of the same segment', async (stage) => {
    const { client, peer } = await stage.opened();
    client.once('message', () => client.pause());
    peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(PING, 'three'));
    await stage.until('message');
    await new Promise((resolve) => setTimeout(resolve, 40));
    stage.note(client, 'resume');
    client.resume();
    await stage.until('ping');
    await peer.finish();
    await stage.closed();
  }),
  script('send while it is paused', async (stage) => {
    const { client, peer } = await stage.opened();
    client.pause();
    client.send('out', stage.done(client, 'send'));
    await peer.next();
    client.resume();
    await peer.finish();
    await stage.closed();
  }),
  script('pause and resume in one turn', async (stage) => {
    const { client, peer } = await stage.opened();
    client.pause();
    client.resume();
    peer.write(frame(TEXT, 'one'));
    await stage.until('message');
    await peer.finish();
    await stage.closed();
  }),
];
