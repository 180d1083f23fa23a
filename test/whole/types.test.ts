// Programs written with @types/ws compile against this package, by each way in which TypeScript finds its types; once with a
// look at the types themselves (`skipLibCheck` off).

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const directory = fileURLToPath(new URL('types', import.meta.url));
const compiler = fileURLToPath(new URL('../../node_modules/typescript/bin/tsc', import.meta.url));

function compile(names: readonly string[], ...options: string[]): string {
  const all = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, [compiler, ...all, ...names], {
    cwd: directory,
    encoding: 'utf8',
  });
  // It did not compile, and has said nothing of it: then it did not run.
  if (status !== 0 && stdout === '') throw new Error(stderr);
  return stdout;
}

it('compile with moduleResolution node16, in CommonJS and as modules', () => {
  expect(readdirSync(directory).sort()).toEqual(['commonjs.cts', 'module.mts', 'web.mts']);
  expect(compile(['commonjs.cts', 'module.mts'], '--module', 'node16', '--moduleResolution', 'node16')).toBe('');
}, 120_000);

it('compile with moduleResolution bundler', () => {
  expect(compile(['module.mts'], '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck')).toBe('');
}, 120_000);

it.each([[[]], [['--lib', 'es2023']]])(
  'of the web compile with the DOM and without it: %j',
  (lib) => {
    expect(compile(['web.mts'], '--module', 'nodenext', '--skipLibCheck', ...lib)).toBe('');
  },
  120_000,
);
