// Values of another realm, and of classes in the place of the runtime's, on the WHATWG face.

import { once } from 'node:events';
import { expect, test } from 'vitest';
import { MessageEvent, WebSocket, WebSocketStream } from '../../src/web';
import { BLOBS, FOREIGN_BYTES, foreign, replaceBlob, UnreadableBlob } from '../support/foreign-values';
import { BINARY, frame } from '../support/raw-peer';
import { echoServer, rawServer } from '../support/servers';
import { connecting, pair } from '../support/web-log';

const ADDRESS = 'ws://127.0.0.1:1/';

test.each(FOREIGN_BYTES.filter(([name]) => name !== 'a SharedArrayBuffer'))('%s is sent as bytes', async (_, make) => {
  const { webSocket, peer } = await pair();
  webSocket.send(make() as BufferSource);
  const { first, payload } = await peer.readFrame();
  expect([first, [...payload]]).toEqual([BINARY, [1, 2, 3]]);
});

test.each(BLOBS)('a Blob is sent as bytes: %s', async (_, make) => {
  const blob = make();
  replaceBlob(class Blob {});
  const { webSocket, peer } = await pair();
  webSocket.send(blob);
  const { first, payload } = await peer.readFrame();
  expect([first, [...payload]]).toEqual([BINARY, [1, 2, 3]]);
});

test('a Blob that cannot be read is an error, and no text', async () => {
  const { webSocket } = await pair();
  expect(() => webSocket.send(new UnreadableBlob() as unknown as Blob)).toThrow(
    new TypeError('A Blob without arrayBuffer() cannot be read.'),
  );
});

const { Blob: RuntimeBlob } = globalThis;

test.each([
  ['of the global class, if that keeps what it is given', class extends RuntimeBlob {}, true],
  ['else of the runtime’s own', class Blob {}, false],
  ['else of the runtime’s own', class Blob extends UnreadableBlob {}, false],
])('a received Blob is %s', async (_, Class, isOfClass) => {
  replaceBlob(Class);
  const { webSocket, peer } = await pair();
  const told = once(webSocket, 'message');
  peer.write(frame(BINARY, Uint8Array.of(1, 2, 3)));
  const [{ data }] = (await told) as [{ data: Blob }];
  expect([data instanceof Class, [...new Uint8Array(await data.arrayBuffer())]]).toEqual([isOfClass, [1, 2, 3]]);
});

/** As jsdom has one. */
function signalLike(): AbortSignal & { abort(): void } {
  const target = new EventTarget();
  return Object.assign(Object.create(null) as object, {
    aborted: false,
    reason: new Error('given up'),
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    abort(this: { aborted: boolean }) {
      this.aborted = true;
      target.dispatchEvent(new Event('abort'));
    },
  }) as never;
}

test('an AbortSignal of another class removes listeners, and ends an attempt', async () => {
  const webSocket = connecting(ADDRESS);
  const signal = signalLike();
  let calls = 0;
  webSocket.addEventListener('mine', () => calls++, { signal });
  webSocket.dispatchEvent(new Event('mine'));
  signal.abort();
  webSocket.dispatchEvent(new Event('mine'));
  expect(calls).toBe(1);

  const server = await rawServer('ws');
  const other = signalLike();
  const stream = new WebSocketStream(server.url, { signal: other });
  await server.peer();
  other.abort();
  await expect(stream.opened).rejects.toBe(other.reason);
  expect(() => new WebSocket(ADDRESS).addEventListener('a', () => {}, { signal: {} as AbortSignal })).toThrow(
    TypeError,
  );
});

test('a URL of another class is taken by its text', async () => {
  const server = await echoServer('ws');
  const webSocket = new WebSocket({ toString: () => `${server.url}/path` } as URL);
  await once(webSocket, 'open');
  expect(webSocket.url).toBe(`${server.url}/path`);
  webSocket.close();
});

test('subprotocols and headers of another realm are lists and dictionaries', async () => {
  const server = await rawServer('ws');
  connecting(server.url, foreign('({ protocols: ["a", "b"], headers: [["X-One", "1"]] })'));
  const head = await (await server.peer()).readHead();
  expect(head).toMatch(/Sec-WebSocket-Protocol: a, b\r\n/);
  expect(head).toMatch(/X-One: 1\r\n/);
});

