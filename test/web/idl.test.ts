// The shape that WebIDL gives to the classes of the WHATWG face (WebSockets §3.1, §3.2 IDL; WebIDL §3.7): what reflection shows
// of them.

import { describe, expect, test } from 'vitest';
import { oursOnly, WebSocket } from '../support/web-classes';
import { connecting } from '../support/web-log';

const ADDRESS = 'ws://127.0.0.1:1/';
const CONSTANTS = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
const READ_ONLY = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol'] as const;
const HANDLERS = ['onopen', 'onerror', 'onclose', 'onmessage'] as const;
const METHODS = { close: 0, send: 1 } as const;

function descriptorOf(object: object, name: PropertyKey): PropertyDescriptor {
  return Object.getOwnPropertyDescriptor(object, name)!;
}

/** What WebIDL says of itself of a function: its name, its length, and that neither is written to. */
function expectFunction(value: unknown, name: string, length: number): void {
  expect(value).toBeTypeOf('function');
  expect([(value as () => void).name, (value as () => void).length]).toEqual([name, length]);
}

/** Values that have none of the class's own state. */
const STRANGERS = {
  'an object': {},
  'the prototype': WebSocket.prototype,
  'an EventTarget': new EventTarget(),
  'an object with that prototype': Object.create(WebSocket.prototype),
  null: null,
  undefined,
  'a number': 7,
};

describe('the interface object WebSocket (WebIDL §3.7.1)', () => {
  test('has the name and the length of its constructor', () => {
    expectFunction(WebSocket, 'WebSocket', 1);
    for (const name of ['name', 'length']) {
      expect(descriptorOf(WebSocket, name)).toMatchObject({ writable: false, enumerable: false, configurable: true });
    }
  });

  test('inherits from EventTarget', () => {
    expect(Object.getPrototypeOf(WebSocket)).toBe(EventTarget);
  });

  test('has a prototype that nobody replaces', () => {
    expect(descriptorOf(WebSocket, 'prototype')).toEqual({
      value: WebSocket.prototype,
      writable: false,
      enumerable: false,
      configurable: false,
    });
  });

  test('enumerates its constants, and nothing else', () => {
    expect(Object.keys(WebSocket).sort()).toEqual(Object.keys(CONSTANTS).sort());
    expect(Reflect.ownKeys(WebSocket).sort()).toEqual(
      [...Object.keys(CONSTANTS), 'length', 'name', 'prototype'].sort(),
    );
  });

  test('is called with new only', () => {
    expect(() => (WebSocket as unknown as (url: string) => void)(ADDRESS)).toThrow(TypeError);
    expect(() => Reflect.apply(WebSocket, {}, [ADDRESS])).toThrow(TypeError);
  });

  test.each(Object.entries(CONSTANTS))(
    '%s is %i there, on the prototype and on instances (WebIDL §3.7.3)',
    (name, value) => {
      for (const place of [WebSocket, WebSocket.prototype]) {
        expect(descriptorOf(place, name)).toEqual({ value, writable: false, enumerable: true, configurable: false });
      }
      expect(Reflect.get(connecting(ADDRESS), name)).toBe(value);
      expect(Reflect.set(WebSocket, name, 9)).toBe(false);
    },
  );
});

