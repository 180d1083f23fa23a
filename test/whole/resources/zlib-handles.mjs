// How many of zlib's streams a process has open, counted where they are made and closed: at the class of the handles under the
// streams of node:zlib. Their memory is not on the heap, and a handle that is forgotten is found by nobody.

import { createInflateRaw } from 'node:zlib';

/** @typedef {{ init(...settings: unknown[]): void, close(): void }} Handle */

class ZlibHandles {
  /** Since the program began. */
  made = 0;
  /** @type {Set<object>} */
  #open = new Set();

  constructor() {
    const sample = /** @type {{ _handle: Handle, close(): void }} */ (/** @type {unknown} */ (createInflateRaw()));
    const handle = /** @type {Handle} */ (Object.getPrototypeOf(sample._handle));
    sample.close();
    const { init, close } = handle;
    const handles = this;
    handle.init = function (...settings) {
      init.apply(this, settings);
      handles.made += 1;
      handles.#open.add(this);
    };
    handle.close = function () {
      close.call(this);
      handles.#open.delete(this);
    };
  }

  /** Made and not closed. */
  get open() {
    return this.#open.size;
  }
}

export const zlibHandles = new ZlibHandles();
