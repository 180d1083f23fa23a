// The order in which compressed and other frames leave, and that of the callbacks of send(), up to a close or an end.

import { agreed, agreeing, inflating, noise } from './compression';
import { script } from './script';

type Anything = (...values: unknown[]) => void;

export const inOrder = [
  script('callbacks of compressed messages', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.send('a', stage.done(client, 'a'));
    client.send('b', { compress: false }, stage.done(client, 'b'));
    client.ping('p', true, stage.done(client, 'p'));
    client.send(Buffer.from('c'), stage.done(client, 'c'));
    client.send('d', { fin: false }, stage.done(client, 'd'));
    client.send('e', stage.done(client, 'e'));
    client.pong('q', undefined, stage.done(client, 'q'));
    stage.note(client, 'sent');
    await stage.until('callback of q');
    stage.note(client, 'buffered', client.bufferedAmount);
    for (let i = 0; i < 7; i++) await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('what waits is nothing when all is compressed and sent', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.send(noise(5000));
    client.send('x'.repeat(5000), () => stage.note(client, 'buffered', client.bufferedAmount));
    await stage.until('buffered');
    await peer.next();
    await peer.next();
    await peer.finish();
    await stage.closed();
  }),
  script('compressed messages, and a close', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.send('a', stage.done(client, 'a'));
    client.send(noise(200_000), stage.done(client, 'noise'));
    client.close(1000, 'done');
    await peer.upTo(0x88);
    await stage.until('callback of noise');
    await peer.finish();
    await stage.closed();
  }),
  script('compressed messages, and terminate()', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.send('a', stage.done(client, 'a'));
    client.send('b', { compress: false }, stage.done(client, 'b'));
    client.ping('p', true, stage.done(client, 'p'));
    client.send('c', stage.done(client, 'c'));
    client.terminate();
    stage.note(client, 'at once');
    await peer.rest();
    await stage.closed();
    await stage.until('callback', 4);
  }),
  script('long compressed messages, and short ones behind them', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.send('x'.repeat(200_000));
    client.send(noise(200_000));
    client.send('short', { compress: false });
    client.ping('ping');
    client.send(Buffer.from('bytes'), { compress: false });
    client.send('compressed');
    client.close(1000, 'end');
    await peer.upTo(0x88);
    await peer.finish();
    await stage.closed();
  }),
  script('many messages, most of them compressed', async (stage) => {
    const { client, peer } = await agreed(stage);
    for (let i = 0; i < 100; i++) client.send(`message ${i}`, { compress: i % 7 !== 0 });
    client.close(1000);
    await peer.upTo(0x88);
    await peer.finish();
    await stage.closed();
  }),
  script('compressed messages in the listener of open', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url, [], { perMessageDeflate: true });
    client.on('open', () => {
      client.send('first', stage.done(client, 'first'));
      client.send('second', stage.done(client, 'second'));
    });
    const peer = await server.peer();
    peer.show = inflating();
    peer.write(Buffer.from(agreeing(await peer.readHead())));
    await peer.next();
    await peer.next();
    await stage.until('callback of second');
    await peer.finish();
    await stage.closed();
  }),
  script('a Blob that is compressed, between texts', async (stage) => {
    const { client, peer } = await agreed(stage);
    client.send('before', stage.done(client, 'before'));
    (client.send as Anything)(new Blob(['bl', 'ob']), stage.done(client, 'blob'));
    client.send('behind', stage.done(client, 'behind'));
    (client.send as Anything)(new Blob(['plain']), { compress: false, binary: false }, stage.done(client, 'plain'));
    client.ping('ping', undefined, stage.done(client, 'ping'));
    client.close(1000);
    await peer.upTo(0x88);
    await stage.until('callback of ping');
    await peer.finish();
    await stage.closed();
  }),
  script('bytes that are compressed stay what they are', async (stage) => {
    const { client, peer } = await agreed(stage);
    const [own, plain] = [Buffer.from('own'), Buffer.from('plain')];
    client.send(own);
    client.send(plain, { compress: false });
    await peer.next();
    await peer.next();
    stage.note(client, 'own', own, plain);
    await peer.finish();
    await stage.closed();
  }),
  script('a source of masks for what is compressed', async (stage) => {
    let calls = 0;
    const generateMask = (mask: Buffer): void => void mask.writeUInt32BE(++calls * 0x01010101);
    const { client, peer } = await agreed(stage, '', { generateMask });
    client.send('one');
    client.send(Buffer.from('two'));
    client.send('three', { compress: false });
    client.close(1000);
    for (let i = 0; i < 4; i++) stage.seen.write(`key ${(await peer.next()).key.toString('hex')}`);
    await peer.finish();
    await stage.closed();
  }),
];
