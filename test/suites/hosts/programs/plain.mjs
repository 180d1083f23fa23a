// A program that imports the package.

import { play } from './contract.cjs';
import host from './host.cjs';

const load = async () => ({
  wsimd: await import('wsimd'),
  web: await import('wsimd/web'),
  framing: await import('wsimd/framing'),
});
host.report(await play({ ...host.common, load }));
