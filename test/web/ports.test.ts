// Where a WebSocket of the WHATWG face does not connect to (Fetch §2.9 "bad ports"), and when it waits for others that connect to
// the same place (RFC 6455 §4.1: "There MUST be no more than one connection in a CONNECTING state").

import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { RawPeer } from '../support/raw-peer';
import { rawServer } from '../support/servers';
import { isControl, oursOnly, WebSocket, type WebSocketInit } from '../support/web-classes';
import { connecting, logOf, opened } from '../support/web-log';

const BAD_PORTS = [
  ...[0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109],
  ...[
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531,
  ],
  ...[532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060],
  ...[5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080],
];

/** Where connections would have gone, and the option that finds it out; undici has none such. */
function watchLookups(): { lookups: string[]; options: WebSocketInit } {
  const lookups: string[] = [];
  const lookup = (hostname: string, _options: object, done: (error: Error) => void): void => {
    lookups.push(hostname);
    done(new Error('There is no such host.'));
  };
  return { lookups, options: isControl ? {} : { tls: { lookup: lookup as never } } };
}

describe('a bad port (Fetch §2.9)', () => {
  test.each(BAD_PORTS)(
    '%i is a connection that fails without an attempt, in a task of its own, and no error of the constructor',
    async (port) => {
      const { lookups, options } = watchLookups();
      const webSocket = connecting(`ws://some.invalid:${port}/`, options);
      const log = logOf(webSocket);
      expect([webSocket.url, webSocket.readyState]).toEqual([`ws://some.invalid:${port}/`, 0]);
      if (!isControl) await Promise.resolve(); // undici fires in a microtask
      expect(log.events).toEqual([]);
      await log.until('close 1006 false');
      expect([log.events, webSocket.readyState, lookups]).toEqual([['error', 'close 1006 false'], 3, []]);
    },
  );

  oursOnly('undici has no such option')('is none with another scheme, either; others are looked up', async () => {
    const { lookups, options } = watchLookups();
    for (const address of [
      'wss://a.invalid:22/',
      'http://b.invalid:22/',
      'https://c.invalid:22/',
      'ws://d.invalid:24/',
    ]) {
      await once(connecting(address, options), 'close');
    }
    expect(lookups).toEqual(['d.invalid']);
  });

  test('may be closed by the program before it fails', async () => {
    const webSocket = connecting('ws://127.0.0.1:22/');
    const log = logOf(webSocket);
    webSocket.close(3000, 'not needed');
    expect(webSocket.readyState).toBe(2);
    await log.until('close 1006 false');
    await setImmediate();
    expect(log.events).toEqual(['error', 'close 1006 false']);
  });
});

const turns = oursOnly('undici does not wait');

describe('one connection at a time is on its way to a host and port (RFC 6455 §4.1)', () => {
  turns('the next one begins when the one before is open', async () => {
    const server = await rawServer('ws');
    const webSockets = ['a', 'b', 'c'].map((path) => connecting(`${server.url}/${path}`));
    const paths: string[] = [];
    for (const [index, webSocket] of webSockets.entries()) {
      const isOpen = once(webSocket, 'open');
      const peer = await server.peer();
      const head = await peer.readHead();
      paths.push(head.slice(0, head.indexOf(' HTTP')));
      // Whoever did not wait would have come before this one.
      const stranger = connect(server.port, '127.0.0.1');
      await once(stranger, 'connect');
      await server.peer();
      stranger.destroy();
      expect(server.count).toBe(2 * index + 2);
      expect(webSockets.map(({ readyState }) => readyState)).toEqual([0, 1, 2].map((i) => (i < index ? 1 : 0)));
      peer.write(Buffer.from(RawPeer.answer(head)));
      await isOpen;
    }
    expect(paths).toEqual(['GET /a', 'GET /b', 'GET /c']);
  });

  turns('the next one begins when the one before has failed', async () => {
    const server = await rawServer('ws');
    const [first, second] = [connecting(server.url), connecting(`${server.url}/next`)];
    const failed = once(first!, 'close');
    (await server.peer()).socket.destroy();
    await failed;
    const isOpen = once(second!, 'open');
    await server.acceptedPeer();
    await isOpen;
  });

  turns('the next one begins when the one before was closed by the program', async () => {
    const server = await rawServer('ws');
    const [first, second] = [connecting(server.url), connecting(server.url)];
    await (await server.peer()).readHead();
    first!.close();
    const isOpen = once(second!, 'open');
    await server.acceptedPeer();
    await isOpen;
  });

  turns('one that is closed while it waits never connects', async () => {
    const server = await rawServer('ws');
    const [first, second, third] = [1, 2, 3].map((i) => connecting(`${server.url}/${i}`));
    const log = logOf(second!);
    second!.close();
    expect(second!.readyState).toBe(2);
    await log.until('close 1006 false');
    expect(log.events).toEqual(['error', 'close 1006 false']);
    const isOpen = once(first!, 'open');
    await server.acceptedPeer();
    await isOpen;
    expect(await (await server.peer()).readHead()).toMatch(/^GET \/3 /);
    expect([server.count, third!.readyState]).toEqual([2, 0]);
  });

  test('others do not wait: another port, and the same place once it is open', async () => {
    const [one, other] = [await rawServer('ws'), await rawServer('ws')];
    const waiting = connecting(one.url);
    await (await one.peer()).readHead();
    const isOpen = once(connecting(other.url), 'open');
    await other.acceptedPeer();
    await isOpen;
    expect(waiting.readyState).toBe(WebSocket.CONNECTING);
    const again = opened(other.url);
    await other.acceptedPeer();
    await again;
  });
});
