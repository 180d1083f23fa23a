// A process of a run: the source or a client. This file owns how it is started, on which core, what it is told and answers in
// lines, its deadlines, and what is reported when it fails; it must not know what the lines mean.
//
// A child ends when its standard input does. Should this process be killed, that pipe closes, and no child outlives it.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A client may have ten thousand connections to close. */
const STOP_SECONDS = 60;

export class Process {
  #name;
  #child;
  #lines;
  #ended;
  #errors = '';
  #failure = '';

  /**
   * @param {string} name for complaints
   * @param {string[]} command
   * @param {number | undefined} core
   * @param {Record<string, string | undefined>} environment on top of what is inherited
   */
  constructor(name, command, core, environment) {
    this.#name = name;
    const [program = '', ...parameters] = core === undefined ? command : ['taskset', '-c', String(core), ...command];
    const child = spawn(program, parameters, { env: { ...process.env, ...environment }, stdio: 'pipe' });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      this.#errors += text;
    });
    // Writing to a child that has just ended fails too; that it has ended is what is reported.
    child.stdin.on('error', (error) => this.#note(error.message));
    child.on('error', (error) => this.#note(error.message));
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => child.once('close', resolve));
  }

  /**
   * The next line of its standard output.
   * @param {number} seconds within which it must come
   * @returns {Promise<string>}
   */
  async readLine(seconds) {
    const line = await this.#within(seconds, this.#lines.next());
    if (!line.done) return line.value;
    await this.#within(STOP_SECONDS, this.#ended);
    throw new Error(this.#complaint());
  }

  /** @param {string} line */
  writeLine(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Ends its standard input and waits for it to follow. */
  async stop() {
    this.#child.stdin.end();
    await this.#within(STOP_SECONDS, this.#ended);
    if (this.#child.exitCode !== 0) throw new Error(this.#complaint());
  }

  /** For a process that is of no more use. */
  kill() {
    this.#child.kill('SIGKILL');
  }

  /**
   * @template T
   * @param {number} seconds after which the process is killed, which settles what it is awaited for
   * @param {Promise<T>} outcome
   */
  async #within(seconds, outcome) {
    const timer = setTimeout(() => {
      this.#note(`was silent for ${seconds} seconds and killed`);
      this.kill();
    }, seconds * 1000);
    const result = await outcome;
    clearTimeout(timer);
    return result;
  }

  /** @param {string} failure */
  #note(failure) {
    this.#failure += `${failure}; `;
  }

  #complaint() {
    const end = this.#child.signalCode ?? `status ${this.#child.exitCode}`;
    return `${this.#name}: ${this.#failure}ended with ${end}\n${this.#errors.trim()}`;
  }
}
