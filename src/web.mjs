// The entry `wsimd/web` for `import` on Node.js, Bun and Deno. It is shipped as it stands: the classes are those that `require`
// gets.

import names from './web.cjs';

export * from './web.cjs';
export default names.default;
