// close() and terminate(): in every state, from every listener, and with every argument.

import { closeFrame, frame, TEXT } from '../../support/raw-peer';
import { script } from './script';
import type { Stage } from './stage';

/** The client closes like this, the server answers, and both see the end. */
async function close(stage: Stage, ...values: unknown[]): Promise<void> {
  const { client, peer } = await stage.opened();
  stage.attempt('close', () => (client.close as (...values: unknown[]) => void)(...values));
  stage.note(client, 'closing');
  const asked = await peer.next();
  peer.write(frame(asked.first, asked.payload));
  await peer.rest();
  await stage.closed();
}

/** The client may not close like this. */
async function refuse(stage: Stage, ...calls: unknown[][]): Promise<void> {
  const { client, peer } = await stage.opened();
  for (const values of calls) {
    stage.attempt('close', () => (client.close as (...values: unknown[]) => void)(...values));
    stage.note(client, 'still');
  }
  client.close();
  await peer.finish();
  await stage.closed();
}

export const closing = [
  script('close without a status', (stage) => close(stage)),
  script('close with a status', (stage) => close(stage, 1000)),
  script('close with a status of its own', (stage) => close(stage, 4321)),
  script('close with a reason', (stage) => close(stage, 1001, 'going away')),
  script('close with a reason that is empty', (stage) => close(stage, 1000, '')),
  script('close with a reason that is undefined', (stage) => close(stage, 1000, undefined)),
  script('close with a reason of bytes', (stage) => close(stage, 3000, Buffer.from('bytes'))),
  script('close with a reason of a Uint8Array', (stage) => close(stage, 3000, Uint8Array.of(97, 98))),
  script('close with a reason of 123 bytes', (stage) => close(stage, 1000, `${'é'.repeat(61)}x`)),
  script('close with a reason without a status', (stage) => close(stage, undefined, 'lost')),
  script('close with a reason that is no UTF-8', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.attempt('close', () => client.close(1000, Buffer.of(0xff, 0xfe)));
    await peer.finish();
    await stage.closed();
  }),
  script('close with a third argument', (stage) => close(stage, 1000, 'x', () => {})),
  script('close with a status that is none', (stage) =>
    refuse(
      stage,
      ...[0, 999, 1004, 1005, 1006, 1015, 2000, 2999, 5000, -1, '1000', null, Number.NaN, {}, true].map((one) => [one]),
    ),
  ),
  script('close with a status that is a fraction', (stage) => refuse(stage, [1000.5])),
  script('close with a reason that is too long', (stage) =>
    refuse(stage, [1000, 'x'.repeat(124)], [1000, Buffer.alloc(124)]),
  ),
  script('close with a reason that is none', (stage) =>
    refuse(stage, [1000, ['a']], [1000, new ArrayBuffer(3)], [1000, new Uint16Array(3)], [1000, { length: 3 }]),
  ),
  script('close with a reason that has no length', (stage) => close(stage, 1000, 5)),
  script('close with a reason that is null', (stage) => refuse(stage, [1000, null])),
  script('close twice', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000, 'first');
    stage.attempt('again', () => client.close(1001, 'second'));
    stage.attempt('with a bad status', () => client.close(5));
    await peer.finish();
    await stage.closed();
    stage.attempt('afterwards', () => client.close(1001));
    stage.attempt('afterwards', () => client.terminate());
  }),
  script('close before it is open', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url);
    stage.attempt('close', () => client.close());
    stage.note(client, 'at once');
    process.nextTick(() => stage.note(client, 'in the next tick'));
    stage.attempt('close again', () => client.close());
    await stage.closed();
    stage.attempt('close at last', () => client.close());
  }),
  script('close with a bad status before it is open', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url);
    stage.attempt('close', () => client.close(5, 'x'.repeat(500)));
    await stage.closed();
  }),
  script('terminate before it is open', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url);
    stage.attempt('terminate', () => client.terminate());
    stage.note(client, 'at once');
    stage.attempt('terminate again', () => client.terminate());
    await stage.closed();
  }),
  script('close while the request is on its way', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url);
    const peer = await server.peer();
    await peer.readHead();
    stage.attempt('close', () => client.close());
    await stage.closed();
    await peer.rest();
  }),
  script('terminate while the request is on its way', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url);
    const peer = await server.peer();
    await peer.readHead();
    stage.attempt('terminate', () => client.terminate());
    await stage.closed();
    await peer.rest();
  }),
  script('close before it is refused', async (stage) => {
    const port = await stage.closedPort();
    const client = stage.connect(`ws://127.0.0.1:${port}`);
    client.close();
    await stage.closed();
  }),
  script('terminate an open connection', async (stage) => {
    const { client, peer } = await stage.opened();
    stage.attempt('terminate', () => client.terminate());
    stage.note(client, 'at once');
    process.nextTick(() => stage.note(client, 'in the next tick'));
    await stage.closed();
    await peer.rest();
  }),
  script('terminate twice', async (stage) => {
    const { client, peer } = await stage.opened();
    client.terminate();
    client.terminate();
    await stage.closed();
    client.terminate();
    await peer.rest();
  }),
  script('terminate behind close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000);
    stage.attempt('terminate', () => client.terminate());
    stage.note(client, 'at once');
    await stage.closed();
    await peer.end();
  }),
  script('close behind terminate', async (stage) => {
    const { client, peer } = await stage.opened();
    client.terminate();
    stage.attempt('close', () => client.close(1000));
    await stage.closed();
    await peer.rest();
  }),
  ...(['close', 'terminate'] as const).flatMap((method) => [
    script(`${method}() in the listener of open`, async (stage) => {
      const server = await stage.raw();
      const client = stage.connect(server.url);
      client.on('open', () => {
        stage.attempt(method, () => client[method]());
        stage.note(client, 'then');
      });
      const peer = await server.peer();
      await peer.accept();
      await stage.until('then');
      if (method === 'close') await peer.finish();
      await stage.closed();
    }),
    script(`${method}() in the listener of a message`, async (stage) => {
      const { client, peer } = await stage.opened();
      client.once('message', () => {
        stage.attempt(method, () => client[method]());
        stage.note(client, 'then');
      });
      peer.write(frame(TEXT, 'one'), frame(TEXT, 'two'), frame(TEXT, 'three'));
      await stage.until('then');
      if (method === 'close') await peer.finish();
      await stage.closed();
    }),
    script(`${method}() in the listener of a ping`, async (stage) => {
      const { client, peer } = await stage.opened();
      client.once('ping', () => stage.attempt(method, () => client[method]()));
      peer.write(frame(0x89, 'p'), frame(TEXT, 'two'));
      await stage.until(method);
      if (method === 'close') await peer.finish();
      await stage.closed();
    }),
    script(`${method}() in the listener of a pong`, async (stage) => {
      const { client, peer } = await stage.opened();
      client.once('pong', () => stage.attempt(method, () => client[method]()));
      peer.write(frame(0x8a, 'p'), frame(TEXT, 'two'));
      await stage.until(method);
      if (method === 'close') await peer.finish();
      await stage.closed();
    }),
    script(`${method}() in the listener of close`, async (stage) => {
      const { client, peer } = await stage.opened();
      client.on('close', () => stage.attempt(method, () => client[method]()));
      await peer.finish(1001);
      await stage.closed();
    }),
    script(`${method}() in the listener of an error`, async (stage) => {
      const { client, peer } = await stage.opened();
      client.on('error', () => stage.attempt(method, () => client[method]()));
      peer.write(frame(0x83, 'x'));
      await peer.rest();
      await stage.closed();
    }),
    script(`${method}() in the listener of an error of the handshake`, async (stage) => {
      const port = await stage.closedPort();
      const client = stage.connect(`ws://127.0.0.1:${port}`);
      client.on('error', () => stage.attempt(method, () => client[method]()));
      await stage.closed();
    }),
    script(`${method}() in a callback of send`, async (stage) => {
      const { client, peer } = await stage.opened();
      client.send('x', (error) => {
        stage.done(client, 'send')(error);
        client[method]();
      });
      await stage.until('callback');
      if (method === 'close') await peer.finish();
      await stage.closed();
    }),
  ]),
  script('both sides close at once', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000, 'mine');
    peer.write(closeFrame(1001, 'theirs'));
    await peer.rest();
    await stage.closed();
  }),
  script('a server that does not answer a close', async (stage) => {
    const { client, peer } = await stage.opened({ closeTimeout: 80 });
    client.close(1000);
    await peer.next();
    await stage.closed();
    await peer.rest();
  }),
  script('a server that answers a close and does not end', async (stage) => {
    // Long enough for the answer, however busy the machine is.
    const { client, peer } = await stage.opened({ closeTimeout: 2_000 });
    client.close(1000);
    await peer.next();
    peer.write(closeFrame(1000));
    await stage.closed();
  }),
  script('a server that closes and does not end', async (stage) => {
    const { peer } = await stage.opened({ closeTimeout: 80 });
    peer.write(closeFrame(1001, 'bye'));
    await peer.next();
    await stage.closed();
  }),
  script('messages behind one’s own close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000);
    await peer.next();
    peer.write(frame(TEXT, 'late'), frame(0x89, 'ping'), frame(0x8a, 'pong'), closeFrame(1000));
    await peer.rest();
    await stage.closed();
  }),
  script('close with what is unsent', async (stage) => {
    const { client, peer } = await stage.opened();
    client.send('a', stage.done(client, 'send'));
    client.send(Buffer.alloc(300_000, 7), stage.done(client, 'a long send'));
    client.close(1000, 'done');
    await peer.finish();
    await stage.closed();
  }),
  script('terminate with what is unsent', async (stage) => {
    const { client, peer } = await stage.opened();
    peer.socket.pause();
    client.send('a', stage.done(client, 'send'));
    client.terminate();
    stage.note(client, 'at once');
    await stage.closed();
  }),
];
