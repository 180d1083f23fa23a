// A program: whether `import` and `require` get the same classes of each entry. It prints how many it has compared, and throws
// where they differ. No name of an entry stands beside `require` or `import` itself: of what one file requires so, Deno gives it
// that by `import`, too.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
/** @type {Record<string, number>} */
const compared = {};
/** Of all entries, which share them. */
const errors = new Set();
for (const entry of ['wsimd', 'wsimd/web', 'wsimd/framing']) {
  const imported = Object.entries(await import(entry));
  const required = require(entry);
  for (const [name, value] of imported) {
    // As programs for `ws` require it, the module is the class.
    const same = entry === 'wsimd' && name === 'default' ? required : required[name];
    if (same !== value) throw new Error(`${name} of ${entry} is there twice.`);
  }
  compared[entry] = imported.length;
  if ('WsimdError' in required) errors.add(required.WsimdError);
}
if (errors.size !== 1) throw new Error('The entries do not share what they are made of.');
console.log(JSON.stringify(compared));
