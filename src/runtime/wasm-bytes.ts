// The binary, inlined by the bundler: importing the package is all there is to loading it.

import bytes from '../../build/core.wasm';

/** assembly/, compiled. Synchronous, since 6 KB take well under a millisecond. */
export const module: WebAssembly.Module = new WebAssembly.Module(bytes);
