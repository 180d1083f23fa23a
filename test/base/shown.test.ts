// What console.log shows of a public object: the state that a person asks for, and neither secrets nor internals.

import { inspect } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { AsyncTcpConnection, WebSocket as DropIn } from '../../src/index';
import { WebSocket as Web, WebSocketStream } from '../../src/web';
import { record } from '../support/event-log';
import { closedPort, echoServer, rawServer } from '../support/servers';

const SECRETS = 'user:secret@';
const QUERY = '?token=secret';

it('AsyncTcpConnection', async () => {
  const idle = new AsyncTcpConnection(`wss://${SECRETS}example.test/feed${QUERY}`);
  expect(inspect(idle)).toBe(
    `AsyncTcpConnection {\n  id: ${idle.id},\n  url: 'wss://example.test/feed',\n  state: 'INITIAL',\n  callbacks: []\n}`,
  );
  idle.reConnect(1_000);
  expect(inspect(idle)).toContain('reconnectIsScheduled: true');
  idle.cancelReconnect();

  const server = await rawServer('ws');
  const connection = server.client(`/feed${QUERY}`);
  connection.headers = { Authorization: 'Bearer secret' };
  connection.context.room = 7;
  const log = record(connection);
  connection.connect();
  connection.send('four');
  expect(inspect(connection)).toMatch(/state: 'CONNECTING',\s+bytesToSend: 10,/);
  const peer = await server.acceptedPeer();
  await log.until('open 101');
  await peer.readFrame();
  // Half a message.
  peer.write(Buffer.of(0x82, 4, 1, 2));
  await expect.poll(() => connection.getRecvBufferQueueSize()).toBeGreaterThan(0);
  const text = inspect(connection);
  expect(text).toMatch(
    new RegExp(
      `^AsyncTcpConnection \\{\\s+id: \\d+,\\s+url: 'ws://127\\.0\\.0\\.1:${server.port}/feed',\\s+state: 'ESTABLISHED',\\s+` +
        `peer: '127\\.0\\.0\\.1:${server.port}',\\s+bytesToDeliver: \\d+,\\s+callbacks: \\[[^\\]]*'onMessage'[^\\]]*\\],\\s+context: \\{ room: 7 \\}\\s+\\}$`,
    ),
  );
  expect(text).not.toMatch(/secret|null/);
  expect(inspect({ deep: { deeper: { deepest: connection } } })).toContain('[AsyncTcpConnection]');
  expect(inspect(new AsyncTcpConnection(() => 'ws://h'))).toContain("url: 'of a function'");
});

it('a subclass by its name, with what it adds', () => {
  class Feed extends AsyncTcpConnection {
    topic = 'prices';
  }
  expect(inspect(new Feed('ws://h'))).toMatch(/^Feed \{.*topic: 'prices'/s);
});

it('the drop-in for ws', async () => {
  const { url } = await echoServer('ws');
  const socket = Object.assign(new DropIn(`${url.replace('//', `//${SECRETS}`)}/${QUERY}`), { isAlive: true });
  onTestFinished(() => socket.terminate());
  await new Promise((resolve) => socket.once('open', resolve));
  socket.on('message', () => {});
  const text = inspect(socket);
  expect(text).toMatch(/^WebSocket \{\s+url: 'ws:\/\/127\.0\.0\.1:\d+\/',\s+readyState: 'OPEN',/);
  expect(text).toMatch(/listeners: \[ 'message' \],\s+isAlive: true\s+\}$/);
  expect(text).not.toMatch(/secret|_events|Symbol/);
});

it('those of the web, and their error events', async () => {
  const url = `ws://${SECRETS}127.0.0.1:${await closedPort()}/feed${QUERY}`;
  const socket = new Web(url);
  expect(inspect(socket)).toMatch(/^WebSocket \{\s+url: 'ws:\/\/127\.0\.0\.1:\d+\/feed',\s+readyState: 'CONNECTING',/);
  const event = await new Promise((resolve) => {
    socket.onerror = resolve;
  });
  expect(inspect(socket)).toContain("readyState: 'CLOSED'");
  expect(inspect(event)).toMatch(/type: 'error',\s+message: 'The server could not be reached: /);
  const stream = new WebSocketStream(url);
  stream.closed.catch(() => {});
  expect(inspect(stream)).toMatch(/^WebSocketStream \{ url: 'ws:\/\/127\.0\.0\.1:\d+\/feed' \}$/);
  expect(inspect([socket, stream, event])).not.toContain('secret');
});
