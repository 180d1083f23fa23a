// Before tests of the package: they use what is in dist/.

import { makeFresh } from './fresh.mjs';

export const setup = (): void => makeFresh('package');
