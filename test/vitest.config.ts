import { defineConfig } from 'vitest/config';

// Tests import what ships (`wsimd`, `wsimd/framing`: the package refers to itself); the pure parts of src, those that
// touch neither sockets nor wasm, are also tested file by file.
export default defineConfig({
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['**/*.test.ts'],
    testTimeout: 30_000,
  },
});
