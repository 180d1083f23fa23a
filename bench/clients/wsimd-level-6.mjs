// The same library, told to compress as hard as `ws` does by itself: what is sent then has the same size, and costs compare.

import { connectWith } from './wsimd.mjs';

export const connect = connectWith({}, { level: 6 });
