// The events of the WHATWG face: their order, their classes and what they say (WebSockets §4, DOM §2.2, HTML §9.2).

import { once } from 'node:events';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { BINARY, closeFrame, frame, TEXT } from '../support/raw-peer';
import { echoServer, rawServer, wsServer } from '../support/servers';
import { CloseEvent, isControl, MessageEvent, oursOnly, type WebSocket } from '../support/web-classes';
import { connecting, logOf, nextData, opened, pair } from '../support/web-log';

/** Each kind of event of one connection, and what it was when it was heard. */
async function allEvents<Seen>(
  see: (event: Event, webSocket: WebSocket) => Seen,
): Promise<{ events: Event[]; seen: Seen[] }> {
  const server = await rawServer('ws');
  const webSocket = connecting(server.url);
  const events: Event[] = [];
  const seen: Seen[] = [];
  for (const type of ['open', 'message', 'error', 'close'] as const) {
    webSocket.addEventListener(type, (event: Event) => {
      events.push(event);
      seen.push(see(event, webSocket));
    });
  }
  const closed = once(webSocket, 'close');
  const peer = await server.acceptedPeer();
  // Fails the connection behind two messages.
  peer.write(frame(TEXT, 'text'), frame(BINARY, 'bytes'), frame(0x83));
  peer.socket.end();
  await closed;
  expect(events.map(({ type }) => type)).toEqual(['open', 'message', 'message', 'error', 'close']);
  return { events, seen };
}

