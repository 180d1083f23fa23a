// The binary as a stranger would load it: instantiated with no imports, and views of its memory.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Core from '../../build/core.js';

type Exports = Awaited<ReturnType<typeof Core.instantiate>>;

export const binaryPath = fileURLToPath(new URL('../../build/core.wasm', import.meta.url));

/** A new instance with a memory of its own: nothing that the library does can be seen in it. */
export function loadCore(): { core: Exports; bytes: Uint8Array<ArrayBuffer>; words: Uint32Array<ArrayBuffer> } {
  const module = new WebAssembly.Module(readFileSync(binaryPath));
  const core = new WebAssembly.Instance(module).exports as unknown as Exports;
  const buffer = core.memory.buffer as ArrayBuffer;
  return { core, bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}