/** As jsdom has it: the members are on a prototype that is none of the runtime's. */
class EventLike {
  cancelBubble = false;
  defaultPrevented = false;
  readonly #type: string;
  constructor(type: string) {
    this.#type = type;
  }
  get type(): string {
    return this.#type;
  }
  get target(): null {
    return null;
  }
  get currentTarget(): null {
    return null;
  }
  get eventPhase(): number {
    return 0;
  }
  preventDefault(): void {
    this.defaultPrevented = true;
  }
  stopImmediatePropagation(): void {
    this.cancelBubble = true;
  }
}

const eventLike = (type: string): Event => new EventLike(type) as unknown as Event;

test('an event of another class is dispatched, and says what is true of it', () => {
  const webSocket = connecting(ADDRESS);
  const event = eventLike('mine');
  const heard: unknown[] = [];
  webSocket.addEventListener('mine', function (this: unknown, told: Event) {
    heard.push(this === webSocket, told === event, told.target === webSocket, told.currentTarget === webSocket);
    heard.push(told.eventPhase, told.composedPath().length);
  });
  expect(webSocket.dispatchEvent(event)).toBe(true);
  expect(heard).toEqual([true, true, true, true, 2, 1]);
  expect([event.target === webSocket, event.currentTarget, event.eventPhase]).toEqual([true, null, 0]);
});

test('an event of another class may be cancelled and stopped, and is dispatched once at a time', () => {
  const webSocket = connecting(ADDRESS);
  const calls: string[] = [];
  webSocket.addEventListener('mine', (event: Event) => event.preventDefault(), { passive: true });
  webSocket.addEventListener('mine', () => calls.push('once'), { once: true });
  webSocket.addEventListener('mine', (event: Event) => {
    calls.push('first');
    expect(() => webSocket.dispatchEvent(event)).toThrow(/being dispatched/);
  });
  const first = eventLike('mine');
  expect([webSocket.dispatchEvent(first), first.defaultPrevented]).toEqual([true, false]);
  webSocket.addEventListener('mine', (event: Event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  webSocket.addEventListener('mine', () => calls.push('never'));
  expect(webSocket.dispatchEvent(eventLike('mine'))).toBe(false);
  const stopped = Object.assign(eventLike('mine'), { cancelBubble: true });
  expect(webSocket.dispatchEvent(stopped)).toBe(true);
  expect(calls).toEqual(['once', 'first', 'first']);
});

test('messages of another class reach onmessage', () => {
  const webSocket = connecting(ADDRESS);
  const heard: unknown[] = [];
  webSocket.onmessage = ({ data }) => heard.push(data);
  webSocket.dispatchEvent(Object.assign(eventLike('message'), { data: 'theirs' }));
  webSocket.dispatchEvent(new MessageEvent('message', { data: 'ours' }));
  expect(heard).toEqual(['theirs', 'ours']);
});

test('what is no event is refused', () => {
  const webSocket = connecting(ADDRESS);
  for (const value of [{}, { type: 'a' }, null, 'a']) {
    expect(() => webSocket.dispatchEvent(value as Event)).toThrow(TypeError);
  }
});

test('bytes of another realm are written to a stream', async () => {
  const server = await rawServer('ws');
  const stream = new WebSocketStream(server.url);
  const peer = await server.acceptedPeer();
  const { writable } = await stream.opened;
  await writable.getWriter().write(foreign('new Uint8Array([1, 2, 3]).buffer'));
  expect([...(await peer.readFrame()).payload]).toEqual([1, 2, 3]);
  stream.close();
});

test('bytes that were transferred cannot be written to a stream', async () => {
  const server = await echoServer('ws');
  const stream = new WebSocketStream(server.url);
  const { writable } = await stream.opened;
  const bytes = new Uint8Array(3);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  await expect(writable.getWriter().write(bytes)).rejects.toThrow(/^The ArrayBuffer is detached/);
});
