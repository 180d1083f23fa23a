// `close()` of the WHATWG face (WebSockets §3.1 "close the WebSocket", §4) and the ends that a connection may have.

import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { CLOSE, closeFrame, statusOf } from '../support/raw-peer';
import { closedPort, echoServer, rawServer } from '../support/servers';
import { oursOnly } from '../support/web-classes';
import { connecting, logOf, opened, pair } from '../support/web-log';

function expectDomException(call: () => unknown, name: string): void {
  let thrown: unknown;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(DOMException);
  expect((thrown as DOMException).name).toBe(name);
}

describe('the arguments of close() (WebSockets §3.1, WebIDL [Clamp])', () => {
  const refused = [
    ...[0, 1, 999, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 1015, 1016],
    ...[2000, 2999, 5000, 65_535, -1, 65_536 + 1000, 65_536 + 3000, 1e9, Number.POSITIVE_INFINITY, Number.NaN],
    ...[null, false, true, 'reason only', '', {}, '1001', 4999.6, Number.NEGATIVE_INFINITY],
  ];
  test.each(refused)('the code %j is an InvalidAccessError, and nothing closes', async (code) => {
    const webSocket = connecting('ws://127.0.0.1:1');
    expectDomException(() => webSocket.close(code as number), 'InvalidAccessError');
    expectDomException(() => webSocket.close(code as number, 'x'.repeat(124)), 'InvalidAccessError');
    expect(webSocket.readyState).toBe(0);
  });

  test.each([
    [1000, 1000],
    [3000, 3000],
    [3999, 3999],
    [4000, 4000],
    [4999, 4999],
    ['1000', 1000],
    ['0xBB8', 3000],
    [999.5, 1000],
    [1000.5, 1000],
    [2999.5, 3000],
    [3000.5, 3000],
    [3001.5, 3002],
    [[3000], 3000],
    [{ valueOf: (): number => 4000 }, 4000],
  ])('the code %j is sent as %i: a half goes to the even number', async (code, status) => {
    const { webSocket, peer } = await pair();
    webSocket.close(code as number);
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(status);
  });

  const rounding = oursOnly('undici rounds down, and takes a BigInt');
  rounding.each([[999.4], [1000.6], [2999.4]])('the code %j is an InvalidAccessError: it is rounded', (code) => {
    expectDomException(() => connecting('ws://127.0.0.1:1').close(code), 'InvalidAccessError');
  });

  rounding('the code 4998.7 is sent as 4999', async () => {
    const { webSocket, peer } = await pair();
    webSocket.close(4998.7);
    expect(statusOf(await peer.readFrameOf(CLOSE))).toBe(4999);
  });

  rounding.each([[Symbol('a')], [1000n], [{ valueOf: () => ({}), toString: () => ({}) }]])(
    'the code %s is a TypeError',
    (code) => {
      expect(() => connecting('ws://127.0.0.1:1').close(code as never)).toThrow(TypeError);
    },
  );

  test('a reason of 124 bytes is a SyntaxError, and nothing closes', () => {
    const webSocket = connecting('ws://127.0.0.1:1');
    for (const reason of [
      'x'.repeat(124),
      'ä'.repeat(62),
      '€'.repeat(42),
      '\u{1f600}'.repeat(31),
      '\ud800'.repeat(42),
    ]) {
      expectDomException(() => webSocket.close(1000, reason), 'SyntaxError');
      expectDomException(() => webSocket.close(undefined, reason), 'SyntaxError');
    }
    expect(webSocket.readyState).toBe(0);
  });

  test.each([
    ['', ''],
    ['bye', 'bye'],
    ['x'.repeat(123), 'x'.repeat(123)],
    ['ä'.repeat(61), 'ä'.repeat(61)],
    ['€'.repeat(41), '€'.repeat(41)],
    ['a\ud800b\udc00', 'a\ufffdb\ufffd'],
    ['\u{1f600}', '\u{1f600}'],
    [7, '7'],
    [null, 'null'],
    [undefined, ''],
  ])('the reason %j is sent as %j', async (reason, text) => {
    const { webSocket, peer } = await pair();
    webSocket.close(3000, reason as string);
    expect((await peer.readFrameOf(CLOSE)).payload.subarray(2).toString()).toBe(text);
  });

  test.each([[[]], [[undefined]], [[undefined, undefined]], [[undefined, '']]])(
    'without a code (%j) the close frame is empty',
    async (values) => {
      const { webSocket, peer } = await pair();
      webSocket.close(...(values as []));
      expect((await peer.readFrameOf(CLOSE)).payload.length).toBe(0);
    },
  );

  test('a reason that cannot be converted is a TypeError, before the code is looked at', () => {
    const webSocket = connecting('ws://127.0.0.1:1');
    expect(() => webSocket.close(1001, Symbol('a') as never)).toThrow(TypeError);
  });
});

