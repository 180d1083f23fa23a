// A program made of one text: what it imports is bundled with it, and `wsimd` is the sources as they are now, whatever was built
// last.

import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

const COMMON: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  // Other packages are found from the working directory, as those of any program.
  packages: 'external',
  alias: { wsimd: `${root}src/index.ts`, 'wsimd/web': `${root}src/web.ts`, 'wsimd/framing': `${root}src/framing.ts` },
  loader: { '.wasm': 'binary' },
  logLevel: 'error',
  write: false,
};

/** @param source its text, as if it lay at the root of the package */
export function bundleOfText(source: string): string {
  return bundle({ stdin: { contents: source, resolveDir: root } });
}

/** @param file its path */
export function bundleOfFile(file: string): string {
  return bundle({ entryPoints: [file] });
}

function bundle(options: BuildOptions): string {
  return buildSync({ ...COMMON, ...options }).outputFiles![0]!.text;
}
