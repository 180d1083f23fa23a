// What a user hands over as bytes (src/base/bytes.ts): of whatever class it is, and whatever that says of itself, the bytes that
// are there.

import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { isUint8Array } from '../../src/base/brands';
import { blobOf, lengthOf, plainView, viewOf } from '../../src/base/bytes';

const buffer = Uint8Array.from({ length: 16 }, (_, i) => i).buffer;

/** Lies about everything that can be asked. */
class Liar extends Uint8Array {
  override get length(): number {
    return 1_000_000;
  }

  override get byteLength(): number {
    return 1_000_000;
  }

  override get byteOffset(): number {
    return 8;
  }

  override subarray(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(1_000_000);
  }
}

function ownLiar(): Uint8Array {
  const bytes = new Uint8Array(buffer, 2, 3);
  Object.defineProperty(bytes, 'length', { value: 1_000_000 });
  return bytes;
}

describe('viewOf', () => {
  it.each([
    ['a Uint8Array', new Uint8Array(buffer, 2, 3), [2, 3, 4]],
    ['a Buffer', Buffer.from(buffer, 2, 3), [2, 3, 4]],
    ['a DataView', new DataView(buffer, 2, 3), [2, 3, 4]],
    ['an array of larger numbers', new Uint16Array(buffer, 2, 2), [2, 3, 4, 5]],
    ['a whole buffer', buffer.slice(0, 3), [0, 1, 2]],
    ['nothing', new Uint8Array(0), []],
    ['a class that lies', new Liar(buffer, 2, 3), [2, 3, 4]],
    ['a property that lies', ownLiar(), [2, 3, 4]],
    ['another realm', runInNewContext('new Uint8Array([2, 3, 4])'), [2, 3, 4]],
  ])('sees the bytes of %s', (_, data, bytes) => {
    const view = viewOf(data)!;
    expect(lengthOf(view)).toBe(bytes.length);
    expect([...plainView(view)]).toEqual(bytes);
  });

  it('sees shared memory', () => {
    const shared = new SharedArrayBuffer(3);
    new Uint8Array(shared).set([7, 8, 9]);
    expect([...viewOf(shared)!]).toEqual([7, 8, 9]);
    expect([...viewOf(new Uint8Array(shared, 1))!]).toEqual([8, 9]);
  });

  it.each([[undefined], [null], ['text'], [[1, 2]], [{ length: 1, 0: 1 }], [7], [new Blob(['a'])]])(
    'is undefined for %s',
    (data) => {
      expect(viewOf(data)).toBeUndefined();
    },
  );

  it('copies nothing', () => {
    expect(viewOf(new Liar(buffer, 2, 3))!.buffer).toBe(buffer);
  });
});

describe('isUint8Array', () => {
  it.each([
    [new Uint8Array(1), true],
    [Buffer.alloc(1), true],
    [new Liar(buffer, 2, 3), true],
    [runInNewContext('new Uint8Array(1)'), true],
    [new Uint16Array(1), false],
    [new DataView(buffer), false],
    [buffer, false],
    [Object.create(Uint8Array.prototype), false],
    [{ [Symbol.toStringTag]: 'Uint8Array' }, false],
    [undefined, false],
    ['Uint8Array', false],
  ])('of %o is %s', (value, is) => {
    expect(isUint8Array(value)).toBe(is);
  });
});

describe('plainView', () => {
  it('is of the plain class, over the same bytes', () => {
    const view = plainView(new Liar(buffer, 2, 3));
    expect(Object.getPrototypeOf(view)).toBe(Uint8Array.prototype);
    expect([view.buffer, view.byteOffset, view.length]).toEqual([buffer, 2, 3]);
  });

  it('and lengthOf say what is there at this moment', () => {
    const bytes = new Uint8Array(8);
    expect(lengthOf(bytes)).toBe(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    expect(lengthOf(bytes)).toBe(0);
    expect(() => plainView(bytes)).toThrow(TypeError);
  });
});

describe('bytes that were transferred', () => {
  const kinds: [string, (buffer: ArrayBuffer) => unknown][] = [
    ['an ArrayBuffer', (buffer) => buffer],
    ['a Uint8Array', (buffer) => new Uint8Array(buffer, 1, 2)],
    ['a Buffer', (buffer) => Buffer.from(buffer)],
    ['a DataView', (buffer) => new DataView(buffer)],
    ['an array of larger numbers', (buffer) => new Uint16Array(buffer)],
    ['a Uint8Array of another realm', (buffer) => runInNewContext('new Uint8Array(buffer)', { buffer })],
  ];

  it.each(kinds)('are an error, and no empty message: %s', (_, of) => {
    const buffer = new ArrayBuffer(8);
    const data = of(buffer);
    expect(viewOf(data)).toBeDefined();
    structuredClone(buffer, { transfer: [buffer] });
    expect(() => viewOf(data)).toThrow(new TypeError('The ArrayBuffer is detached: its bytes were transferred.'));
  });

  it.each(kinds)('are not confused with none: %s', (_, of) => {
    expect(viewOf(of(new ArrayBuffer(8)))).toBeDefined();
    expect(viewOf(new Uint8Array(0))).toHaveLength(0);
    expect(viewOf(new ArrayBuffer(0))).toHaveLength(0);
    expect(viewOf(new SharedArrayBuffer(0))).toHaveLength(0);
  });
});

describe('blobOf', () => {
  it('takes what can be read, and says what cannot', () => {
    const blob = new Blob(['a']);
    expect(blobOf(blob)).toBe(blob);
    expect(blobOf({})).toBeUndefined();
    expect(() => blobOf({ [Symbol.toStringTag]: 'Blob', size: 1 })).toThrow(/^A Blob without arrayBuffer/);
  });
});
