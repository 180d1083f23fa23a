// How a connection of the WHATWG face ends, and what its events then say (WebSockets §4; RFC 6455 §7.1.4 to §7.1.7).

import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { BINARY, CLOSE, closeFrame, frame, head, PING, PONG, statusOf, TEXT } from '../support/raw-peer';
import { closedPort, echoServer, rawServer, wsServer } from '../support/servers';
import type { WebSocket } from '../support/web-classes';
import { connecting, logOf, opened, pair } from '../support/web-log';

const EMPTY_CLOSE = frame(CLOSE);

describe('an end that is clean (RFC 6455 §7.1.4)', () => {
  test.each([
    [[], 1005, ''],
    [[1000], 1000, ''],
    [[1000, 'bye'], 1000, 'bye'],
    [[3000, 'äöü'], 3000, 'äöü'],
    [[4999], 4999, ''],
  ])('by us, close(%j): %i %j', async (values, code, reason) => {
    const server = await echoServer('ws');
    const webSocket = await opened(server.url);
    const log = logOf(webSocket);
    webSocket.close(...(values as [number, string]));
    await log.until(({ events }) => events.length > 0);
    expect(log.events).toEqual([`close ${code} true ${reason}`.trim()]);
  });

  test.each([
    [EMPTY_CLOSE, 'close 1005 true', Buffer.alloc(0)],
    [closeFrame(1000), 'close 1000 true', Buffer.of(3, 232)],
    [closeFrame(1001, 'going'), 'close 1001 true going', Buffer.of(3, 233)],
    [closeFrame(1011), 'close 1011 true', Buffer.of(3, 243)],
    [closeFrame(1012), 'close 1012 true', Buffer.of(3, 244)],
    [closeFrame(1014), 'close 1014 true', Buffer.of(3, 246)],
    [closeFrame(3000, 'x'.repeat(123)), `close 3000 true ${'x'.repeat(123)}`, Buffer.of(11, 184)],
    [closeFrame(4999, '€'), 'close 4999 true €', Buffer.of(19, 135)],
  ])('by the server (%#): %s, and the frame is answered', async (bytes, line, answer) => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    peer.write(bytes);
    const { payload } = await peer.readFrameOf(CLOSE);
    expect(payload.subarray(0, 2)).toEqual(answer);
    peer.socket.end();
    await log.until(line);
    expect(log.events).toEqual([line]);
  });

  test('by both at once: what the peer says', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    webSocket.close(3000, 'mine');
    peer.write(closeFrame(4000, 'yours'));
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
    await log.until('close 4000 true yours');
    expect(log.events).toEqual(['close 4000 true yours']);
  });

  test('messages in front of the close frame are told', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    peer.write(frame(TEXT, 'a'), frame(TEXT, 'b'), closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000 true');
    expect(log.events).toEqual(['message a', 'message b', 'close 1000 true']);
  });

  test('in the same segment as the answer to the handshake', async () => {
    const server = await rawServer('ws');
    const log = logOf(connecting(server.url));
    const peer = await server.peer();
    await peer.accept(frame(TEXT, 'a'), closeFrame(1000, 'bye'));
    peer.socket.end();
    await log.until('close 1000 true bye');
    expect(log.events).toEqual(['open', 'message a', 'close 1000 true bye']);
  });
});

describe('messages behind close() (WebSockets §4: "If ready state is not OPEN (1), then return")', () => {
  test('are dropped', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    webSocket.close(1000);
    await peer.readFrameOf(CLOSE);
    peer.write(frame(TEXT, 'late'), frame(BINARY, 'late'), closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000 true');
    expect(log.events).toEqual(['close 1000 true']);
  });

  test('are dropped in the middle of a segment', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    webSocket.onmessage = () => webSocket.close(1000);
    peer.write(frame(TEXT, 'a'), frame(TEXT, 'b'), frame(TEXT, 'c'));
    await peer.readFrameOf(CLOSE);
    peer.write(closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000 true');
    expect(log.events).toEqual(['message a', 'close 1000 true']);
  });

  test('are dropped where one was half there', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    const ponged = peer.readFrameOf(PONG);
    peer.write(frame(0x01, 'first half'), frame(PING));
    await ponged;
    webSocket.close(1000);
    peer.write(frame(0x80, 'second half'), closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000 true');
    expect(log.events).toEqual(['close 1000 true']);
  });
});

/** Both events of one that fails, with the state in each. */
function failureOf(webSocket: WebSocket): ReturnType<typeof logOf> {
  return logOf(webSocket, (event) => {
    const { code, wasClean, reason } = event as CloseEvent;
    const rest = event.type === 'close' ? ` ${code} ${wasClean} ${JSON.stringify(reason)}` : '';
    return `${event.type} in ${webSocket.readyState}${rest}`;
  });
}

