// The usual tests, but of the sources instead of the built package, so that coverage tells of lines that somebody wrote.

import { fileURLToPath } from 'node:url';
import { mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const source = (file: string): string => fileURLToPath(new URL(`../../../src/${file}`, import.meta.url));

export default mergeConfig(base, {
  resolve: {
    alias: [
      { find: /^wsimd$/, replacement: source('index.ts') },
      { find: /^wsimd\/framing$/, replacement: source('framing.ts') },
    ],
  },
});
