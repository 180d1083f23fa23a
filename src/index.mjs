// The entry `wsimd` for `import` on Node.js, Bun and Deno. It is shipped as it stands: the classes are those that `require` gets.

import names from './index.cjs';

export * from './index.cjs';
export default names.default;