const FAILED = ['error in 3', 'close in 3 1006 false ""'];

describe('a connection that fails (WebSockets §4: error, then close, in one task, in the state CLOSED)', () => {
  test('refused', async () => {
    const log = failureOf(connecting(`ws://127.0.0.1:${await closedPort()}`));
    await log.until(FAILED[1]!);
    expect(log.events).toEqual(FAILED);
  });

  test('to a host that is none', async () => {
    const log = failureOf(connecting('ws://no-such-host.invalid'));
    await log.until(FAILED[1]!);
    expect(log.events).toEqual(FAILED);
  });

  test('ended by the server in front of its answer', async () => {
    const server = await rawServer('ws');
    const log = failureOf(connecting(server.url));
    const peer = await server.peer();
    await peer.readHead();
    peer.socket.end();
    await log.until(FAILED[1]!);
    expect(log.events).toEqual(FAILED);
  });

  test.each(['resetAndDestroy', 'end'] as const)('lost in the middle of its answer (%s)', async (how) => {
    const server = await rawServer('ws');
    const log = failureOf(connecting(server.url));
    const peer = await server.peer();
    await peer.readHead();
    peer.socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade:', () => peer.socket[how]());
    await log.until(FAILED[1]!);
    expect(log.events).toEqual(FAILED);
  });

  test('both events are of one task', async () => {
    const webSocket = connecting(`ws://127.0.0.1:${await closedPort()}`);
    const log = logOf(webSocket);
    webSocket.addEventListener('error', () => void setImmediate().then(() => log.write('task')));
    await log.until('task');
    expect(log.events).toEqual(['error', 'close 1006 false', 'task']);
  });
});

describe('an open connection that is lost (RFC 6455 §7.1.5: 1006)', () => {
  const lines = (log: ReturnType<typeof logOf>): readonly string[] => log.events.filter((line) => line !== 'error');

  test.each(['end', 'resetAndDestroy'] as const)('by the peer without a close frame (%s)', async (how) => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    peer.socket[how]();
    await log.until('close 1006 false');
    expect(lines(log)).toEqual(['close 1006 false']);
    expect(webSocket.readyState).toBe(3);
  });

  test('while we close', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    webSocket.close(1000, 'bye');
    await peer.readFrameOf(CLOSE);
    peer.socket.end();
    await log.until('close 1006 false');
    expect(lines(log)).toEqual(['close 1006 false']);
  });

  test('in the middle of a frame', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    peer.write(head(TEXT, 10), Buffer.from('half'));
    peer.socket.end();
    await log.until('close 1006 false');
    expect(lines(log)).toEqual(['close 1006 false']);
  });
});

describe('an open connection that we fail (RFC 6455 §7.1.7; WebSockets §4: error, then close)', () => {
  const faults: [string, Buffer, number][] = [
    ['a masked frame', Buffer.of(TEXT, 0x80, 0, 0, 0, 0), 1002],
    ['a reserved opcode', frame(0x83), 1002],
    ['a reserved bit', frame(0xc1, 'a'), 1002],
    ['a fragmented ping', frame(0x09), 1002],
    ['a ping of 126 bytes', frame(PING, Buffer.alloc(126)), 1002],
    ['a continuation of nothing', frame(0x80, 'a'), 1002],
    ['text within a message', Buffer.concat([frame(0x01, 'a'), frame(TEXT, 'b')]), 1002],
    ['text that is no UTF-8', frame(TEXT, Buffer.of(0xff)), 1007],
    ['a close frame of one byte', frame(CLOSE, Buffer.of(3)), 1002],
    ['the close code 1005', closeFrame(1005), 1002],
    ['the close code 999', closeFrame(999), 1002],
    ['a reason that is no UTF-8', frame(CLOSE, Buffer.of(3, 232, 0xff)), 1007],
  ];
  test.each(faults)('for %s', async (name, bytes, status) => {
    const { webSocket, peer } = await pair();
    const log = failureOf(webSocket);
    peer.write(bytes);
    const code = statusOf(await peer.readFrameOf(CLOSE));
    peer.socket.end();
    await log.until(({ events }) => events.some((line) => line.startsWith('close')));
    expect(log.events[0]).toBe('error in 3');
    expect(log.events.slice(1)).toEqual(FAILED.slice(1));
    expect([name, code]).toEqual([name, status]);
  });
});

test('a server of ws that is terminated tells 1006', async () => {
  const server = await wsServer('ws', (socket) => socket.terminate());
  const log = logOf(connecting(server.url));
  await log.until('close 1006 false');
  expect(log.events.filter((line) => line !== 'error')).toEqual(['open', 'close 1006 false']);
});
