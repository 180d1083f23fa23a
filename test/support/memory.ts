// The core of the library itself, made, and its views.

import { core, requireCore } from '../../src/codec/memory';

requireCore();

export const { window, shortWindow, words } = core;
