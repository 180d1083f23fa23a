// The WHATWG face as an EventTarget (DOM §2.7 to §2.10) and its event handler attributes (HTML §8.1.8.1): who is called, how
// often, in which order, with what. Each holds for messages that come and for events that a program dispatches.

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { wsServer } from '../support/servers';
import { oursOnly, type WebSocket } from '../support/web-classes';
import { connecting, opened } from '../support/web-log';

/** Makes the WebSocket fire so many messages, one behind the other, and waits for all of them. */
type Fire = (count: number) => Promise<void>;

/** Both ways in which listeners are called. */
const WAYS = {
  'of messages that come': async (): Promise<[WebSocket, Fire]> => {
    const server = await wsServer('ws');
    const [webSocket, peer] = await Promise.all([opened(server.url), server.nextSocket()]);
    const fire: Fire = async (count) => {
      for (let i = 0; i < count; i += 1) {
        // Behind the message; a listener of ours would change what is tested.
        peer.send('a');
        peer.ping();
        await once(peer, 'pong');
      }
    };
    return [webSocket, fire];
  },
  'of messages that a program dispatches': async (): Promise<[WebSocket, Fire]> => {
    const webSocket = connecting('ws://127.0.0.1:1');
    const fire: Fire = async (count) => {
      for (let i = 0; i < count; i += 1) webSocket.dispatchEvent(new Event('message'));
    };
    return [webSocket, fire];
  },
};

