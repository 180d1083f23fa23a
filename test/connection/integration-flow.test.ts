// Order and timing, in the clear and over TLS: frames that come with the 101, messages that wait for it, thousands in a
// pipeline, and many connections that share one window, one tape and a few send blocks.

import { describe, expect, it } from 'vitest';
import { record } from '../support/event-log';
import { closeFrame, frame, PING, RawPeer, TEXT } from '../support/raw-peer';
import { echoServer, rawServer, SCHEMES, wsServer } from '../support/servers';

describe.each(SCHEMES)('over %s', (scheme) => {
  it('delivers frames of the same segment as the 101, after onWebSocketConnect', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'one'), frame(PING, 'ping'), frame(TEXT, 'two'), frame(TEXT, 'x'.repeat(1000)));
    await log.until(({ messages }) => messages.length === 3);
    expect(log.events).toEqual(['connect', 'open 101', 'message one', 'message two', `message ${'x'.repeat(40)}`]);
    expect((await peer.readFrame()).payload.toString()).toBe('ping');
  });

  it('closes cleanly on a close frame of the same segment as the 101', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'only this'), closeFrame(1001, 'restart'));
    expect((await peer.readFrame()).payload.toString('latin1')).toBe('\x03\xe9');
    peer.socket.end();
    await log.until('close 1001');
    expect(log.events).toEqual(['connect', 'open 101', 'message only this', 'close frame 1001 restart', 'close 1001']);
    expect(log.closings).toEqual([{ code: 1001, reason: 'restart', wasClean: true, error: undefined }]);
  });

  it('takes a head and frames that come byte by byte', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    const log = record(connection);
    connection.connect();
    const peer = await server.peer();
    const answer = RawPeer.answer(await peer.readHead(), 'X-Long: yes');
    const korean = '다람쥐 헌 쳇바퀴에 타고파. '.repeat(4);
    await peer.trickle(Buffer.concat([Buffer.from(answer), frame(TEXT, korean), frame(TEXT, ''), frame(PING, 'p')]));
    expect((await peer.readFrame()).payload.toString()).toBe('p');
    expect(log.messages).toEqual([korean, '']);
    expect(String(log.response)).toBe(answer);
  });

  it('keeps the order of 20,000 messages in a pipeline', async () => {
    const server = await echoServer(scheme);
    const connection = server.client();
    const sent = Array.from({ length: 20_000 }, (_, i) => (i % 3 === 0 ? `${i} 다람쥐` : `message ${i}`));
    const log = record(connection, {
      onWebSocketConnect: () => {
        for (const text of sent) expect(connection.send(text)).not.toBe(false);
      },
    });
    connection.connect();
    await log.until(({ messages }) => messages.length === sent.length);
    expect(log.messages).toEqual(sent);
  });

  it('answers large messages from inside onMessage, in the middle of a batch', async () => {
    const count = 40;
    const received: string[] = [];
    const server = await wsServer(scheme, (socket) => {
      for (let i = 0; i < count; i += 1) socket.send(`${i} `.repeat(3000));
      socket.on('message', (data) => received.push(String(data)));
    });
    const connection = server.client();
    connection.maxSendBufferSize = 64 * 1024 * 1024;
    // Each answer is larger than a send block: it is written while the batch is still being read.
    const log = record(connection, {
      onMessage: (_, data) => connection.send(String(data).repeat(20)),
    });
    connection.connect();
    const socket = await server.nextSocket();
    await log.until(({ messages }) => messages.length === count);
    connection.close();
    await new Promise((resolve) => socket.once('close', resolve));
    const expected = Array.from({ length: count }, (_, i) => `${i} `.repeat(3000));
    expect(log.messages).toEqual(expected);
    expect(received).toHaveLength(count);
    expect(received.every((text, i) => text === expected[i]!.repeat(20))).toBe(true);
  });

  it('keeps two connections of the same tick apart', async () => {
    const server = await echoServer(scheme);
    const logs = ['first', 'second'].map((name) => {
      const connection = server.client();
      const log = record(connection);
      connection.connect();
      for (let i = 0; i < 100; i += 1) connection.send(`${name} ${i}`);
      return log;
    });
    await Promise.all(logs.map((log) => log.until(({ messages }) => messages.length === 100)));
    expect(logs[0]!.messages).toEqual(Array.from({ length: 100 }, (_, i) => `first ${i}`));
    expect(logs[1]!.messages).toEqual(Array.from({ length: 100 }, (_, i) => `second ${i}`));
  });

  it('serves 100 connections at once, each with its own messages', async () => {
    const server = await echoServer(scheme);
    const logs = Array.from({ length: 100 }, (_, name) => {
      const connection = server.client();
      // Three rounds, of a size that comes in several pieces: pieces of all connections alternate.
      const log = record(connection, {
        onWebSocketConnect: () => connection.send(`${name} 0 `.repeat(10_000)),
        onMessage: () => log.messages.length < 3 && connection.send(`${name} ${log.messages.length} `.repeat(10_000)),
      });
      connection.connect();
      return log;
    });
    await Promise.all(logs.map((log) => log.until(({ messages }) => messages.length === 3)));
    for (const [name, log] of logs.entries()) {
      const expected = [0, 1, 2].map((round) => `${name} ${round} `.repeat(10_000));
      expect(log.messages.every((message, i) => message === expected[i])).toBe(true);
    }
  });

  it('keeps what is sent before the handshake, and sends it after onWebSocketConnect', async () => {
    const server = await echoServer(scheme);
    const connection = server.client();
    const log = record(connection, {
      onConnect: () => expect(connection.send('from onConnect')).toBeNull(),
      onWebSocketConnect: () => expect(connection.send('from onWebSocketConnect')).toBe(true),
    });
    expect(connection.send('before connect()')).toBeNull();
    connection.connect();
    expect(connection.send('after connect()')).toBeNull();
    expect(connection.send('x'.repeat(200_000))).toBeNull();
    expect(connection.send('last')).toBeNull();
    await log.until(({ messages }) => messages.length === 6);
    expect(log.messages).toEqual([
      'from onWebSocketConnect',
      'before connect()',
      'after connect()',
      'x'.repeat(200_000),
      'last',
      'from onConnect',
    ]);
  });

  it('keeps the order of what is sent while the handshake, the queue and a first message meet in one tick', async () => {
    const server = await rawServer(scheme);
    const connection = server.client();
    record(connection, { onMessage: () => connection.send('from onMessage') });
    connection.connect();
    connection.send('queued');
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'in the same segment'));
    expect((await peer.readFrame()).payload.toString()).toBe('queued');
    expect((await peer.readFrame()).payload.toString()).toBe('from onMessage');
  });
});