describe('each event (DOM §2.2)', () => {
  test('is of its class', async () => {
    const { events } = await allEvents(() => {});
    const [open, text, bytes, error, close] = events as [Event, Event, Event, Event, Event];
    for (const event of events) expect(event).toBeInstanceOf(Event);
    for (const event of [text, bytes]) expect(event).toBeInstanceOf(MessageEvent);
    expect(close).toBeInstanceOf(CloseEvent);
    for (const event of [open, error]) {
      expect([event instanceof MessageEvent, event instanceof CloseEvent]).toEqual([false, false]);
    }
    expect([open.constructor, text.constructor, close.constructor]).toEqual([Event, MessageEvent, CloseEvent]);
  });

  test('is tagged as such', async () => {
    const { events } = await allEvents(() => {});
    const [open, , , , close] = events.map((event) => Object.prototype.toString.call(event));
    expect([open, close]).toEqual(['[object Event]', '[object CloseEvent]']);
  });

  oursOnly('undici has no tags on some runtimes')('names its class as a string', async () => {
    const { events } = await allEvents(() => {});
    expect(events.map(String)).toEqual([
      ...['[object Event]', '[object MessageEvent]', '[object MessageEvent]', '[object Event]', '[object CloseEvent]'],
    ]);
  });

  test('has the prototype of the public class', async () => {
    const { events } = await allEvents(() => {});
    const classes = [Event, MessageEvent, MessageEvent, Event, CloseEvent];
    expect(events.map((event, i) => Object.getPrototypeOf(event) === classes[i]!.prototype)).toEqual(
      Array(5).fill(true),
    );
  });

  oursOnly('undici makes them with the constructor of Event, which trusts nothing')('is trusted', async () => {
    expect((await allEvents((event) => event.isTrusted)).seen).toEqual(Array(5).fill(true));
  });

  test('does not bubble, cannot be cancelled, does not leave a shadow tree', async () => {
    const { events, seen } = await allEvents((event) => {
      event.preventDefault();
      return [event.bubbles, event.cancelable, event.composed, event.defaultPrevented, event.returnValue];
    });
    expect(seen).toEqual(Array(5).fill([false, false, false, false, true]));
    expect(events.map(({ defaultPrevented }) => defaultPrevented)).toEqual(Array(5).fill(false));
  });

  test('has the WebSocket as its target, and in its path while it is dispatched', async () => {
    const { events, seen } = await allEvents((event, webSocket) => [
      event.target === webSocket,
      event.srcElement === webSocket,
      event.currentTarget === webSocket,
      event.eventPhase,
      event.composedPath().length === 1 && event.composedPath()[0] === webSocket,
    ]);
    expect(seen).toEqual(Array(5).fill([true, true, true, Event.AT_TARGET, true]));
    if (isControl) return; // Node.js leaves currentTarget as it was.
    for (const event of events) {
      expect(event.target).not.toBeNull();
      expect([event.currentTarget, event.eventPhase, event.composedPath()]).toEqual([null, Event.NONE, []]);
    }
  });

  test('has a time that never goes back, and stays', async () => {
    const before = performance.now();
    const { events, seen } = await allEvents((event) => event.timeStamp);
    const after = performance.now();
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    expect(seen[0]).toBeGreaterThanOrEqual(before);
    expect(seen.at(-1)).toBeLessThanOrEqual(after);
    expect(events.map(({ timeStamp }) => timeStamp)).toEqual(seen);
  });

  test('has no own property that can be written to', async () => {
    const { events } = await allEvents(() => {});
    for (const event of events) {
      for (const name of ['type', 'target', 'currentTarget', 'timeStamp', 'eventPhase', 'defaultPrevented']) {
        expect(Reflect.set(event, name, 'other'), name).toBe(false);
      }
    }
  });

  oursOnly('undici has those of the runtime')('is printed with its class and what it says', async () => {
    const { events, seen } = await allEvents((event) =>
      inspect(event, { breakLength: Infinity }).replace(/timeStamp: [\d.]+/, 'timeStamp'),
    );
    expect(seen).toEqual([
      "Event { type: 'open', timeStamp }",
      "MessageEvent { type: 'message', data: 'text', timeStamp }",
      "MessageEvent { type: 'message', data: Blob { size: 5, type: '' }, timeStamp }",
      expect.stringMatching(/^(Error)?Event \{\s+type: 'error',\s+message: 'The frame has .*',\s+error: WsimdError: /s),
      "CloseEvent { type: 'close', wasClean: false, code: 1006, reason: '', timeStamp }",
    ]);
    expect(inspect({ a: { b: { c: events[0] } } }, { depth: 2 })).toContain('[Event]');
    expect(inspect(events[0], { depth: null })).toMatch(/^Event \{/);
  });

  test('has what stops it, and says so', async () => {
    const { seen } = await allEvents((event) => {
      const before = event.cancelBubble;
      event.stopPropagation();
      return [before, event.cancelBubble];
    });
    expect(seen).toEqual(Array(5).fill([false, true]));
  });

  test('forgets behind its dispatch that it was stopped', async () => {
    const { events } = await allEvents((event) => event.stopPropagation());
    expect(events.map(({ cancelBubble }) => cancelBubble)).toEqual(Array(5).fill(false));
  });

  oursOnly('those of undici are of the runtime, whose EventTarget calls listeners all the same')(
    'reaches nobody when it was stopped before it is dispatched anew, and somebody afterwards',
    async () => {
      const { events } = await allEvents(() => {});
      const target = connecting('ws://127.0.0.1:1');
      for (const event of events) {
        let calls = 0;
        target.addEventListener(event.type, () => (calls += 1));
        event.stopPropagation();
        const isWanted = target.dispatchEvent(event);
        expect([isWanted, calls, event.cancelBubble, event.eventPhase]).toEqual([true, 0, false, 0]);
        target.dispatchEvent(event);
        expect([calls, event.isTrusted]).toEqual([1, false]);
      }
    },
  );

  test('is over when its listener has thrown', async () => {
    const { webSocket, peer } = await pair();
    const closed = once(webSocket, 'close');
    const events: Event[] = [];
    const thrown: unknown[] = [];
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error));
    webSocket.onmessage = (event) => {
      events.push(event);
      throw events.length;
    };
    peer.write(frame(TEXT, 'a'), frame(TEXT, 'b'), closeFrame(1000));
    await closed;
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
    expect(thrown).toEqual([1, 2]);
    expect(events.map(({ eventPhase, currentTarget }) => [eventPhase, currentTarget])).toEqual(
      Array(2).fill([0, null]),
    );
  });
});

