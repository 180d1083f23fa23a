// The binary, inlined by the bundler: importing the package is all there is to loading it.

import inlined from '../../build/core.wasm';

/** assembly/, compiled, when it is asked for. Synchronous, since 7 KB take well under a millisecond. */
export function compile(): WebAssembly.Module {
  return new WebAssembly.Module(typeof inlined === 'function' ? inlined() : inlined);
}
