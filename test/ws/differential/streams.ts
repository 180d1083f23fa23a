// createWebSocketStream: a client as a Duplex.

import type { Duplex, DuplexOptions } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { WebSocket } from 'ws';
import { BINARY, closeFrame, frame, TEXT } from '../../support/raw-peer';
import type { Peer } from './peers';
import { script } from './script';
import type { Options, Stage } from './stage';

const EVENTS = ['end', 'finish', 'close', 'error', 'pause', 'resume'];

function streamOf(stage: Stage, client: WebSocket, options?: DuplexOptions, events = EVENTS): Duplex {
  const stream = stage.implementation.createWebSocketStream(client, options);
  for (const event of events) stream.on(event, (...values) => stage.note(client, `stream ${event}`, ...values));
  return stream;
}

interface Opened {
  readonly client: WebSocket;
  readonly peer: Peer;
  readonly stream: Duplex;
}

async function opened(
  stage: Stage,
  options?: DuplexOptions,
  clientOptions: Options = {},
  events = EVENTS,
): Promise<Opened> {
  const { client, peer } = await stage.opened(clientOptions, ['open', 'close', 'error']);
  return { client, peer, stream: streamOf(stage, client, options, events) };
}

const data = (stage: Stage, { client, stream }: Opened): void =>
  void stream.on('data', (chunk) => stage.note(client, 'data', chunk));

