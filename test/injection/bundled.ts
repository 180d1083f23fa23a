// Programs of the injection that run in a process of their own, bundled with the sources of the library.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { bundleOfFile } from '../support/bundle';

/** The file of one of this folder as a program of its own, gone behind the tests of the file that asks for it. */
export async function bundled(name: string): Promise<string> {
  const folder = await mkdtemp(new URL('../../build/injection-', import.meta.url).pathname);
  const program = join(folder, 'program.mjs');
  await writeFile(program, bundleOfFile(new URL(name, import.meta.url).pathname));
  folders.push(folder);
  return program;
}

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});
