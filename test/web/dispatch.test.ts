// Events that a program dispatches on a WebSocket of the WHATWG face (DOM §2.7, §2.9), and what listeners throw (DOM §2.10
// "report").

import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { ChildProgram } from '../support/child-program';
import { wsServer } from '../support/servers';
import { CloseEvent, isControl, MessageEvent, oursOnly, type WebSocket } from '../support/web-classes';
import { connecting, opened } from '../support/web-log';

const ADDRESS = 'ws://127.0.0.1:1/';

describe('an event of a program (DOM §2.9)', () => {
  test.each(['open', 'message', 'error', 'close', 'mine', '', '__proto__', 'constructor'])(
    'of the type %j reaches the listeners of that type',
    (type) => {
      const webSocket = connecting(ADDRESS);
      const heard: Event[] = [];
      webSocket.addEventListener(type, (event: Event) => heard.push(event));
      webSocket.addEventListener(`${type}2`, (event: Event) => heard.push(event));
      const event = new Event(type);
      expect(webSocket.dispatchEvent(event)).toBe(true);
      expect(heard).toEqual([event]);
      expect(heard[0]).toBe(event);
    },
  );

  test('says what is true of it while it is dispatched, and behind that', () => {
    const webSocket = connecting(ADDRESS);
    const seen: unknown[] = [];
    const event = new Event('mine', { bubbles: true, composed: true });
    webSocket.addEventListener('mine', () => {
      seen.push(event.target === webSocket, event.currentTarget === webSocket, event.eventPhase, event.isTrusted);
      seen.push(event.composedPath().length === 1, event.composedPath()[0] === webSocket);
    });
    expect([event.target, event.eventPhase, event.composedPath()]).toEqual([null, Event.NONE, []]);
    webSocket.dispatchEvent(event);
    expect(seen).toEqual([true, true, Event.AT_TARGET, false, true, true]);
    expect([event.target === webSocket, event.eventPhase, event.composedPath()]).toEqual([true, Event.NONE, []]);
  });

  test.each([
    [{ cancelable: true }, false, true],
    [{ cancelable: false }, true, false],
  ])('with %j may be cancelled accordingly: dispatchEvent gives %j', (init, result, prevented) => {
    const webSocket = connecting(ADDRESS);
    webSocket.addEventListener('mine', (event: Event) => event.preventDefault());
    const event = new Event('mine', init);
    expect(webSocket.dispatchEvent(event)).toBe(result);
    expect(event.defaultPrevented).toBe(prevented);
  });

  oursOnly('Node.js does not know of passive listeners')('is not cancelled by a passive listener', () => {
    const webSocket = connecting(ADDRESS);
    webSocket.addEventListener('mine', (event: Event) => event.preventDefault(), { passive: true });
    const event = new Event('mine', { cancelable: true });
    expect([webSocket.dispatchEvent(event), event.defaultPrevented]).toEqual([true, false]);
  });

  oursOnly('undici takes attributes for listeners')(
    'is cancelled by an attribute that returns false (HTML §8.1.8.1 "event handler processing algorithm")',
    () => {
      const webSocket = connecting(ADDRESS);
      const returned: unknown[] = [true, 0, null, undefined, '', false];
      const results = returned.map((value) => {
        webSocket.onmessage = () => value;
        return webSocket.dispatchEvent(new Event('message', { cancelable: true }));
      });
      expect(results).toEqual([true, true, true, true, true, false]);
    },
  );

  test('is not cancelled by a listener that returns false', () => {
    const webSocket = connecting(ADDRESS);
    webSocket.addEventListener('message', () => false);
    expect(webSocket.dispatchEvent(new Event('message', { cancelable: true }))).toBe(true);
  });

  test('may be dispatched again, here and elsewhere', () => {
    const [one, other] = [connecting(ADDRESS), connecting(ADDRESS)];
    const targets: (EventTarget | null)[] = [];
    for (const webSocket of [one, other]) {
      webSocket.addEventListener('mine', (event: Event) => targets.push(event.target));
    }
    const event = new Event('mine');
    one.dispatchEvent(event);
    one.dispatchEvent(event);
    other.dispatchEvent(event);
    expect([targets[0] === one, targets[1] === one, targets[2] === other, targets.length]).toEqual([
      true,
      true,
      true,
      3,
    ]);
  });

  oursOnly('Node.js has an error of its own')(
    'that is being dispatched is an error of its dispatch (DOM §2.7 "InvalidStateError")',
    () => {
      const webSocket = connecting(ADDRESS);
      const thrown: unknown[] = [];
      webSocket.addEventListener('mine', (event: Event) => {
        try {
          webSocket.dispatchEvent(event);
        } catch (error) {
          thrown.push(error);
        }
      });
      webSocket.dispatchEvent(new Event('mine'));
      expect(thrown).toEqual([expect.any(DOMException)]);
      expect(thrown[0]).toMatchObject({ name: 'InvalidStateError', code: 11 });
    },
  );

  test('of another type may be dispatched within', () => {
    const webSocket = connecting(ADDRESS);
    const lines: string[] = [];
    webSocket.addEventListener('outer', () => {
      lines.push('outer');
      webSocket.dispatchEvent(new Event('inner'));
      lines.push('outer ends');
    });
    webSocket.addEventListener('inner', () => lines.push('inner'));
    webSocket.dispatchEvent(new Event('outer'));
    expect(lines).toEqual(['outer', 'inner', 'outer ends']);
  });

  test('keeps its class and what it has of its own', () => {
    const webSocket = connecting(ADDRESS);
    const heard: unknown[] = [];
    webSocket.onmessage = (event) => heard.push(event.data);
    webSocket.onclose = (event) => heard.push(event.code, event.reason);
    webSocket.dispatchEvent(new MessageEvent('message', { data: { mine: true } }));
    webSocket.dispatchEvent(new CloseEvent('close', { code: 3000, reason: 'mine' }));
    expect(heard).toEqual([{ mine: true }, 3000, 'mine']);
    expect(webSocket.readyState).toBe(0);
  });

  test.each([[null], [undefined], [{}], [{ type: 'message' }], ['message'], [7]])(
    '%j is none: a TypeError',
    (value) => {
      expect(() => connecting(ADDRESS).dispatchEvent(value as never)).toThrow(TypeError);
    },
  );
});

