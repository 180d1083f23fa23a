// What Node.js, Bun and Deno have in modules: whoever replaces a global replaces nothing here.

import { btoa } from 'node:buffer';
import { createRequire } from 'node:module';
import { performance } from 'node:perf_hooks';
import { nextTick } from 'node:process';
// Whole modules: the names of one are as they were when somebody imported it first.
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { URL } from 'node:url';
import { TextDecoder, TextEncoder } from 'node:util';
import type { Host } from './host-web';

const { setTimeout, clearTimeout, setInterval, setImmediate, clearImmediate } = timers as unknown as Host;
// Not called `require`, which has its own meaning where this is CommonJS.
const load = createRequire('file:///');
let crypto: typeof import('node:crypto') | undefined;
const { scheduler } = promises as Partial<typeof promises>;

export const host: Host = {
  setTimeout,
  clearTimeout,
  setInterval,
  setImmediate,
  clearImmediate,
  nextTick,
  yieldTurn: scheduler?.yield?.bind(scheduler),
  now: performance.now.bind(performance),
  TextDecoder,
  TextEncoder,
  URL,
  btoa,
  // Loaded when it is first asked for: that takes 5 ms, of the 18 that the codec alone takes to load.
  get crypto() {
    crypto ??= load('node:crypto') as typeof import('node:crypto');
    return crypto.webcrypto;
  },
};
