import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Inlines a `.wasm` import as bytes, as tsup's loader does for the build: src can be tested file by file. */
const inlineWasm = {
  name: 'inline-wasm',
  enforce: 'pre' as const,
  load: (id: string): string | undefined =>
    id.endsWith('.wasm') ? `export default new Uint8Array([${[...readFileSync(id)]}])` : undefined,
};

/** What is behind the streams of zlib is not there: for the tests themselves, and for the programs that they start. */
const WITHOUT_HANDLES = new URL('whole/resources/zlib-without-handles.mjs', import.meta.url).href;

// Tests import what ships (`wsimd`, `wsimd/framing`: the package refers to itself); the parts of src that touch no sockets
// are also tested file by file. What compresses is tested again with what stands in for the streams of zlib.
export default defineConfig({
  plugins: [inlineWasm],
  test: {
    root: new URL('.', import.meta.url).pathname,
    testTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'wsimd', include: ['**/*.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'without zlib’s handles',
          include: [
            'framing/encoder-messages.test.ts',
            'connection/deflate-matrix.test.ts',
            'sending/deflate.test.ts',
            'deflate/streams.test.ts',
            'deflate/deflater.test.ts',
            'framing/encoder-deflate.test.ts',
            'connection/hardening-frames.test.ts',
            'codec/inflated-messages-delivery.test.ts',
            'whole/inflate-resources.test.ts',
            'codec/inflated-messages.test.ts',
            'ws/differential-compression.test.ts',
          ],
          env: { NODE_OPTIONS: `--import=${WITHOUT_HANDLES}` },
          execArgv: [`--import=${WITHOUT_HANDLES}`],
        },
      },
    ],
  },
});
