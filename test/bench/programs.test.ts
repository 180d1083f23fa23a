// What a run starts, or looks for, by a path that no type checker and no bundler sees.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { rows } from '../../bench/rows.mjs';
import { candidates } from '../../bench/runner/peers.mjs';
import { INSTALLED } from '../../bench/runner/runtimes.mjs';

it('has a program at each end of every row', () => {
  const wsimd = candidates.find(({ name }) => name === 'wsimd')!.find();
  if (typeof wsimd === 'string') throw new Error(wsimd);
  for (const row of rows) {
    const [, program = ''] = wsimd.command(row, row.name) ?? [];
    expect(existsSync(program), program).toBe(true);
    if (row.source)
      expect(existsSync(new URL(`../../bench/source/${row.source}`, import.meta.url)), row.source).toBe(true);
  }
});

it('looks for other runtimes where `npm run runtimes` installs them', async () => {
  const { scripts } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  const [, folder] = /--prefix (\S+)/.exec(scripts.runtimes)!;
  expect(INSTALLED.href).toBe(new URL(`../../${folder}/node_modules/`, import.meta.url).href);
});
