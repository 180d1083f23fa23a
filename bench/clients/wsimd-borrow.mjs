// The same library, whose binary messages are views that are valid only while the callback runs: whoever keeps nothing of
// them needs no copy.

import { connectWith } from './wsimd.mjs';

export const connect = connectWith({ binaryDelivery: 'borrow' });
