// Measurements that each need a process that has done nothing before. This file owns its start and end and must not know what
// it measures.

/** @import { Measurement } from './traffic.mjs' */

import { spawn } from 'node:child_process';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { findDeno } from '../runtimes.mjs';

export class FreshProcess {
  #program;
  #parameters;

  /**
   * @param {string} program in this directory; prints one measurement and ends
   * @param {string[]} parameters
   */
  constructor(program, parameters) {
    this.#program = fileURLToPath(new URL(program, import.meta.url));
    this.#parameters = parameters;
  }

  async warmUp() {}

  /** @returns {Promise<Measurement>} */
  async measure() {
    const [executable = '', ...words] = [...ownCommand(), this.#program, ...this.#parameters];
    const child = spawn(executable, words, { env: childEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
    // Should this process be killed, the child would go on for some seconds at most: it ends by itself.
    const ended = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    const output = await text(child.stdout);
    const status = await ended;
    if (status !== 0) throw new Error(`a process of its own ended with status ${status}`);
    return JSON.parse(output);
  }
}

/**
 * The command of the runtime that runs this. `fork` would do for Node and Bun, but Deno does not hand its own options on: the
 * child reads this project's package.json, asks the registry for all that is named there, and leaves a lock file behind.
 */
function ownCommand() {
  if (!('Deno' in globalThis)) return [process.execPath, ...process.execArgv];
  const deno = findDeno();
  if (deno === undefined) throw new Error('Deno runs this, but not the one that `npm run runtimes` installs');
  return deno.command;
}

/** In case Deno takes the child's options for those of Node, which it translates into others. */
function childEnvironment() {
  return { ...process.env, DENO_NO_PACKAGE_JSON: '1', DENO_NO_UPDATE_CHECK: '1' };
}
