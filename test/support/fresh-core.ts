// Before tests of the sources: they load core.wasm, and everything else from src/.

import { makeFresh } from './fresh.mjs';

export const setup = (): void => makeFresh('core');
