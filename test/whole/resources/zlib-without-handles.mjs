// To be loaded before anything else (`--import`): the streams of node:zlib as they would be if what is behind them were not
// there, for those that wsimd asks for. Others in the same process, such as the npm package `ws`, get theirs as ever: wsimd's are
// known by a buffer of 64 bytes, which is the least that zlib takes.

import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';

const WSIMD_BUFFER_BYTES = 64;

for (const name of /** @type {const} */ (['createDeflateRaw', 'createInflateRaw'])) {
  const create = zlib[name];
  /** @param {import('node:zlib').ZlibOptions} [options] */
  const bare = (options) => (options?.chunkSize === WSIMD_BUFFER_BYTES ? { close() {} } : create(options));
  Object.defineProperty(zlib, name, { value: bare });
}
syncBuiltinESMExports();
