// One signal behind many attempts, sockets and listeners: it is listened to once, and by nobody when nobody waits any more.

import { getEventListeners, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { whenAborted } from '../../src/runtime/abort';
import { WebSocket, WebSocketStream } from '../../src/web';
import { closedPort, echoServer, rawServer } from '../support/servers';

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

const warnings: Error[] = [];
const onWarning = (warning: Error): void => void warnings.push(warning);

beforeEach(() => {
  warnings.length = 0;
  process.on('warning', onWarning);
});
afterEach(() => {
  process.off('warning', onWarning);
});

/** Warnings are told in a later tick. */
async function warned(): Promise<string[]> {
  await new Promise((resolve) => setImmediate(resolve));
  return warnings.map(({ name }) => name);
}

describe('whenAborted', () => {
  it('calls each once, in their order, the same function as often as it waits', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const a = (): void => void told.push('a');
    whenAborted(controller.signal, a);
    whenAborted(controller.signal, () => told.push('b'));
    whenAborted(controller.signal, a);
    expect(listenersOf(controller.signal)).toBe(1);
    controller.abort();
    expect([told, listenersOf(controller.signal)]).toEqual([['a', 'b', 'a'], 0]);
  });

  it('does not call whoever has let go, even during the abort', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const gone = whenAborted(controller.signal, () => told.push('gone'));
    whenAborted(controller.signal, () => letGo());
    const letGo = whenAborted(controller.signal, () => told.push('let go of'));
    gone();
    gone();
    controller.abort();
    expect(told).toEqual([]);
  });

  it('lets go of the signal with the last one, and listens again for the next', () => {
    const controller = new AbortController();
    const told: string[] = [];
    const [one, other] = [whenAborted(controller.signal, () => {}), whenAborted(controller.signal, () => {})];
    one();
    expect(listenersOf(controller.signal)).toBe(1);
    other();
    expect(listenersOf(controller.signal)).toBe(0);
    whenAborted(controller.signal, () => told.push('again'));
    // Of a callback that is gone already: it must not take the new one's listener along.
    other();
    controller.abort();
    expect(told).toEqual(['again']);
  });

  it('never calls for a signal that is aborted already', () => {
    let isCalled = false;
    whenAborted(AbortSignal.abort(), () => {
      isCalled = true;
    })();
    expect(isCalled).toBe(false);
  });
});

describe('one signal', () => {
  it('is listened to once by 2,000 attempts, 50 at a time, and by nobody behind them', async () => {
    const { signal } = new AbortController();
    const url = `ws://127.0.0.1:${await closedPort()}`;
    let most = 0;
    const attempt = (): Promise<void> =>
      new Promise((resolve) => {
        const connection = new AsyncTcpConnection(url, { signal });
        connection.onError = () => {};
        connection.onClose = () => resolve();
        connection.connect();
        most = Math.max(most, listenersOf(signal));
      });
    for (let done = 0; done < 2_000; done += 50) await Promise.all(Array.from({ length: 50 }, attempt));
    expect([most, listenersOf(signal), await warned()]).toEqual([1, 0, []]);
  });

  it('ends all attempts behind it', async () => {
    const controller = new AbortController();
    const server = await rawServer('ws');
    const ends = Array.from({ length: 20 }, () => {
      const connection = server.client('/', { signal: controller.signal });
      connection.onError = () => {};
      const end = new Promise<number>((resolve) => {
        connection.onClose = (_connection, { code }) => resolve(code);
      });
      connection.connect();
      return end;
    });
    controller.abort();
    expect(await Promise.all(ends)).toEqual(Array.from({ length: 20 }, () => 1006));
    expect([listenersOf(controller.signal), await warned()]).toEqual([0, []]);
  });

  it('is let go of by streams that are open, that failed, and that could not begin', async () => {
    const { signal } = new AbortController();
    const server = await echoServer('ws');
    const open = Array.from({ length: 12 }, () => new WebSocketStream(server.url, { signal }));
    expect(listenersOf(signal)).toBe(1);
    await Promise.all(open.map(({ opened }) => opened));
    expect(listenersOf(signal)).toBe(0);
    const failing = new WebSocketStream(`ws://127.0.0.1:${await closedPort()}`, { signal });
    await expect(failing.closed).rejects.toThrow();
    expect(() => new WebSocketStream(server.url, { signal, headers: { Upgrade: 'x' } })).toThrow(TypeError);
    for (const stream of open) stream.close();
    await Promise.all(open.map(({ closed }) => closed));
    expect([listenersOf(signal), await warned()]).toEqual([0, []]);
  });
});

describe('the signal of a listener', () => {
  it('is let go of when the listener is removed, has fired once, or its socket is closed', async () => {
    const { signal } = new AbortController();
    const url = `ws://127.0.0.1:${await closedPort()}`;
    for (let i = 0; i < 20; i += 1) {
      const webSocket = new WebSocket(url);
      const removed = (): void => {};
      webSocket.addEventListener('close', removed, { signal });
      webSocket.removeEventListener('close', removed);
      webSocket.addEventListener('error', () => {}, { signal, once: true });
      webSocket.addEventListener('message', () => {}, { signal });
      webSocket.addEventListener('close', () => {}, { signal });
      expect(listenersOf(signal)).toBe(1);
      await once(webSocket, 'close');
      await new Promise((resolve) => setImmediate(resolve));
      expect(listenersOf(signal)).toBe(0);
    }
    expect(await warned()).toEqual([]);
  });

  it('removes the listener, also when the socket is closed already', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const webSocket = new WebSocket(`ws://127.0.0.1:${await closedPort()}`);
    const told: string[] = [];
    const listener = (event: Event): void => void told.push(event.type);
    webSocket.addEventListener('mine', listener, { signal });
    await once(webSocket, 'close');
    webSocket.addEventListener('later', listener, { signal });
    for (const type of ['mine', 'later']) webSocket.dispatchEvent(new Event(type));
    controller.abort();
    for (const type of ['mine', 'later']) webSocket.dispatchEvent(new Event(type));
    expect(told).toEqual(['mine', 'later']);
    // It is gone: it can be added again, without a signal.
    webSocket.addEventListener('mine', listener);
    webSocket.dispatchEvent(new Event('mine'));
    expect(told).toEqual(['mine', 'later', 'mine']);
  });
});