describe.each(Object.entries(WAYS))('listeners %s', (_name, begin) => {
  const appended = oursOnly('Node.js calls those added at the end of its list, and takes capture for no part of a key');
  const attributes = oursOnly('undici removes and adds a listener whenever an attribute is set');

  /** Runs a script on a WebSocket, fires so often, and gives what the script has written down. */
  async function linesOf(
    script: (webSocket: WebSocket, write: (line: string) => () => void) => void,
    count = 1,
  ): Promise<string[]> {
    const [webSocket, fire] = await begin();
    const lines: string[] = [];
    script(webSocket, (line) => () => void lines.push(line));
    await fire(count);
    return lines;
  }

  test('are called in the order in which they were added (DOM §2.9)', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', write('a'));
      webSocket.addEventListener('message', write('b'));
      webSocket.addEventListener('message', write('c'));
    }, 2);
    expect(lines).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('have the WebSocket as `this`, and one argument', async () => {
    const [webSocket, fire] = await begin();
    const seen: unknown[] = [];
    webSocket.addEventListener('message', function (this: unknown, ...values: unknown[]) {
      seen.push(this, values.length);
    });
    await fire(1);
    expect(seen[0]).toBe(webSocket);
    expect(seen[1]).toBe(1);
  });

  test('capture or not, at a target they are called together (DOM §2.9)', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', write('bubbles'));
      webSocket.addEventListener('message', write('captures'), true);
    });
    expect(lines.sort()).toEqual(['bubbles', 'captures']);
  });

  test('are there once per type, callback and capture (DOM §2.7)', async () => {
    const lines = await linesOf((webSocket, write) => {
      const listener = write('a');
      webSocket.addEventListener('message', listener);
      webSocket.addEventListener('message', listener, false);
      webSocket.addEventListener('message', listener, { once: true });
      webSocket.addEventListener('message', listener, { capture: false, passive: true });
      webSocket.addEventListener('message', listener, true);
      webSocket.addEventListener('message', listener, { capture: true });
    }, 2);
    expect(lines).toEqual(['a', 'a', 'a', 'a']);
  });

  appended('are removed by type, callback and capture', async () => {
    const lines = await linesOf((webSocket, write) => {
      const [a, b, c] = [write('a'), write('b'), write('c')];
      webSocket.addEventListener('message', a);
      webSocket.addEventListener('message', b, true);
      webSocket.addEventListener('message', c, { once: true });
      webSocket.removeEventListener('message', a, true);
      webSocket.removeEventListener('message', b);
      webSocket.removeEventListener('open', a);
      webSocket.removeEventListener('message', write('a'));
      webSocket.removeEventListener('message', c);
      webSocket.removeEventListener('message', null);
    });
    expect(lines.sort()).toEqual(['a', 'b']);
  });

  appended('once: are called once, and may be added again', async () => {
    const lines = await linesOf((webSocket, write) => {
      const again = write('again');
      const listener = (): void => {
        again();
        webSocket.addEventListener('message', again, { once: true });
      };
      webSocket.addEventListener('message', listener, { once: true });
      webSocket.addEventListener('message', write('always'));
    }, 3);
    expect(lines).toEqual(['again', 'always', 'always', 'again', 'always']);
  });

  test('once: are removed before they are called (DOM §2.9 "inner invoke")', async () => {
    const [webSocket] = await begin();
    let count = 0;
    const listener = (): void => {
      count += 1;
      if (count < 3) webSocket.dispatchEvent(new Event('message'));
    };
    webSocket.addEventListener('message', listener, { once: true });
    webSocket.dispatchEvent(new Event('message'));
    expect(count).toBe(1);
  });

  test('signal: aborted before, they are not added; later, they are removed', async () => {
    const later = new AbortController();
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', write('never'), { signal: AbortSignal.abort() });
      webSocket.addEventListener('message', write('once'), { signal: later.signal });
      webSocket.addEventListener('message', () => later.abort());
      webSocket.addEventListener('message', write('behind'), { signal: later.signal });
      webSocket.addEventListener('message', write('always'));
    }, 2);
    expect(lines).toEqual(['once', 'always', 'always']);
  });

  test('removed while they are dispatched, are not called any more', async () => {
    const lines = await linesOf((webSocket, write) => {
      const [b, c] = [write('b'), write('c')];
      webSocket.addEventListener('message', () => webSocket.removeEventListener('message', b));
      webSocket.addEventListener('message', b);
      webSocket.addEventListener('message', c);
    }, 2);
    expect(lines).toEqual(['c', 'c']);
  });

  test('that remove themselves do not make the next one be left out', async () => {
    const lines = await linesOf((webSocket, write) => {
      const a = (): void => {
        write('a')();
        webSocket.removeEventListener('message', a);
      };
      webSocket.addEventListener('message', a);
      webSocket.addEventListener('message', write('b'));
    }, 2);
    expect(lines).toEqual(['a', 'b', 'b']);
  });

  appended('added while they are dispatched, are called from the next event on', async () => {
    const lines = await linesOf((webSocket, write) => {
      const late = write('late');
      webSocket.addEventListener('message', () => webSocket.addEventListener('message', late));
      webSocket.addEventListener('message', write('a'));
    }, 2);
    expect(lines).toEqual(['a', 'a', 'late']);
  });

  test('that remove and add another are called with it in its new place', async () => {
    const lines = await linesOf((webSocket, write) => {
      const [a, b] = [write('a'), write('b')];
      webSocket.addEventListener('message', a);
      webSocket.addEventListener('message', b);
      webSocket.removeEventListener('message', a);
      webSocket.addEventListener('message', a);
    });
    expect(lines).toEqual(['b', 'a']);
  });

  test('stopImmediatePropagation leaves out the rest of one event', async () => {
    const lines = await linesOf((webSocket, write) => {
      let count = 0;
      webSocket.addEventListener('message', (event) => {
        count += 1;
        if (count === 1) (event as Event).stopImmediatePropagation();
      });
      webSocket.addEventListener('message', write('a'));
      webSocket.onmessage = write('b');
    }, 2);
    expect(lines).toEqual(['a', 'b']);
  });

  test('stopPropagation leaves out none: there is one target', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', (event) => (event as Event).stopPropagation());
      webSocket.addEventListener('message', write('a'));
    });
    expect(lines).toEqual(['a']);
  });

  test('handleEvent is looked up at each call, and has its object as `this`', async () => {
    const [webSocket, fire] = await begin();
    const lines: unknown[] = [];
    const listener = {
      handleEvent(this: unknown): void {
        lines.push('first', this === listener);
        listener.handleEvent = () => void lines.push('second');
      },
    };
    webSocket.addEventListener('message', listener);
    await fire(2);
    expect(lines).toEqual(['first', true, 'second']);
  });

  test('a function is called itself, whatever its handleEvent', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', Object.assign(write('called'), { handleEvent: write('not') }));
    });
    expect(lines).toEqual(['called']);
  });

  test('null and undefined are no listeners', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', null);
      webSocket.addEventListener('message', undefined as never);
      webSocket.addEventListener('message', write('a'));
    });
    expect(lines).toEqual(['a']);
  });

  attributes('an attribute has its place among them from when it was first set (HTML §8.1.8.1)', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', write('a'));
      webSocket.onmessage = write('first');
      webSocket.addEventListener('message', write('b'));
      webSocket.onmessage = write('second');
    });
    expect(lines).toEqual(['a', 'second', 'b']);
  });

  test('an attribute set to null loses its place', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.onmessage = write('first');
      webSocket.addEventListener('message', write('a'));
      webSocket.onmessage = null;
      webSocket.onmessage = write('second');
    });
    expect(lines).toEqual(['a', 'second']);
  });

  attributes('an attribute and the same function as a listener are two', async () => {
    const lines = await linesOf((webSocket, write) => {
      const listener = write('a');
      webSocket.onmessage = listener;
      webSocket.addEventListener('message', listener);
      webSocket.removeEventListener('message', listener);
      webSocket.addEventListener('message', listener);
    });
    expect(lines).toEqual(['a', 'a']);
  });

  attributes('an attribute set while it is dispatched is what is called', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', () => {
        webSocket.onmessage = write('second');
      });
      webSocket.onmessage = write('first');
    });
    expect(lines).toEqual(['second']);
  });

  test('an attribute set to null while it is dispatched is not called', async () => {
    const lines = await linesOf((webSocket, write) => {
      webSocket.addEventListener('message', () => {
        webSocket.onmessage = null;
      });
      webSocket.onmessage = write('not');
    });
    expect(lines).toEqual([]);
  });
});