describe('a message (WebSockets §4, HTML §9.2.3)', () => {
  test.each(['type', 'data', 'lastEventId', 'source'] as const)('has its %s', async (name) => {
    const { webSocket, peer } = await pair();
    const next = once(webSocket, 'message');
    peer.write(frame(TEXT, 'text'));
    const [event] = (await next) as [MessageEvent];
    expect(event[name]).toBe({ type: 'message', data: 'text', lastEventId: '', source: null }[name]);
  });

  oursOnly('undici has the origin of http:')('has the origin of the URL', async () => {
    const server = await wsServer('ws', (socket) => socket.send('a'));
    const [event] = (await once(connecting(`${server.url}/path?query`), 'message')) as [MessageEvent];
    expect(event.origin).toBe(server.url);
  });

  test('has no ports, in a list that is always the same and frozen', async () => {
    const { webSocket, peer } = await pair();
    const next = once(webSocket, 'message');
    peer.write(frame(TEXT, 'text'));
    const [event] = (await next) as [MessageEvent];
    expect(event.ports).toEqual([]);
    expect(event.ports).toBe(event.ports);
    expect(Object.isFrozen(event.ports)).toBe(true);
  });

  test('cannot be written to, and has no member that none has', async () => {
    const { webSocket, peer } = await pair();
    const next = once(webSocket, 'message');
    peer.write(frame(TEXT, 'text'));
    const [event] = (await next) as [MessageEvent];
    for (const name of ['data', 'origin', 'ports', 'source', 'lastEventId']) {
      expect(Reflect.set(event, name, 'other'), name).toBe(false);
    }
    expect(event.data).toBe('text');
    expect(Reflect.get(event, 'code')).toBeUndefined();
  });

  test('is kept by who keeps it', async () => {
    const server = await echoServer('ws');
    const webSocket = await opened(server.url);
    webSocket.binaryType = 'arraybuffer';
    const kept: MessageEvent[] = [];
    webSocket.addEventListener('message', (event) => kept.push(event));
    const log = logOf(webSocket);
    for (const byte of [1, 2, 3]) webSocket.send(Uint8Array.of(byte));
    await log.until('message <1 bytes>', 3);
    expect(kept.map(({ data }) => new Uint8Array(data as ArrayBuffer)[0])).toEqual([1, 2, 3]);
  });
});

describe('the order of events (WebSockets §4)', () => {
  test('is that of the frames', async () => {
    const server = await rawServer('ws');
    const log = logOf(connecting(server.url));
    const peer = await server.peer();
    const texts = Array.from({ length: 100 }, (_, i) => `${i}`);
    await peer.accept(...texts.map((text) => frame(TEXT, text)), closeFrame(1000));
    peer.socket.end();
    await log.until('close 1000 true');
    expect(log.events).toEqual(['open', ...texts.map((text) => `message ${text}`), 'close 1000 true']);
  });

  test('is never that of the call: the constructor, send() and close() fire nothing', async () => {
    const server = await echoServer('ws');
    const webSocket = connecting(server.url);
    const log = logOf(webSocket);
    log.write('made');
    await log.until('open');
    webSocket.send('a');
    log.write('sent');
    await log.until('message a');
    webSocket.close();
    log.write('closed');
    await log.until('close 1005 true');
    expect(log.events).toEqual(['made', 'open', 'sent', 'message a', 'closed', 'close 1005 true']);
  });

  test('is the same for all listeners of one event before any of the next', async () => {
    const { webSocket, peer } = await pair();
    const log = logOf(webSocket, () => 'log');
    for (const name of ['first', 'second']) {
      webSocket.addEventListener('message', ({ data }) => log.write(`${name} ${data}`));
    }
    peer.write(frame(TEXT, 'a'), frame(TEXT, 'b'));
    await log.until('second b');
    expect(log.events).toEqual(['log', 'first a', 'second a', 'log', 'first b', 'second b']);
  });
});

describe('whoever awaits each event', () => {
  const turns = oursOnly('undici tells all messages of a segment in one task');

  turns('loses no message of one segment', async () => {
    const server = await rawServer('ws');
    const webSocket = connecting(server.url);
    void server.peer().then((peer) => peer.accept(...['1', '2', '3', '4'].map((text) => frame(TEXT, text))));
    await once(webSocket, 'open');
    const texts = [];
    for (let i = 0; i < 4; i += 1) texts.push(await nextData(webSocket));
    expect(texts).toEqual(['1', '2', '3', '4']);
  });

  turns('loses none behind some that others have heard', async () => {
    const { webSocket, peer } = await pair();
    const heard: unknown[] = [];
    webSocket.addEventListener('message', (event) => heard.push(event.data));
    peer.write(...['1', '2', '3', '4'].map((text) => frame(TEXT, text)));
    const texts = [];
    for (let i = 0; i < 4; i += 1) texts.push(await nextData(webSocket));
    expect([texts, heard]).toEqual([
      ['1', '2', '3', '4'],
      ['1', '2', '3', '4'],
    ]);
  });

  test('loses no close behind a message', async () => {
    const { webSocket, peer } = await pair();
    peer.write(frame(TEXT, 'last'), closeFrame(1000, 'bye'));
    peer.socket.end();
    expect(await nextData(webSocket)).toBe('last');
    const [event] = (await once(webSocket, 'close')) as [globalThis.CloseEvent];
    expect(event.reason).toBe('bye');
  });
});