describe('close() in each state (WebSockets §3.1 "close the WebSocket")', () => {
  const inTask = oursOnly('undici fires within close()');
  inTask('while it connects: it fails, closing at once, and never opens', async () => {
    const server = await rawServer('ws');
    const webSocket = connecting(server.url);
    const log = logOf(webSocket, ({ type }) => `${type} ${webSocket.readyState}`);
    webSocket.close(3000, 'not needed');
    log.write(`called ${webSocket.readyState}`);
    await log.until('close 3');
    expect(log.events).toEqual(['called 2', 'error 3', 'close 3']);
  });

  inTask('while the server thinks about its answer, with a code: error, then 1006', async () => {
    const server = await rawServer('ws');
    const webSocket = connecting(server.url);
    const log = logOf(webSocket);
    const peer = await server.peer();
    await peer.readHead();
    webSocket.close(3000, 'bye');
    expect([webSocket.readyState, log.events]).toEqual([2, []]);
    await log.until('close 1006 false');
    expect(log.events).toEqual(['error', 'close 1006 false']);
    await peer.end();
  });

  test('while it is open: once; the code of the peer is that of the event', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket);
    webSocket.close(3000, 'first');
    webSocket.close(3001, 'second');
    webSocket.close();
    expect(webSocket.readyState).toBe(2);
    const { payload } = await peer.readFrameOf(CLOSE);
    expect(payload.subarray(2).toString()).toBe('first');
    peer.write(closeFrame(4000, 'of the peer'));
    peer.socket.end();
    await log.until('close 4000 true of the peer');
    expect(log.events).toEqual(['close 4000 true of the peer']);
  });

  test('while it closes and when it is closed: nothing, but arguments count', async () => {
    const server = await echoServer('ws');
    const webSocket = await opened(server.url);
    const log = logOf(webSocket);
    webSocket.close();
    webSocket.close(4000);
    expectDomException(() => webSocket.close(1), 'InvalidAccessError');
    await once(webSocket, 'close');
    webSocket.close();
    webSocket.close(1000, 'late');
    expectDomException(() => webSocket.close(1), 'InvalidAccessError');
    expectDomException(() => webSocket.close(1000, 'x'.repeat(124)), 'SyntaxError');
    await setImmediate();
    expect([webSocket.readyState, log.events]).toEqual([3, ['close 1005 true']]);
  });

  test('in the event open', async () => {
    const server = await echoServer('ws');
    const webSocket = connecting(server.url);
    const log = logOf(webSocket);
    webSocket.onopen = () => webSocket.close(3000, 'seen');
    await log.until('close 3000 true seen');
    expect(log.events).toEqual(['open', 'close 3000 true seen']);
  });

  test('in the events error and close', async () => {
    const webSocket = connecting(`ws://127.0.0.1:${await closedPort()}`);
    const log = logOf(webSocket);
    webSocket.onerror = () => webSocket.close();
    webSocket.onclose = () => webSocket.close(3000);
    await log.until('close 1006 false');
    await setImmediate();
    expect(log.events).toEqual(['error', 'close 1006 false']);
  });
});
