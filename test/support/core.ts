// The binary as a stranger would load it: `wsimd/core.wasm`, instantiated with no imports, and views of its memory.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Core from '../../build/core.js';

type Exports = Awaited<ReturnType<typeof Core.instantiate>>;

export const binaryPath = createRequire(import.meta.url).resolve('wsimd/core.wasm');

/** A new instance with a memory of its own: nothing that the library does can be seen in it. */
export function loadCore(): { core: Exports; bytes: Uint8Array<ArrayBuffer>; words: Uint32Array<ArrayBuffer> } {
  const module = new WebAssembly.Module(readFileSync(binaryPath));
  const core = new WebAssembly.Instance(module).exports as unknown as Exports;
  const buffer = core.memory.buffer as ArrayBuffer;
  return { core, bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}
