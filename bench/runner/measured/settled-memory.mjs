// The memory of this process once it has come to rest: what garbage collection and idle time leave. It must not know what the
// memory is for. It runs unchanged on every runtime.

import process from 'node:process';
import { setTimeout } from 'node:timers/promises';

const collect = await findCollector();

/** Finalizers, and memory that runtimes give back some time after a collection, need turns of the loop. */
const COLLECTIONS = 4;
const PAUSE_MILLISECONDS = 100;

/** @returns {Promise<NodeJS.MemoryUsage>} `rss`: bytes that the operating system holds for the process */
export async function settledMemory() {
  for (let count = 0; count < COLLECTIONS; count++) {
    await setTimeout(PAUSE_MILLISECONDS);
    collect();
  }
  return process.memoryUsage();
}

/** @returns {Promise<() => void>} on Deno a function that does nothing: it has no collector to call without a flag of V8's */
async function findCollector() {
  const { Bun, Deno } = /** @type {any} */ (globalThis);
  if (Bun !== undefined) return () => Bun.gc(true);
  if (Deno !== undefined) return () => {};
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
