// A program: whether `import` and `require` get the same classes of each entry. It prints how many it has compared, and throws where
// they differ.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
/** @type {Record<string, number>} */
const compared = {};
for (const entry of ['wsimd', 'wsimd/web', 'wsimd/framing']) {
  const required = require(entry);
  const imported = Object.entries(await import(entry));
  for (const [name, value] of imported) {
    // As programs for `ws` require it, the module is the class.
    const same = entry === 'wsimd' && name === 'default' ? required : required[name];
    if (same !== value) throw new Error(`${name} of ${entry} is there twice.`);
  }
  compared[entry] = imported.length;
}
if (require('wsimd').WsimdError !== (await import('wsimd/framing')).WsimdError) {
  throw new Error('The entries do not share what they are made of.');
}
console.log(JSON.stringify(compared));
