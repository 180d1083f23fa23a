// The binary as the runtime's bundler has compiled it: workerd allows no other way.

// biome-ignore lint/suspicious/noTsIgnore: what a `.wasm` import is depends on who imports it
// @ts-ignore
import compiled from '../../build/core.wasm';

export function compile(): WebAssembly.Module {
  return compiled as unknown as WebAssembly.Module;
}
