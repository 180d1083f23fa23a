// Values of another realm, and of classes that stand in the place of the runtime's: what programs get from vm contexts, from Jest,
// jsdom and happy-dom.

import { createContext, runInContext } from 'node:vm';
import { onTestFinished } from 'vitest';

const context = createContext({});

/** What an expression is in a realm of its own, which has all that the language has, and nothing of the runtime. */
export function foreign<Value>(expression: string): Value {
  return runInContext(`(${expression})`, context) as Value;
}

export const FOREIGN_BYTES: readonly (readonly [string, () => unknown])[] = [
  ['an ArrayBuffer', () => foreign('new Uint8Array([1, 2, 3]).buffer')],
  [
    'a SharedArrayBuffer',
    () => foreign('(() => { const s = new SharedArrayBuffer(3); new Uint8Array(s).set([1, 2, 3]); return s; })()'),
  ],
  ['a Uint8Array', () => foreign('new Uint8Array([0, 1, 2, 3]).subarray(1)')],
  ['a DataView', () => foreign('new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1)')],
  ['a class of its Uint8Array', () => foreign('new (class Buffer extends Uint8Array {})([1, 2, 3])')],
];

/** A Blob as happy-dom has it: the runtime knows nothing of it. */
export class BlobLike {
  readonly size = 3;
  readonly type = '';
  slice(): void {}
  async arrayBuffer(): Promise<ArrayBuffer> {
    return foreign('new Uint8Array([1, 2, 3]).buffer');
  }
}

/** Blobs of the bytes 1, 2, 3, to be made before the global class is replaced. */
export const BLOBS: readonly (readonly [string, () => Blob])[] = [
  ['the runtime’s own, where another has its place', () => new Blob([Uint8Array.of(1, 2, 3)])],
  ['one of another class', () => new BlobLike() as unknown as Blob],
];

/** One as jsdom has it in some versions: nobody else can read it. */
export class UnreadableBlob {
  readonly size = 3;
  readonly type = '';
  readonly [Symbol.toStringTag] = 'Blob';
  slice(): void {}
}

/** Until the test has ended, the global Blob is another class. */
export function replaceBlob(Class: unknown): void {
  const { Blob: Own } = globalThis;
  globalThis.Blob = Class as typeof Blob;
  onTestFinished(() => {
    globalThis.Blob = Own;
  });
}
