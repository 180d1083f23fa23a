// How a server ends a connection: close frames good and bad, the end of TCP without one, resets, and what comes behind.

import { BINARY, CLOSE, closeFrame, frame, PING, TEXT } from '../../support/raw-peer';
import { selfSigned } from '../../support/self-signed';
import { script } from './script';
import type { Options, Stage } from './stage';

/** The server sends these bytes at once, and reads on until the client ends. */
async function sends(stage: Stage, ...bytes: Buffer[]): Promise<void> {
  const { client, peer } = await stage.opened();
  peer.write(...bytes);
  await peer.rest();
  await stage.closed();
  stage.note(client, 'at last', client.bufferedAmount, client.isPaused);
}

/** Frames in the segment of the answer. */
async function withAnswer(stage: Stage, bytes: Buffer[], options: Options = {}): Promise<void> {
  const server = await stage.raw();
  stage.connect(server.url, [], options);
  const peer = await server.peer();
  await peer.accept(...bytes);
  await peer.rest();
  await stage.closed();
}

export const ending = [
  script('a close frame without a status', (stage) => sends(stage, frame(CLOSE))),
  script('a close frame with 1000', (stage) => sends(stage, closeFrame(1000))),
  script('a close frame with a reason', (stage) => sends(stage, closeFrame(1001, 'maintenance ☂'))),
  script('a close frame with a reason of 123 bytes', (stage) => sends(stage, closeFrame(1011, 'r'.repeat(123)))),
  script('a close frame with a status of its own', (stage) => sends(stage, closeFrame(4999, 'own'))),
  ...[1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000].map((code) =>
    script(`a close frame with ${code}`, (stage) => sends(stage, closeFrame(code))),
  ),
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map((code) =>
    script(`a close frame with ${code}, which is none`, (stage) => sends(stage, closeFrame(code, 'x'))),
  ),
  script('a close frame with half a status', (stage) => sends(stage, frame(CLOSE, Buffer.of(3)))),
  script('a close frame whose reason is no UTF-8', (stage) =>
    sends(stage, frame(CLOSE, Buffer.of(3, 0xe8, 0x61, 0xff, 0x62))),
  ),
  script('a close frame whose reason ends within a character', (stage) =>
    sends(stage, frame(CLOSE, Buffer.of(3, 0xe8, 0xe2, 0x82))),
  ),
  script('a message and a close frame at once', (stage) =>
    sends(stage, frame(TEXT, 'last words'), closeFrame(1000, 'bye')),
  ),
  script('messages behind a close frame', (stage) => sends(stage, closeFrame(1000), frame(TEXT, 'late'), frame(PING))),
  script('nonsense behind a close frame', (stage) => sends(stage, closeFrame(1000), Buffer.alloc(100, 0xff))),
  script('two close frames', (stage) => sends(stage, closeFrame(1000, 'one'), closeFrame(1001, 'two'))),
  script('a close frame within a message of fragments', (stage) =>
    sends(stage, frame(0x01, 'begun'), closeFrame(1000), frame(0x80, 'ended')),
  ),
  script('a close frame byte by byte', async (stage) => {
    const { peer } = await stage.opened();
    await peer.trickle(closeFrame(1001, 'slow'));
    await peer.rest();
    await stage.closed();
  }),
  script('a close frame in the segment of the answer', (stage) => withAnswer(stage, [closeFrame(1001, 'no room')])),
  script('a message and a close frame in the segment of the answer', (stage) =>
    withAnswer(stage, [frame(TEXT, 'hello'), frame(BINARY, 'bytes'), closeFrame(1000)]),
  ),
  script('a ping in the segment of the answer', (stage) => withAnswer(stage, [frame(PING, 'early'), closeFrame(1000)])),
  script('nonsense in the segment of the answer', (stage) =>
    withAnswer(stage, [Buffer.from('HTTP/1.1 200 OK\r\n\r\n')]),
  ),
  script('half a message in the segment of the answer', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url);
    const peer = await server.peer();
    const whole = frame(TEXT, 'in two pieces');
    await peer.accept(whole.subarray(0, 5));
    await stage.until('open');
    peer.write(whole.subarray(5));
    await stage.until('message');
    await peer.finish();
    await stage.closed();
  }),
  script('the end of TCP without a close frame', async (stage) => {
    const { peer } = await stage.opened();
    peer.socket.end();
    await peer.rest();
    await stage.closed();
  }),
  script('the end of TCP behind a message', async (stage) => {
    const { peer } = await stage.opened();
    peer.socket.end(frame(TEXT, 'last'));
    await peer.rest();
    await stage.closed();
  }),
  script('the end of TCP within a frame', async (stage) => {
    const { peer } = await stage.opened();
    peer.socket.end(frame(TEXT, 'cut off').subarray(0, 5));
    await peer.rest();
    await stage.closed();
  }),
  script('the end of TCP within a message of fragments', async (stage) => {
    const { peer } = await stage.opened();
    peer.socket.end(frame(0x01, 'begun'));
    await peer.rest();
    await stage.closed();
  }),
  script('the end of TCP behind a close frame', async (stage) => {
    const { peer } = await stage.opened();
    peer.socket.end(closeFrame(1000, 'bye'));
    await peer.rest();
    await stage.closed();
  }),
  script('the end of TCP in answer to a close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000);
    await peer.next();
    peer.socket.end();
    await peer.rest();
    await stage.closed();
  }),
  script('the end of TCP in the segment of the answer', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url);
    const peer = await server.peer();
    await peer.accept();
    peer.socket.end();
    await stage.closed();
    await peer.rest();
  }),
  script('a reset', async (stage) => {
    const { client, peer } = await stage.opened();
    peer.reset();
    await stage.closed();
    stage.attempt('send', () => client.send('x', stage.done(client, 'send')));
    await stage.until('callback');
  }),
  script('a reset in answer to a close', async (stage) => {
    const { client, peer } = await stage.opened();
    client.close(1000);
    await peer.next();
    peer.reset();
    await stage.closed();
  }),
  script('a reset behind close frames', async (stage) => {
    const { peer } = await stage.opened();
    peer.write(closeFrame(1001, 'bye'));
    await peer.next();
    peer.reset();
    await stage.closed();
  }),
  script('sending when the server has ended its side', async (stage) => {
    const { client, peer } = await stage.opened();
    peer.socket.end();
    await stage.closed();
    stage.attempt('send', () => client.send('x', stage.done(client, 'send')));
    stage.attempt('ping', () => client.ping('x', undefined, stage.done(client, 'ping')));
    await stage.until('callback of ping');
    stage.note(client, 'buffered', client.bufferedAmount);
  }),
  script('a ws server that closes', async (stage) => {
    const { url } = await stage.ws((socket) => socket.close(1012, 'restart'));
    stage.connect(url);
    await stage.closed();
  }),
  script('a ws server that terminates', async (stage) => {
    const { url } = await stage.ws((socket) => socket.terminate());
    stage.connect(url);
    await stage.closed();
  }),
  script('a ws server that gets a close', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url);
    await stage.until('open');
    client.close(3001, 'bye');
    await stage.closed();
  }),
  script('a proper end over TLS', async (stage) => {
    const tls = selfSigned(['127.0.0.1']);
    const { url } = await stage.echo(undefined, { tls } as never);
    const client = stage.connect(url, [], { ca: tls.cert });
    await stage.until('open');
    client.send('over TLS');
    await stage.until('message');
    client.close(1000);
    await stage.closed();
  }),
  script('a ws server that ends over TLS', async (stage) => {
    const tls = selfSigned(['127.0.0.1']);
    const server = await stage.raw({ tls });
    stage.connect(server.url, [], { ca: tls.cert });
    const peer = await server.peer();
    await peer.accept();
    await stage.until('open');
    await peer.finish(1001, 'over');
    await stage.closed();
  }),
];
