// The one instance of the core on this thread, with the types that AssemblyScript's compiler generated for it.

import { module } from '#wasm';
import type { instantiate } from '../../build/core.js';

type Core = Awaited<ReturnType<typeof instantiate>>;

/** The exports of assembly/index.ts, as WebAssembly hands them over: the core imports nothing. */
export const core = new WebAssembly.Instance(module).exports as unknown as Core;