describe('the interface prototype object (WebIDL §3.7.3)', () => {
  test('has these members, in whatever order', () => {
    expect(Object.keys(WebSocket.prototype).sort()).toEqual(
      [...READ_ONLY, ...HANDLERS, 'binaryType', ...Object.keys(METHODS), ...Object.keys(CONSTANTS)].sort(),
    );
  });

  oursOnly('undici has them where they are inherited from')(
    'has no other own property but what its listeners and console.log need',
    () => {
      const own = Reflect.ownKeys(WebSocket.prototype).filter(
        (key) => !descriptorOf(WebSocket.prototype, key).enumerable && key !== 'constructor',
      );
      expect(own).toEqual([
        'addEventListener',
        'removeEventListener',
        'dispatchEvent',
        // How it is printed.
        Symbol.for('nodejs.util.inspect.custom'),
        Symbol.toStringTag,
      ]);
    },
  );

  test('inherits from that of EventTarget', () => {
    expect(Object.getPrototypeOf(WebSocket.prototype)).toBe(EventTarget.prototype);
  });

  test('has its constructor', () => {
    expect(descriptorOf(WebSocket.prototype, 'constructor')).toEqual({
      value: WebSocket,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  });

  test('has the tag WebSocket', () => {
    expect(descriptorOf(WebSocket.prototype, Symbol.toStringTag)).toEqual({
      value: 'WebSocket',
      writable: false,
      enumerable: false,
      configurable: true,
    });
    expect(String(connecting(ADDRESS))).toBe('[object WebSocket]');
  });

  test.each(READ_ONLY)('%s is a read-only attribute', (name) => {
    const { get, set, enumerable, configurable } = descriptorOf(WebSocket.prototype, name);
    expectFunction(get, `get ${name}`, 0);
    expect([set, enumerable, configurable]).toEqual([undefined, true, true]);
  });

  test.each([...HANDLERS, 'binaryType'])('%s is an attribute', (name) => {
    const { get, set, enumerable, configurable } = descriptorOf(WebSocket.prototype, name);
    expectFunction(get, `get ${name}`, 0);
    expectFunction(set, `set ${name}`, 1);
    expect([enumerable, configurable]).toEqual([true, true]);
  });

  test.each(Object.entries(METHODS))('%s is a method that needs %i arguments', (name, length) => {
    const { value, writable, enumerable, configurable } = descriptorOf(WebSocket.prototype, name);
    expectFunction(value, name, length);
    expect([writable, enumerable, configurable]).toEqual([true, true, true]);
  });

  test.each(['addEventListener', 'removeEventListener', 'dispatchEvent'] as const)(
    '%s has the name and the length of that of EventTarget',
    (name) => {
      expectFunction(WebSocket.prototype[name], name, EventTarget.prototype[name].length);
    },
  );

  test('addEventListener, removeEventListener and dispatchEvent need their arguments (DOM §2.7)', () => {
    // biome-ignore lint/suspicious/noExplicitAny: what types forbid
    const target = connecting(ADDRESS) as any;
    expect(() => target.addEventListener('open')).toThrow(TypeError);
    expect(() => target.removeEventListener('open')).toThrow(TypeError);
    expect(() => target.dispatchEvent()).toThrow(TypeError);
    expect(() => target.addEventListener(Symbol('a'), () => {})).toThrow(TypeError);
  });

  test.each(Object.entries(STRANGERS))(
    'all members throw a TypeError on %s (WebIDL §3.7.6, §3.7.7)',
    (_name, stranger) => {
      for (const name of [...READ_ONLY, ...HANDLERS, 'binaryType']) {
        expect(() => descriptorOf(WebSocket.prototype, name).get!.call(stranger), `get ${name}`).toThrow(TypeError);
      }
      for (const name of HANDLERS) {
        expect(() => descriptorOf(WebSocket.prototype, name).set!.call(stranger, null), `set ${name}`).toThrow(
          TypeError,
        );
        expect(() => descriptorOf(WebSocket.prototype, name).set!.call(stranger, () => {}), `set ${name}`).toThrow(
          TypeError,
        );
      }
      for (const type of ['blob', 'arraybuffer', 'other']) {
        expect(() => descriptorOf(WebSocket.prototype, 'binaryType').set!.call(stranger, type)).toThrow(TypeError);
      }
      expect(() => WebSocket.prototype.close.call(stranger as never)).toThrow(TypeError);
      expect(() => WebSocket.prototype.close.call(stranger as never, 1001)).toThrow(TypeError);
      expect(() => WebSocket.prototype.send.call(stranger as never, 'a')).toThrow(TypeError);
    },
  );
});

describe('an instance (WebSockets §3.1)', () => {
  test('has no property of its own', () => {
    expect(Object.keys(connecting(ADDRESS))).toEqual([]);
    expect(Object.getOwnPropertyNames(connecting(ADDRESS))).toEqual([]);
  });

  test('enumerates what its prototype has', () => {
    const names: string[] = [];
    for (const name in connecting(ADDRESS)) names.push(name);
    expect(names).toEqual(expect.arrayContaining([...READ_ONLY, ...HANDLERS, 'binaryType', 'send', 'close', 'OPEN']));
  });

  test.each(READ_ONLY)('%s cannot be written to', (name) => {
    const webSocket = connecting(ADDRESS);
    const before = webSocket[name];
    expect(Reflect.set(webSocket, name, 'other')).toBe(false);
    expect(webSocket[name]).toBe(before);
  });

  test('is of a subclass, with what that adds', () => {
    class Chat extends WebSocket {
      readonly room = 'lobby';
      override get url(): string {
        return `chat of ${super.url}`;
      }
    }
    const chat = new Chat(ADDRESS);
    expect([chat instanceof Chat, chat instanceof WebSocket, chat.room, chat.url, chat.readyState]).toEqual([
      true,
      true,
      'lobby',
      `chat of ${ADDRESS}`,
      0,
    ]);
    chat.close();
  });

  test('is made by Reflect.construct with another prototype', () => {
    function Other(): void {}
    Other.prototype = Object.create(WebSocket.prototype);
    const made = Reflect.construct(WebSocket, [ADDRESS], Other) as WebSocket;
    expect(Object.getPrototypeOf(made)).toBe(Other.prototype);
    expect(made.url).toBe(ADDRESS);
    made.close();
  });
});

describe('event handler attributes (HTML §8.1.8.1)', () => {
  test.each(HANDLERS)('%s takes what can be called', (name) => {
    const webSocket = connecting(ADDRESS);
    for (const callable of [() => {}, async () => {}, class {}, Math.max, new Proxy(() => {}, {})]) {
      webSocket[name] = callable as never;
      expect(webSocket[name]).toBe(callable);
    }
  });

  test.each(HANDLERS)('%s is null for what is no object', (name) => {
    const webSocket = connecting(ADDRESS);
    for (const value of [null, undefined, 0, 7, '', 'text', true, Symbol('a'), 7n]) {
      webSocket[name] = () => {};
      webSocket[name] = value as never;
      expect(webSocket[name]).toBeNull();
    }
  });

  oursOnly('undici takes functions only; [LegacyTreatNonObjectAsNull] (WebIDL §3.3.10) speaks of objects')(
    'takes an object that cannot be called, which then does nothing',
    () => {
      const webSocket = connecting(ADDRESS);
      const value = { handleEvent: () => expect.unreachable() };
      webSocket.onopen = value as never;
      expect(webSocket.onopen).toBe(value);
      expect(webSocket.dispatchEvent(new Event('open'))).toBe(true);
    },
  );
});

describe('binaryType (WebSockets §3.1; WebIDL §3.7.6)', () => {
  oursOnly('undici takes blob for all others')('takes its two values, and passes over all others', () => {
    const webSocket = connecting(ADDRESS);
    const taken = ['arraybuffer', 'nodebuffer', '', 'Blob', 'ARRAYBUFFER', null, undefined, 7, 'blob', 'fragments'].map(
      (value) => {
        webSocket.binaryType = value as never;
        return webSocket.binaryType;
      },
    );
    expect(taken).toEqual([...Array(8).fill('arraybuffer'), 'blob', 'blob']);
  });

  oursOnly('undici does not convert')('throws for what has no string', () => {
    const webSocket = connecting(ADDRESS);
    expect(() => {
      webSocket.binaryType = Symbol('blob') as never;
    }).toThrow(TypeError);
  });
});
