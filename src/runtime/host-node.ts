// What Node.js, Bun and Deno have in modules: whoever replaces a global replaces nothing here.

import { btoa } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { nextTick } from 'node:process';
// Whole modules: the names of one are as they were when somebody imported it first.
import timers from 'node:timers';
import promises from 'node:timers/promises';
import { URL } from 'node:url';
import { TextDecoder, TextEncoder } from 'node:util';
import type { Host } from './host-web';
import { nodeModule } from './node-modules';

const { setTimeout, clearTimeout, setInterval, setImmediate, clearImmediate } = timers as unknown as Host;
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
  get crypto() {
    return nodeModule('crypto').webcrypto;
  },
};
