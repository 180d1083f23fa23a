// What the scripts of this directory share: it counts and prints their checks, and finds the classes that a package is given. It
// must not know any package.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The name of the package that clients find as `ws`: `wsimd`, or `ws` in the control. */
export const expected = process.env.WSIMD_PACKAGES_ON ?? 'wsimd';

const CHECK_SECONDS = 20;
const counts = { passed: 0, failed: 0 };

/**
 * Runs one check, prints a line, and counts. One that throws, or takes too long, fails; the script goes on with the next.
 * @param {string} name
 * @param {() => unknown} run
 */
export async function check(name, run) {
  const over = new AbortController();
  try {
    const late = sleep(CHECK_SECONDS * 1000, undefined, { signal: over.signal }).then(() => {
      throw new Error(`not done after ${CHECK_SECONDS} s`);
    });
    late.catch(() => {});
    await Promise.race([run(), late]);
    counts.passed += 1;
    console.log(`ok       ${name}`);
  } catch (error) {
    counts.failed += 1;
    console.log(`FAILED   ${name}\n${error instanceof Error ? error.stack : error}`);
  } finally {
    over.abort();
  }
}

/**
 * The last call of a script. It then ends by itself, since nothing is open any more: a client that keeps the process alive meets
 * the deadline of run.mjs. Not so after a failure, which may have left anything open.
 */
export function end() {
  if (counts.failed > 0) process.exit(1);
}

process.on('exit', () => {
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
});

/**
 * Checks that `ws` is the expected package for the last of the named ones, each found from the one before it.
 * @param {...string} names
 */
export function checkOverride(...names) {
  return check(`${names.at(-1)} finds ${expected} as ws`, () => {
    let from = import.meta.dirname;
    for (const name of names) from = packageOf(name, from).directory;
    assert.equal(packageOf('ws', from).manifest.name, expected);
  });
}

/** Checks that `application-ws`, the class that a script hands to its package, is the expected package. */
export function checkGiven() {
  return check(`the class given is that of ${expected}`, () => {
    assert.equal(packageOf('application-ws', import.meta.dirname).manifest.name, expected);
  });
}

/**
 * The nearest directory of node_modules with that package. Not by require.resolve: many do not export their package.json.
 * @param {string} name
 * @param {string} from
 */
function packageOf(name, from) {
  const places = createRequire(join(from, 'from.js')).resolve.paths(name) ?? [];
  for (const place of places) {
    const directory = join(place, name);
    try {
      return { directory, manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) };
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOENT') throw error;
    }
  }
  throw new Error(`${name} is not installed at or above ${from}`);
}

/**
 * The class after the WHATWG standard: of `wsimd/web`, or of undici in the control.
 * @returns {Promise<typeof import('undici').WebSocket>}
 */
export async function webClass() {
  return (expected === 'ws' ? await import('undici') : await import('application-ws/web')).WebSocket;
}

/**
 * What a script does with a class that it is given: with that of `ws`, then with that of the web.
 * @param {(name: string, Class: any) => Promise<void>} play
 */
export async function playBoth(play) {
  await checkGiven();
  await play('ws', (await import('application-ws')).WebSocket);
  await play('the web class', await webClass());
}

/**
 * The port of a server that listens, once it does.
 * @param {import('node:net').Server} server
 * @param {number} [port]
 * @returns {Promise<number>}
 */
export function listen(server, port = 0) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve(/** @type {import('node:net').AddressInfo} */ (server.address()).port);
    });
  });
}

/**
 * The next call of a callback, as a promise with its arguments.
 * @param {(callback: (...values: any[]) => void) => unknown} subscribe
 * @returns {Promise<any[]>}
 */
export function next(subscribe) {
  return new Promise((resolve) => {
    subscribe((...values) => resolve(values));
  });
}
