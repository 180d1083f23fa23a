// CloseEvent of the WHATWG face (WebSockets §6): its constructor, its dictionary and its members.

import { describe, expect, test } from 'vitest';
import { CloseEvent, isControl, MessageEvent, oursOnly } from '../support/web-classes';

/** As programs without types see it. */
const Class = CloseEvent as unknown as new (...values: unknown[]) => Record<string, unknown> & Event;

/** For what the CloseEvents of some runtimes do otherwise, which stand in for ours where they exist. */
const ownOnly = test.skipIf(isControl || CloseEvent === globalThis.CloseEvent);

const DEFAULTS = { wasClean: false, code: 0, reason: '' };

oursOnly('those of undici are its own')(
  'CloseEvent is the class of the runtime, if it has one; MessageEvent extends its',
  () => {
    expect(Object.getPrototypeOf(MessageEvent)).toBe(globalThis.MessageEvent);
    expect(CloseEvent).toBe(globalThis.CloseEvent ?? CloseEvent);
  },
);

describe('CloseEvent (WebSockets §6)', () => {
  test('has its name, its length, its tag and its parent (WebIDL §3.7.1)', () => {
    expect([Class.name, Class.length, Object.getPrototypeOf(Class)]).toEqual(['CloseEvent', 1, Event]);
    expect(String(new Class('a'))).toBe('[object CloseEvent]');
    expect(Object.getOwnPropertyDescriptor(Class.prototype, Symbol.toStringTag)).toMatchObject({
      writable: false,
      enumerable: false,
      configurable: true,
    });
  });

  test('needs a type, and new', () => {
    expect(() => new Class()).toThrow(TypeError);
    expect(() => new Class(Symbol('a'))).toThrow(TypeError);
    expect(() => (Class as unknown as (type: string) => void)('a')).toThrow(TypeError);
  });

  test.each([[undefined], [null], [{}], [{ other: 1 }], [Object.assign(() => {}, {})]])(
    'has the defaults of its dictionary for %j (WebIDL §3.2.17)',
    (init) => {
      const event = new Class('a', init);
      expect(Object.fromEntries(Object.keys(DEFAULTS).map((key) => [key, event[key]]))).toEqual(DEFAULTS);
      expect([event.type, event.bubbles, event.cancelable, event.composed, event.isTrusted]).toEqual([
        'a',
        false,
        false,
        false,
        false,
      ]);
    },
  );

  test.each([[7], ['text'], [true], [Symbol('a')]])('refuses %s as a dictionary', (init) => {
    expect(() => new Class('a', init)).toThrow(TypeError);
  });

  test('takes the dictionary of Event, too (DOM §2.5)', () => {
    const { type, bubbles, cancelable, composed, isTrusted } = new Class('b', {
      bubbles: true,
      cancelable: 1,
      composed: 'yes',
    });
    expect([type, bubbles, cancelable, composed, isTrusted]).toEqual(['b', true, true, true, false]);
  });

  test.each(Object.keys(DEFAULTS))('has a read-only attribute %s on its prototype', (attribute) => {
    const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(Class.prototype, attribute)!;
    expect([get!.name, get!.length, set, enumerable, configurable]).toEqual([
      `get ${attribute}`,
      0,
      undefined,
      true,
      true,
    ]);
    expect(() => get!.call({})).toThrow(TypeError);
    expect(() => get!.call(new Event('a'))).toThrow(TypeError);
    expect(() => get!.call(Class.prototype)).toThrow(TypeError);
  });

  test('converts its type to a string, once', () => {
    let count = 0;
    const type = {
      toString: () => {
        count += 1;
        return 'c';
      },
    };
    expect(new Class(type).type).toBe('c');
    expect(count).toBe(1);
  });

  test('is dispatched by a target that knows only Event', () => {
    const target = new EventTarget();
    const heard: unknown[] = [];
    target.addEventListener('d', (event) => heard.push(event));
    const event = new Class('d');
    expect(target.dispatchEvent(event)).toBe(true);
    expect(heard).toEqual([event]);
  });
});

describe('CloseEventInit (WebSockets §6)', () => {
  test('is what the event says', () => {
    const { wasClean, code, reason } = new CloseEvent('close', { wasClean: true, code: 3001, reason: 'bye' });
    expect([wasClean, code, reason]).toEqual([true, 3001, 'bye']);
  });

  ownOnly.each([
    [65_535, 65_535],
    [65_536, 0],
    [65_537, 1],
    [-1, 65_535],
    [1.9, 1],
    [-1.9, 65_535],
    ['0x10', 16],
    [Number.NaN, 0],
    [Number.POSITIVE_INFINITY, 0],
    [undefined, 0],
    [null, 0],
    [true, 1],
    [2 ** 32 + 5, 5],
  ])('code %j is %i: an unsigned short, modulo 65536 (WebIDL §3.2.4.2)', (code, is) => {
    expect(new CloseEvent('close', { code: code as number }).code).toBe(is);
  });

  ownOnly('code is a TypeError for what is no number', () => {
    expect(() => new CloseEvent('close', { code: Symbol('a') as never })).toThrow(TypeError);
    expect(() => new CloseEvent('close', { code: 7n as never })).toThrow(TypeError);
  });

  test.each([
    [7, '7'],
    [null, 'null'],
    [undefined, ''],
    ['a\ud800b', 'a\ufffdb'],
    ['\udc00\ud800', '\ufffd\ufffd'],
    ['\u{1f600}', '\u{1f600}'],
  ])('reason %j is %j: a USVString', (reason, is) => {
    expect(new CloseEvent('close', { reason: reason as string }).reason).toBe(is);
  });

  test.each([
    [1, true],
    ['', false],
    [{}, true],
    [null, false],
    [undefined, false],
  ])('wasClean %j is %j: a boolean', (wasClean, is) => {
    expect(new CloseEvent('close', { wasClean: wasClean as boolean }).wasClean).toBe(is);
  });
});

oursOnly('that of undici is its own')('MessageEvent makes events of the runtime, which say what they are given', () => {
  const target = new EventTarget();
  const heard: Event[] = [];
  target.addEventListener('a', (event) => heard.push(event));
  const event = new MessageEvent('a', { data: 1, origin: 'o', lastEventId: 'id' });
  expect(Object.getPrototypeOf(event)).toBe(MessageEvent.prototype);
  expect(event).toBeInstanceOf(globalThis.MessageEvent);
  expect(String(event)).toBe('[object MessageEvent]');
  expect([event.type, event.data, event.origin, event.lastEventId, event.source, event.ports.length]).toEqual([
    ...['a', 1, 'o', 'id', null, 0],
  ]);
  expect([target.dispatchEvent(event), event.isTrusted, event.target]).toEqual([true, false, target]);
  expect(heard).toEqual([event]);
  expect([MessageEvent.name, MessageEvent.length, new MessageEvent('b').data]).toEqual(['MessageEvent', 1, null]);
  expect(() => (MessageEvent as unknown as (type: string) => void)('a')).toThrow(TypeError);
  expect(() => new (MessageEvent as unknown as new () => Event)()).toThrow(TypeError);
  class Own extends MessageEvent<string> {}
  const own = new Own('c', { data: 'd' });
  expect([own instanceof Own, own instanceof MessageEvent, own.data, own.type]).toEqual([true, true, 'd', 'c']);
  for (const [name, { get }] of Object.entries(Object.getOwnPropertyDescriptors(MessageEvent.prototype))) {
    if (get !== undefined && name !== 'isTrusted') expect(() => get.call({}), name).toThrow(TypeError);
  }
});
