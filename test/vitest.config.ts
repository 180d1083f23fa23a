import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Inlines a `.wasm` import as bytes, as tsup's loader does for the build: src can be tested file by file. */
const inlineWasm = {
  name: 'inline-wasm',
  enforce: 'pre' as const,
  load: (id: string): string | undefined =>
    id.endsWith('.wasm') ? `export default new Uint8Array([${[...readFileSync(id)]}])` : undefined,
};

/** What is behind the streams of zlib is not there: for the tests themselves, and for the programs that they start. */
const WITHOUT_HANDLES = new URL('resources/zlib-without-handles.mjs', import.meta.url).href;

// Tests import what ships (`wsimd`, `wsimd/framing`: the package refers to itself); the parts of src that touch no sockets
// are also tested file by file. What compresses is tested again with what stands in for the streams of zlib.
export default defineConfig({
  plugins: [inlineWasm],
  test: {
    root: new URL('.', import.meta.url).pathname,
    testTimeout: 30_000,
    // Many tests wait for time to pass: one file at a time, which is the default on two processors, takes half as long again and more.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      { extends: true, test: { name: 'wsimd', include: ['**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'without zlib’s handles',
          include: [
            'deflate-encode.test.ts',
            'deflate-matrix.test.ts',
            'deflate-sending.test.ts',
            'deflate-streams.test.ts',
            'deflater.test.ts',
            'encode-deflate.test.ts',
            'hardening-frames.test.ts',
            'inflate-delivery.test.ts',
            'inflate-resources.test.ts',
            'inflate.test.ts',
            'ws-differential-compression.test.ts',
          ],
          env: { NODE_OPTIONS: `--import=${WITHOUT_HANDLES}` },
          execArgv: [`--import=${WITHOUT_HANDLES}`],
        },
      },
    ],
  },
});
