// Makes the core, when it is asked for: assembly/ as WebAssembly or, where a host has none, or no SIMD, or no room for its memory,
// as JavaScript, which is the same in all but speed. It keeps none.

import { makeFallBack } from '#fall-back';
import { compile } from '#wasm';
import type { instantiate } from '../../build/core.js';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import { debugLog } from './debug-log';

type Exports = Awaited<ReturnType<typeof instantiate>>;

/** The functions of assembly/index.ts, and their memory, which never grows. The core imports nothing. */
export interface Core extends Omit<Exports, 'memory' | 'TABLES_END'> {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Else its memory is an ArrayBuffer like others, which can be transferred. */
  readonly isWebAssembly: boolean;
}

/** One with a memory of its own. Throws WS_ERR_UNSUPPORTED if there can be none. */
export function makeCore(): Core {
  let reason: unknown;
  try {
    const exports = new WebAssembly.Instance(compile()).exports as unknown as Core;
    return { ...exports, isWebAssembly: true };
  } catch (error) {
    // No `WebAssembly` (--jitless), no SIMD, no leave to compile (a page's Content-Security-Policy), no room (V8 before Node.js 24
    // reserves 10 GiB of addresses for each memory).
    reason = error;
  }
  if (makeFallBack === undefined) throw unmade(reason);
  debugLog()?.(`The core is made of JavaScript, and slower: there is none of WebAssembly (${messageOf(reason)}).`);
  try {
    return { ...(makeFallBack() as Core), isWebAssembly: false };
  } catch (error) {
    throw unmade(error);
  }
}

/** Without a cause, which the drop-in for `ws` would tell in its place: it has no sentence. */
function unmade(reason: unknown): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.unsupported, `its core could not be made (${messageOf(reason)})`);
}
