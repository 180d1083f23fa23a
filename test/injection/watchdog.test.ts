// The time limit of a play of the injection, in a process of its own: the watchdog ends it.

import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { ChildProgram } from '../support/child-program';

it('names a play that never returns, and ends the process', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { Watchdog } from './watchdog';
        const watchdog = new Watchdog(true, 300);
        watchdog.begin('a scenario, call 1: nothing');
        watchdog.begin('a scenario, call 2: throw an error');
        for (;;);`,
      resolveDir: new URL('.', import.meta.url).pathname,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  });
  const child = new ChildProgram(outputFiles[0]!.text);
  expect(await child.exit).toBe('SIGKILL');
  expect(child.output.split('\n')).toEqual([
    'a scenario, call 1: nothing',
    'a scenario, call 2: throw an error',
    'No end within 0.3 s: a scenario, call 2: throw an error',
    '',
  ]);
});
