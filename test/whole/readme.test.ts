// What the README promises: its worked example prints what it says, and every fault has its heading.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CONNECTION_FAULTS } from '../../src/base/faults';
import { FRAME_FAULTS } from '../../src/base/frame-faults';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readme = readFileSync(`${root}README.md`, 'utf8');

describe('README', () => {
  it('has an example of wsimd/framing that prints what stands below it', () => {
    const section = readme.slice(readme.indexOf('## wsimd/framing'));
    const [, example, output] = /```js\n(.*?)```\s+```\n(.*?)```/s.exec(section)!;
    // As standard input the program is in the package's own folder, where `wsimd/framing` is the build.
    const printed = execFileSync(process.execPath, ['--input-type=module'], {
      cwd: root,
      input: example!,
      encoding: 'utf8',
    });
    expect(printed).toBe(output);
  });

  const codes = new Set([...Object.values(FRAME_FAULTS), ...Object.values(CONNECTION_FAULTS)].map(({ code }) => code));
  it.each([...codes])('explains %s under a heading of its own', (code) => {
    expect(readme.split('\n').filter((line) => line === `#### ${code}`)).toHaveLength(1);
  });
});
