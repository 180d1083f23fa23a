// A runtime that always has WebAssembly with SIMD carries no second core.

export const makeFallBack: (() => unknown) | undefined = undefined;
