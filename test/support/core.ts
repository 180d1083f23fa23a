// The core as a stranger would load it: instantiated with no imports, and views of its memory.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type * as Core from '../../build/core.js';
import { makeFallBack } from '../../build/fall-back.js';

type Exports = Awaited<ReturnType<typeof Core.instantiate>>;

export const binaryPath = fileURLToPath(new URL('../../build/core.wasm', import.meta.url));

/** Whether these tests are of the core in JavaScript: vitest.config.ts has a project for that. */
export const isFallBack = process.env.TESTED_CORE === 'fall-back';

/** A new instance with a memory of its own: nothing that the library does can be seen in it. */
export function loadCore(): { core: Exports; bytes: Uint8Array<ArrayBuffer>; words: Uint32Array<ArrayBuffer> } {
  const core = (isFallBack ? makeFallBack() : makeOfBinary()) as Exports;
  const buffer = core.memory.buffer as ArrayBuffer;
  return { core, bytes: new Uint8Array(buffer), words: new Uint32Array(buffer) };
}

function makeOfBinary(): unknown {
  return new WebAssembly.Instance(new WebAssembly.Module(readFileSync(binaryPath))).exports;
}
