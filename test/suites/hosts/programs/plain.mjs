// A program that imports the package.

import contract from './contract.cjs';
import host from './host.cjs';

const load = async () => ({
  wsimd: await import('wsimd'),
  web: await import('wsimd/web'),
  framing: await import('wsimd/framing'),
});
host.report(await contract.play({ ...host.common, load }));
