// Compression from end to end: with servers of the npm package `ws`, and through createWebSocketStream.

import type { Duplex } from 'node:stream';
import type { PerMessageDeflateOptions } from 'ws';
import { closeFrame, frame, TEXT } from '../../support/raw-peer';
import { agreed, binary, noise, text } from './compression';
import { type Script, script } from './script';
import type { Stage } from './stage';

type Compression = boolean | PerMessageDeflateOptions;

/** What goes there and back: short and long, new and known. */
const MESSAGES = [
  'hello',
  'hello',
  '',
  Buffer.alloc(0),
  noise(2000),
  noise(2000),
  'x'.repeat(100_000),
  noise(70_000),
  'κόσμε 😀',
];

/** A client and a server of ws with these options, and messages there and back. */
function echo(name: string, client: Compression, server: Compression): Script {
  return script(name, async (stage) => {
    const { url } = await stage.echo(undefined, { perMessageDeflate: server });
    const socket = stage.connect(url, [], { perMessageDeflate: client });
    await stage.until('OPEN open');
    stage.note(socket, 'extensions', socket.extensions);
    for (const message of MESSAGES) socket.send(message);
    await stage.until('message', MESSAGES.length);
    socket.close(1000);
    await stage.closed();
  });
}

const SMALL = {
  threshold: 0,
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  serverMaxWindowBits: 9,
  clientMaxWindowBits: 9,
};

const EVENTS = ['open', 'close', 'error'];

function streamOf(stage: Stage, client: import('ws').WebSocket): Duplex {
  const stream = stage.implementation.createWebSocketStream(client);
  for (const event of ['end', 'finish', 'close', 'error']) {
    stream.on(event, (...values) => stage.note(client, `stream ${event}`, ...values));
  }
  return stream;
}

export const bothWays = [
  echo('a server of ws that compresses', true, true),
  echo('a server of ws that compresses, and a client that does not', false, true),
  echo('a server of ws that does not compress', true, false),
  echo('a server of ws that compresses each message on its own', true, SMALL),
  echo('a client that has messages compressed on their own', SMALL, true),
  echo('a client and a server of ws that compress messages on their own', SMALL, SMALL),
  echo('a client without a window of its own', { clientMaxWindowBits: false as never }, true),
  script('a client without a window, and a server of ws that wants one', async (stage) => {
    const { url } = await stage.echo(undefined, { perMessageDeflate: SMALL });
    stage.connect(url, [], { perMessageDeflate: { clientMaxWindowBits: false as never } });
    await stage.closed();
  }),
  echo(
    'a client and a server of ws with windows of other sizes',
    { serverMaxWindowBits: 10, clientMaxWindowBits: 12 },
    true,
  ),
  script('a server of ws in compressed fragments, pings and both types', async (stage) => {
    const { url } = await stage.ws(
      (socket) => {
        socket.send('a', { fin: false });
        socket.ping('between');
        socket.send('b', { fin: true });
        socket.send(Buffer.from('bytes'), { fin: false });
        socket.send(Buffer.alloc(0), { fin: true });
        socket.send('plain', { compress: false });
        socket.close(3333, 'all');
      },
      { perMessageDeflate: true },
    );
    stage.connect(url, [], { perMessageDeflate: true });
    await stage.closed();
  }),
  script('a server of ws that wants smaller messages than these are when they inflate', async (stage) => {
    const { url } = await stage.ws(() => {}, { perMessageDeflate: true, maxPayload: 1000 });
    const client = stage.connect(url, [], { perMessageDeflate: true });
    await stage.until('open');
    client.send('x'.repeat(1001));
    await stage.closed();
  }),
  script('a stream that reads what is compressed', async (stage) => {
    const { client, peer } = await agreed(stage, '', {}, EVENTS);
    const stream = streamOf(stage, client);
    stream.on('data', (chunk) => stage.note(client, 'data', chunk));
    peer.write(text('text'), binary('bytes'), frame(TEXT, 'plain'), text('κόσμε'));
    await stage.until('data', 4);
    await peer.finish(1000, 'bye');
    await stage.until('stream end');
  }),
  script('a stream that writes and compresses', async (stage) => {
    const { client, peer } = await agreed(stage, '', {}, EVENTS);
    const stream = streamOf(stage, client);
    stream.resume();
    stream.write('text', stage.done(client, 'write'));
    stream.write(Buffer.from('bytes'), stage.done(client, 'write'));
    stream.write(noise(100_000), stage.done(client, 'write'));
    stream.end('last', stage.done(client, 'end'));
    await peer.upTo(0x88);
    peer.write(closeFrame(1000));
    await peer.rest();
    await stage.until('stream close');
  }),
  script('a stream, and what does not inflate', async (stage) => {
    const { client, peer } = await agreed(stage, '', {}, EVENTS);
    streamOf(stage, client).resume();
    peer.write(text('good'), frame(0xc1, Buffer.of(0x07)));
    await peer.rest();
    await stage.until('stream close');
  }),
  script('a stream there and back through a server of ws', async (stage) => {
    const { url } = await stage.echo(undefined, { perMessageDeflate: true });
    const client = stage.connect(url, [], { perMessageDeflate: true }, EVENTS);
    const stream = streamOf(stage, client);
    const sent = noise(300_000);
    const got: Buffer[] = [];
    let length = 0;
    stream.on('data', (chunk: Buffer) => {
      got.push(chunk);
      length += chunk.length;
      if (length < sent.length) return;
      stage.note(client, 'got', Buffer.concat(got), Buffer.concat(got).equals(sent));
      stream.end();
    });
    for (let i = 0; i < sent.length; i += 30_000) stream.write(sent.subarray(i, i + 30_000));
    await stage.until('stream close');
  }),
];
