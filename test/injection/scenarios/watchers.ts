// What watches connections from outside, and counts: subscribers of the diagnostics channels, `reportError`. They are put back
// behind a scenario.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Stage } from '../play';

const CHANNELS = ['open', 'close', 'error', 'ping', 'pong', 'reconnect'].map((name) => `wsimd:${name}`);

/** Every channel has a subscriber while `run` lasts. */
export async function subscribed({ calls }: Stage, run: () => Promise<void>): Promise<void> {
  const subscriber = (): void => calls.out('channel');
  for (const channel of CHANNELS) subscribe(channel, subscriber);
  try {
    await run();
  } finally {
    for (const channel of CHANNELS) unsubscribe(channel, subscriber);
  }
}

/** `reportError` is there, as it is in Deno, in Bun and in later versions of Node.js. */
export async function reporting({ calls }: Stage, run: () => Promise<void>): Promise<void> {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'reportError');
  const value = (): void => calls.out('console');
  Object.defineProperty(globalThis, 'reportError', { value, configurable: true, writable: true });
  try {
    await run();
  } finally {
    if (descriptor === undefined) Reflect.deleteProperty(globalThis, 'reportError');
    else Object.defineProperty(globalThis, 'reportError', descriptor);
  }
}
