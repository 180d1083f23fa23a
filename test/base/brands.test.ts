// What something is, of whatever realm it comes (src/base/brands.ts): asked of things of this realm, of another one (a vm context
// has classes of its own for all that the language has), of look-alikes, and of what throws whatever it is asked.

import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import * as brands from '../../src/base/brands';

const context = createContext({ structuredClone });
const foreign = (code: string): unknown => runInContext(`(${code})`, context);

const hostile = (): unknown[] => {
  const refuse = (): never => {
    throw new Error('hostile');
  };
  const traps = { get: refuse, has: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse };
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return [new Proxy({}, traps), new Proxy(() => {}, traps), proxy];
};

const NOTHING = [undefined, null, 0, 'text', true, Symbol('a'), 1n, {}, [], () => {}, Object.create(null)];

describe('isUint8Array', () => {
  it.each([
    new Uint8Array(1),
    Buffer.alloc(1),
    foreign('new Uint8Array(1)'),
    foreign('new (class extends Uint8Array {})(1)'),
  ])('yes: %s', (value) => expect(brands.isUint8Array(value)).toBe(true));

  it.each([new Uint8ClampedArray(1), new DataView(new ArrayBuffer(1)), foreign('new Int8Array(1)'), foreign('[1]')])(
    'no: %s',
    (value) => expect(brands.isUint8Array(value)).toBe(false),
  );

  it('does not believe a tag', () => {
    expect(brands.isUint8Array({ [Symbol.toStringTag]: 'Uint8Array' })).toBe(false);
    expect(brands.isUint8Array(Object.create(Uint8Array.prototype))).toBe(false);
  });
});

describe('buffers', () => {
  it('are told from shared ones', () => {
    for (const of of [(code: string): unknown => new Function(`return ${code}`)(), foreign]) {
      const buffer = of('new ArrayBuffer(3)');
      const shared = of('new SharedArrayBuffer(3)');
      expect([brands.isArrayBuffer(buffer), brands.isArrayBuffer(shared)]).toEqual([true, false]);
      expect([brands.isSharedArrayBuffer(buffer), brands.isSharedArrayBuffer(shared)]).toEqual([false, true]);
    }
    expect(brands.isArrayBuffer({ [Symbol.toStringTag]: 'ArrayBuffer', byteLength: 1 })).toBe(false);
  });

  it('are detached only when they were transferred', () => {
    for (const buffer of [new ArrayBuffer(3), foreign('new ArrayBuffer(3)') as ArrayBuffer, new ArrayBuffer(0)]) {
      expect(brands.isDetached(buffer)).toBe(false);
      structuredClone(buffer, { transfer: [buffer] });
      expect(brands.isDetached(buffer)).toBe(true);
    }
    expect(brands.isDetached(new SharedArrayBuffer(0))).toBe(false);
  });
});

describe('isError', () => {
  class Old {}
  Object.setPrototypeOf(Old.prototype, Error.prototype);
  const silent = new Error('a');
  Object.defineProperty(silent, 'message', {
    get: () => {
      throw new Error('hostile');
    },
  });

  it.each([
    ['an error', new Error('a')],
    ['one of another realm', foreign('new RangeError("a")')],
    ['one of a class of that realm', foreign('new (class extends TypeError {})("a")')],
    ['a DOMException', new DOMException('a', 'b')],
    ['one of a class that was made without `class`', new Old()],
    ['what jsdom calls a DOMException', { name: 'AbortError', message: 'a', code: 20 }],
    ['one whose message throws', silent],
  ])('yes: %s', (_, value) => expect(brands.isError(value)).toBe(true));

  it.each([...NOTHING, { message: 'a' }, { name: 'a' }])('no: %s', (value) => {
    expect(brands.isError(value)).toBe(false);
  });
});

describe('Blobs', () => {
  /** As happy-dom has it: without a tag. */
  class Like {
    readonly size = 3;
    readonly type = '';
    slice(): void {}
    async arrayBuffer(): Promise<ArrayBuffer> {
      return new ArrayBuffer(3);
    }
  }
  /** As jsdom has it in some versions. */
  class Unreadable {
    readonly size = 3;
    readonly type = '';
    readonly [Symbol.toStringTag] = 'Blob';
    slice(): void {}
  }

  it.each([new Blob(['abc']), new File(['abc'], 'a'), new Like()])('can be read: %s', (value) => {
    expect([brands.isBlob(value), brands.isUnreadableBlob(value)]).toEqual([true, false]);
  });

  it('are known where they cannot be read', () => {
    expect([brands.isBlob(new Unreadable()), brands.isUnreadableBlob(new Unreadable())]).toEqual([false, true]);
  });

  it.each([...NOTHING, new Response('abc'), { size: 1, type: '', slice: 1, arrayBuffer: 1 }])(
    'are not: %s',
    (value) => {
      expect([brands.isBlob(value), brands.isUnreadableBlob(value)]).toEqual([false, false]);
    },
  );
});

describe('others', () => {
  it('URLs', () => {
    expect(brands.isUrl(new URL('ws://h'))).toBe(true);
    expect(brands.isUrl({ href: 'ws://h/', protocol: 'ws:', searchParams: {} })).toBe(true);
    for (const value of [...NOTHING, 'ws://h', { href: 'ws://h' }]) expect(brands.isUrl(value)).toBe(false);
  });

  it('AbortSignals', () => {
    const like = { aborted: false, addEventListener: () => {}, removeEventListener: () => {} };
    for (const value of [AbortSignal.abort(), new AbortController().signal, like]) {
      expect(brands.isAbortSignal(value)).toBe(true);
    }
    for (const value of [...NOTHING, new EventTarget(), { aborted: true }, new AbortController()]) {
      expect(brands.isAbortSignal(value)).toBe(false);
    }
  });

  it('promises', () => {
    const promises = [Promise.resolve(1), foreign('Promise.resolve(1)'), foreign('(async () => {})()')];
    for (const value of promises) expect(brands.isPromise(value)).toBe(true);
    for (const value of NOTHING) expect(brands.isPromise(value)).toBe(false);
  });

  it('events', () => {
    expect([brands.isEvent(new Event('a')), brands.isNativeEvent(new Event('a'))]).toEqual([true, true]);
    const like = { type: 'a', eventPhase: 0, preventDefault() {}, stopImmediatePropagation() {} };
    expect([brands.isEvent(like), brands.isNativeEvent(like)]).toEqual([true, false]);
    for (const value of [...NOTHING, Object.create(Event.prototype)]) {
      expect([brands.isEvent(value), brands.isNativeEvent(value)]).toEqual([false, false]);
    }
  });
});

it.each(Object.entries(brands))('%s is never fooled into an exception', (name, is) => {
  if (name === 'isDetached') return;
  for (const value of hostile()) expect((is as (value: unknown) => boolean)(value)).toBe(false);
});
