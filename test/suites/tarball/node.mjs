// Node.js: the programs as they stand, and as each bundler makes them.

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundlers } from './bundlers.mjs';
import { nodePrints } from './stage.mjs';

/** @param {import('./stage.mjs').Stage} stage */
export function checks({ folder, project, url }) {
  const checks = ['node.mjs', 'commonjs.cjs'].map((program) => [
    `${program}, as it stands`,
    () => nodePrints([join(project, program), url], project, 'ok\n'),
  ]);
  for (const [name, bundle] of Object.entries(bundlers)) {
    checks.push([
      `node.mjs, by ${name}`,
      async () => {
        // Outside of the project: what is not in the bundle cannot be found.
        const place = join(folder, 'bundles', `node-${name}`);
        mkdirSync(place, { recursive: true });
        const path = await bundle(join(project, 'node.mjs'), 'node', place);
        await nodePrints([path, url], place, 'ok\n');
      },
    ]);
  }
  for (const name of ['esbuild', 'webpack']) {
    checks.push([
      `commonjs.cjs, by ${name}`,
      async () => {
        const place = join(folder, 'bundles', `commonjs-${name}`);
        mkdirSync(place, { recursive: true });
        const path = await bundlers[name](join(project, 'commonjs.cjs'), 'node', place);
        await nodePrints([path, url], place, 'ok\n');
      },
    ]);
  }
  return checks;
}