describe('an event of ours that a program dispatches again', () => {
  /** A message that has been told. */
  async function toldMessage(): Promise<[WebSocket, MessageEvent]> {
    const server = await wsServer('ws', (socket) => socket.send('a'));
    const webSocket = connecting(server.url);
    const [event] = (await once(webSocket, 'message')) as [MessageEvent];
    return [webSocket, event];
  }

  test('reaches listeners again, and is not trusted any more (DOM §2.7)', async () => {
    const [webSocket, event] = await toldMessage();
    const seen: unknown[] = [];
    webSocket.addEventListener('message', (again) => seen.push(again === event, again.data, again.isTrusted));
    expect(webSocket.dispatchEvent(event)).toBe(true);
    expect(seen).toEqual([true, 'a', false]);
  });

  test('is not dispatched within its own dispatch', async () => {
    const server = await wsServer('ws', (socket) => socket.send('a'));
    const webSocket = connecting(server.url);
    const thrown = await new Promise((resolve) => {
      webSocket.onmessage = (event) => {
        try {
          webSocket.dispatchEvent(event);
        } catch (error) {
          resolve(error);
        }
      };
    });
    expect(thrown).toBeInstanceOf(Error);
  });

  oursOnly('undici has events that any target takes')('is taken by another WebSocket', async () => {
    const [, event] = await toldMessage();
    const other = connecting(ADDRESS);
    const heard: unknown[] = [];
    other.onmessage = ({ data, target }) => heard.push(data, target === other);
    other.dispatchEvent(event);
    expect(heard).toEqual(['a', true]);
  });
});

test('once() of node:events takes a WebSocket for the EventTarget that it is, with a signal', async () => {
  const server = await wsServer('ws', (socket) => socket.send('a'));
  const webSocket = await opened(server.url);
  const controller = new AbortController();
  const waits = once(webSocket, 'close', { signal: controller.signal });
  controller.abort();
  await expect(waits).rejects.toMatchObject({ name: 'AbortError' });
});

/** A program that connects to a server that sends `a` and `b`, and ends when both have been heard, or the close. */
function programOf(url: string, script: string): ChildProgram {
  const entry = isControl ? 'undici' : 'wsimd/web';
  return new ChildProgram(`
    import { WebSocket } from '${entry}';
    process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin));
    const webSocket = new WebSocket('${url}');
    webSocket.addEventListener('close', () => console.log('close'));
    ${script}
  `);
}

describe('what a listener throws (DOM §2.10, HTML "report the exception")', () => {
  const scripts: Record<string, { script: string; lines: string[] }> = {
    'the only listener': {
      script: `webSocket.onmessage = ({ data }) => { console.log(data); throw new Error('of ' + data); };`,
      lines: ['a', 'b', 'caught of a', 'caught of b', 'close'],
    },
    'the first of two': {
      script: `webSocket.addEventListener('message', ({ data }) => { throw new Error('of ' + data); });
        webSocket.addEventListener('message', ({ data }) => console.log(data));`,
      lines: ['a', 'b', 'caught of a', 'caught of b', 'close'],
    },
    'a handleEvent that is none': {
      script: `webSocket.addEventListener('open', { handleEvent: 7 }); webSocket.onmessage = ({ data }) => console.log(data);`,
      lines: ['a', 'b', 'caught handleEvent', 'close'],
    },
    'a listener of open': {
      script: `webSocket.onopen = () => { throw new Error('of open'); }; webSocket.onmessage = ({ data }) => console.log(data);`,
      lines: ['a', 'b', 'caught of open', 'close'],
    },
    'a listener of an event of the program': {
      script: `webSocket.addEventListener('mine', () => { throw new Error('of mine'); });
        console.log('dispatched', webSocket.dispatchEvent(new Event('mine')));`,
      lines: ['caught of mine', 'close', 'dispatched true'],
    },
  };
  const names = isControl
    ? Object.keys(scripts).filter((name) => !name.startsWith('a handleEvent'))
    : Object.keys(scripts);
  test.each(names)('%s: goes to uncaughtException, and harms nobody else', async (name) => {
    const server = await wsServer('ws', (socket) => {
      for (const text of ['a', 'b']) socket.send(text);
      socket.close(1000);
    });
    const { script, lines } = scripts[name]!;
    const program = programOf(server.url, script);
    expect(await program.exit).toBe(0);
    const written = program.output
      .trim()
      .split('\n')
      .map((line) => line.replace(/ uncaughtException$/, ''));
    expect(written.map((line) => line.replace(/(caught).*handleEvent.*/, '$1 handleEvent')).sort()).toEqual(lines);
  });

  test('a promise that is rejected goes to unhandledRejection', async () => {
    const server = await wsServer('ws', (socket) => socket.close(1000));
    const program = programOf(
      server.url,
      `process.on('unhandledRejection', (reason) => console.log('unhandled', reason.message));
       webSocket.onopen = async () => { await null; throw new Error('later'); };`,
    );
    expect(await program.exit).toBe(0);
    expect(program.output.trim().split('\n').sort()).toEqual([
      ...(isControl ? ['caught later uncaughtException'] : []),
      'close',
      ...(isControl ? [] : ['unhandled later']),
    ]);
  });
});