export const streams = [
  script('a stream that reads', async (stage) => {
    const all = await opened(stage);
    data(stage, all);
    all.peer.write(frame(TEXT, 'text'), frame(BINARY, 'bytes'), frame(TEXT, ''));
    await stage.until('data', 2);
    await all.peer.finish(1000, 'bye');
    await stage.until('stream end');
  }),
  script('a stream that reads texts', async (stage) => {
    const all = await opened(stage, { readableObjectMode: true });
    data(stage, all);
    all.peer.write(frame(TEXT, 'text'), frame(BINARY, 'bytes'), frame(TEXT, 'é'));
    await stage.until('data', 3);
    await all.peer.finish();
    await stage.until('stream end');
  }),
  script('a stream that decodes', async (stage) => {
    const all = await opened(stage, { encoding: 'utf8' });
    data(stage, all);
    all.peer.write(frame(BINARY, Buffer.of(0xe2, 0x82)), frame(BINARY, Buffer.of(0xac)));
    await stage.until('data');
    await all.peer.finish();
    await stage.until('stream end');
  }),
  script('a stream that writes', async (stage) => {
    const { client, peer, stream } = await opened(stage);
    stream.resume();
    stage.attempt('write', () => stream.write('text', stage.done(client, 'write')));
    stage.attempt('write', () => stream.write(Buffer.from('bytes'), stage.done(client, 'write')));
    stage.attempt('end', () => void stream.end('last', stage.done(client, 'end')));
    await peer.upTo(0x88);
    await peer.finish();
    await stage.until('stream close');
  }),
  script('a stream that writes texts', async (stage) => {
    const { peer, stream } = await opened(stage, { decodeStrings: false });
    stream.resume();
    stream.write('text');
    stream.write(Buffer.from('bytes'));
    stream.end();
    await peer.upTo(0x88);
    await peer.finish();
    await stage.until('stream close');
  }),
  script('a stream that writes before it is open', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url, [], {}, ['open', 'close', 'error']);
    const stream = streamOf(stage, client);
    stream.resume();
    stream.write('early', stage.done(client, 'write'));
    stream.end();
    const peer = await server.peer();
    await peer.accept();
    await peer.upTo(0x88);
    await peer.finish();
    await stage.until('stream close');
  }),
  script('a stream that is ended at once', async (stage) => {
    const { peer, stream } = await opened(stage);
    stream.resume();
    stream.end();
    await peer.upTo(0x88);
    await peer.finish();
    await stage.until('stream close');
  }),
  script('a stream that is ended, and reads on', async (stage) => {
    const all = await opened(stage);
    data(stage, all);
    all.stream.end();
    await all.peer.upTo(0x88);
    all.peer.write(frame(TEXT, 'still'), closeFrame(1000));
    await all.peer.rest();
    await stage.until('stream close');
  }),
  script('a stream that is destroyed', async (stage) => {
    const { client, peer, stream } = await opened(stage);
    stage.attempt('destroy', () => void stream.destroy());
    stage.note(client, 'at once', stream.destroyed);
    await peer.rest();
    await stage.until('stream close');
  }),
  script('a stream that is destroyed with an error', async (stage) => {
    const { peer, stream } = await opened(stage);
    stream.destroy(new RangeError('mine'));
    await peer.rest();
    await stage.until('stream close');
  }),
  script('a stream that is destroyed before it is open', async (stage) => {
    const { url } = await stage.echo();
    const client = stage.connect(url, [], {}, ['open', 'close', 'error']);
    const stream = streamOf(stage, client);
    stream.destroy();
    await stage.until('stream close');
  }),
  script('a stream that is destroyed behind its end', async (stage) => {
    const { client, peer, stream } = await opened(stage);
    stream.resume();
    await peer.finish();
    await stage.until('stream end');
    stream.destroy();
    stage.note(client, 'again', stream.destroyed);
    await stage.until('stream close');
  }),
  script('a stream of a connection that is refused', async (stage) => {
    const client = stage.connect(`ws://127.0.0.1:${await stage.closedPort()}`, [], {}, ['open', 'close', 'error']);
    const stream = streamOf(stage, client);
    stream.write('never', stage.done(client, 'write'));
    await stage.until('stream close');
  }),
  script('a stream that is ended, of a connection that is refused', async (stage) => {
    const client = stage.connect(`ws://127.0.0.1:${await stage.closedPort()}`, [], {}, ['open', 'close', 'error']);
    const stream = streamOf(stage, client);
    stream.end();
    await stage.until('stream close');
  }),
  script('a stream and a fault of a frame', async (stage) => {
    const { peer, stream } = await opened(stage);
    stream.resume();
    peer.write(frame(0x83));
    await peer.rest();
    await stage.until('stream close');
  }),
  script('a stream and the end of TCP', async (stage) => {
    const { peer, stream } = await opened(stage);
    stream.resume();
    peer.socket.end();
    await peer.rest();
    await stage.until('stream end');
  }),
  script('a stream and close() of its client', async (stage) => {
    const { client, peer, stream } = await opened(stage);
    stream.resume();
    client.close(1000);
    await peer.next();
    await peer.finish();
    await stage.until('stream end');
  }),
  script('a stream and terminate() of its client', async (stage) => {
    const { client, peer, stream } = await opened(stage);
    stream.resume();
    client.terminate();
    await peer.rest();
    await stage.until('stream end');
  }),
  script('writing to a stream whose client has closed', async (stage) => {
    const { client, peer, stream } = await opened(stage);
    stream.resume();
    client.close(1000);
    stage.attempt('write', () => stream.write('late', stage.done(client, 'write')));
    await peer.next();
    await peer.finish();
    await stage.until('stream close');
  }),
  script('a stream that is piped to itself', async (stage) => {
    const { peer, stream } = await opened(stage, {}, {}, ['end', 'finish', 'close', 'error']);
    stream.pipe(stream);
    peer.write(frame(TEXT, 'one'), frame(BINARY, 'two'));
    await peer.next();
    await peer.next();
    peer.write(closeFrame(1000));
    await peer.rest();
    await stage.until('stream close');
  }),
  script('a stream that nobody reads holds the client back', async (stage) => {
    const { client, peer, stream } = await opened(stage, { readableHighWaterMark: 10 });
    peer.write(frame(BINARY, 'x'.repeat(20)));
    await new Promise((resolve) => setTimeout(resolve, 30));
    stage.note(client, 'paused', client.isPaused, stream.readableLength);
    stage.note(client, 'read', stream.read());
    stage.note(client, 'paused', client.isPaused);
    stream.resume();
    await peer.finish();
    await stage.until('stream end');
  }),
  script('a stream as an iterator', async (stage) => {
    const { client, peer, stream } = await opened(stage, {}, {}, ['end', 'close', 'error']);
    peer.write(frame(TEXT, 'one'));
    peer.write(closeFrame(1000));
    void peer.rest();
    for await (const chunk of stream) stage.note(client, 'chunk', chunk);
    await stage.until('stream end');
  }),
  script('a stream in a pipeline', async (stage) => {
    const { client, peer, stream } = await opened(stage, {}, {}, ['end', 'close', 'error']);
    const done = pipeline(
      stream,
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) yield `re: ${chunk}`;
      },
      stream,
    ).then(
      () => stage.note(client, 'pipeline done'),
      (error) => stage.note(client, 'pipeline failed', error),
    );
    peer.write(frame(TEXT, 'one'));
    await peer.next();
    peer.write(closeFrame(1000));
    await peer.rest();
    await done;
  }),
  script('options that a stream does not take', async (stage) => {
    const { client, peer, stream } = await opened(stage, {
      objectMode: true,
      autoDestroy: true,
      emitClose: true,
      writableObjectMode: true,
    });
    stage.note(client, 'modes', stream.readableObjectMode, stream.writableObjectMode);
    stream.resume();
    await peer.finish();
    await stage.until('stream end');
  }),
  script('a stream that is paused and resumed', async (stage) => {
    const all = await opened(stage);
    data(stage, all);
    all.stream.pause();
    all.peer.write(frame(TEXT, 'held'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    stage.note(all.client, 'resume');
    all.stream.resume();
    await stage.until('data');
    await all.peer.finish();
    await stage.until('stream end');
  }),
];
