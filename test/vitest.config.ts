import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Inlines a `.wasm` import as bytes, as tsup's loader does for the build: src can be tested file by file. */
const inlineWasm = {
  name: 'inline-wasm',
  enforce: 'pre' as const,
  load: (id: string): string | undefined =>
    id.endsWith('.wasm') ? `export default new Uint8Array([${[...readFileSync(id)]}])` : undefined,
};

// Tests import what ships (`wsimd`, `wsimd/framing`: the package refers to itself); the parts of src that touch no sockets
// are also tested file by file.
export default defineConfig({
  plugins: [inlineWasm],
  test: {
    root: new URL('.', import.meta.url).pathname,
    include: ['**/*.test.ts'],
    testTimeout: 30_000,
  },
});
