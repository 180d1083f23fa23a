// The core in JavaScript, for hosts that cannot make the other one. It is looked at only there.

import { makeFallBack as make } from '../../build/fall-back.js';

export const makeFallBack: (() => unknown) | undefined = make;
