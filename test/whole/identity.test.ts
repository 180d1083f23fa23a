// Each class is there once, whatever loads it: `instanceof` holds between a program that imports the package and its dependencies
// that require it. On the other runtimes `npm run test:runtimes` plays the same program.

import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { ChildProgram } from '../support/child-program';

it('import and require get the same of each entry, the default export included', async () => {
  const program = new ChildProgram(['test/support/identity.mjs']);
  expect([await program.exit, program.output]).toEqual([0, expect.stringMatching(/^\{.*\}\n$/)]);
  expect(JSON.parse(program.output)).toEqual({ wsimd: 14, 'wsimd/web': 7, 'wsimd/framing': 3 });
});

it('what is required of wsimd is the class itself', () => {
  const required = createRequire(import.meta.url)('wsimd');
  expect(required.name).toBe('WebSocket');
  expect(required.default).toBeUndefined();
  expect(required.WebSocket).toBe(required);
});
