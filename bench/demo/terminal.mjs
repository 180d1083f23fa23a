// Standard input, line by line, and what is printed meanwhile. On a terminal, a message must not tear apart the line that is
// being typed; in a pipe, what is sent must be shown, since nobody saw it typed. This file must not know connections.

import { clearLine, createInterface, cursorTo } from 'node:readline';

/**
 * @typedef {object} TerminalHandlers
 * @property {(line: string) => void} onLine
 * @property {() => void} onEnd of the input: Ctrl-D, or the end of a pipe
 * @property {() => void} onInterrupt Ctrl-C
 */

export class Terminal {
  #isInteractive = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  #hasEnded = false;
  #input;
  #onInterrupt;

  /** @param {TerminalHandlers} handlers */
  constructor({ onLine, onEnd, onInterrupt }) {
    const output = this.#isInteractive ? { output: process.stdout } : {};
    this.#input = createInterface({ input: process.stdin, prompt: '→ ', ...output });
    this.#input.on('line', (line) => {
      onLine(line);
      this.#prompt();
    });
    this.#input.on('close', () => {
      this.#hasEnded = true;
      onEnd();
    });
    // On a terminal, readline takes Ctrl-C for itself.
    this.#input.on('SIGINT', onInterrupt);
    process.on('SIGINT', onInterrupt);
    this.#onInterrupt = onInterrupt;
  }

  /** The end of the input has been told. */
  get hasEnded() {
    return this.#hasEnded;
  }

  /** @param {string} text */
  say(text, print = console.log) {
    if (this.#isInteractive) {
      cursorTo(process.stdout, 0);
      clearLine(process.stdout, 0);
    }
    print(text);
    this.#prompt();
  }

  /** @param {string} line which is on its way */
  showSent(line) {
    if (!this.#isInteractive) console.log(`→ ${line}`);
  }

  /** Lines that have been read already may still be told. */
  pause() {
    if (!this.#hasEnded) this.#input.pause();
  }

  resume() {
    if (!this.#hasEnded) this.#input.resume();
  }

  /** Reads no more and gives the terminal back, Ctrl-C included: the next one kills. Nothing keeps the process alive. */
  close() {
    process.off('SIGINT', this.#onInterrupt);
    this.#input.close();
  }

  /** Shows the line that is being typed, with the cursor where it was. */
  #prompt() {
    if (this.#isInteractive && !this.#hasEnded) this.#input.prompt(true);
  }
}
