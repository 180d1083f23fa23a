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
const WITHOUT_HANDLES = new URL('whole/resources/zlib-without-handles.mjs', import.meta.url).href;

/** They use what was built, which is made anew for them if a source has changed since. */
const OF_THE_PACKAGE = ['whole/**/*.test.ts', 'bench/**/*.test.ts'];

/** What compresses is tested again with what stands in for the streams of zlib. */
const COMPRESSING = [
  'codec/inflated-messages.test.ts',
  'codec/inflated-messages-delivery.test.ts',
  'connection/deflate-matrix.test.ts',
  'connection/hardening-frames.test.ts',
  'deflate/deflater.test.ts',
  'deflate/streams.test.ts',
  'framing/encoder-deflate.test.ts',
  'framing/encoder-messages.test.ts',
  'sending/deflate.test.ts',
  'ws/differential-compression.test.ts',
];
const COMPRESSING_IN_THE_PACKAGE = ['whole/inflate-resources.test.ts'];
const STAND_IN = {
  env: { NODE_OPTIONS: `--import=${WITHOUT_HANDLES}` },
  execArgv: [`--import=${WITHOUT_HANDLES}`],
};

/** What decodes, encodes or reads text is tested again with the core that hosts without WebAssembly, or SIMD, get. */
const WITH_CORE = ['codec/**/*.test.ts', 'core/**/*.test.ts', 'framing/**/*.test.ts', 'sending/**/*.test.ts'];
/** What they test is of the other core. */
const OF_WEBASSEMBLY = ['core/binary.test.ts'];
const FALL_BACK = {
  alias: { '#wasm': new URL('support/no-wasm.ts', import.meta.url).pathname },
  env: { TESTED_CORE: 'fall-back' },
  // Millions of short texts take it several times as long.
  testTimeout: 240_000,
};

// All but those of the package test the sources as they are.
export default defineConfig({
  plugins: [inlineWasm],
  test: {
    root: new URL('.', import.meta.url).pathname,
    testTimeout: 30_000,
    // Many tests wait for time to pass: one file at a time, which is the default on two processors, takes half as long again and
    // more.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'sources',
          include: ['**/*.test.ts'],
          exclude: [...OF_THE_PACKAGE, '**/node_modules/**'],
          globalSetup: 'support/fresh-core.ts',
        },
      },
      {
        extends: true,
        test: { name: 'package', include: OF_THE_PACKAGE, globalSetup: 'support/fresh-package.ts' },
      },
      {
        extends: true,
        test: {
          name: 'sources without WebAssembly',
          include: WITH_CORE,
          exclude: OF_WEBASSEMBLY,
          globalSetup: 'support/fresh-core.ts',
          ...FALL_BACK,
        },
      },
      {
        extends: true,
        test: {
          name: 'sources without zlib’s handles',
          include: COMPRESSING,
          globalSetup: 'support/fresh-core.ts',
          ...STAND_IN,
        },
      },
      {
        extends: true,
        test: {
          name: 'package without zlib’s handles',
          include: COMPRESSING_IN_THE_PACKAGE,
          globalSetup: 'support/fresh-package.ts',
          ...STAND_IN,
        },
      },
    ],
  },
});
