// The time limit of a play, also where the library would never return: nothing in the same thread could end that. Another thread
// looks whether plays follow each other; it names the one that does not end, and ends the process. It knows no scenarios.

import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** For one play, which takes 30 ms at most on Node.js 20 and an idle machine. */
const LIMIT_MILLISECONDS = 60_000;

const NAME_BYTES = 512;

/** The other thread: words 0 and 1 are the number of the play, and how long its name is; 0: none is in progress. */
const WATCH = `
const { workerData: { shared, milliseconds } } = require('node:worker_threads');
const words = new Int32Array(shared, 0, 2);
for (let number = 0; number >= 0; number = Atomics.load(words, 0)) {
  if (Atomics.wait(words, 0, number, milliseconds) !== 'timed-out' || words[1] === 0) continue;
  const name = Buffer.from(new Uint8Array(shared, 8, words[1])).toString();
  require('node:fs').writeSync(2, 'No end within ' + milliseconds / 1000 + ' s: ' + name + '\\n');
  process.kill(process.pid, 'SIGKILL');
}`;

/** One for a process: whoever plays says what, in front of it. */
export class Watchdog {
  private readonly shared = new SharedArrayBuffer(8 + NAME_BYTES);
  private readonly words = new Int32Array(this.shared, 0, 2);
  private readonly name = Buffer.from(this.shared, 8);
  private readonly worker: Worker;

  /**
   * @param isLoud whether each play is named on stderr before it begins
   * @param milliseconds of one play
   */
  constructor(
    private readonly isLoud: boolean,
    milliseconds = LIMIT_MILLISECONDS,
  ) {
    const workerData = { shared: this.shared, milliseconds };
    // Flags of ours may say that what is evaluated is a module.
    this.worker = new Worker(WATCH, { eval: true, execArgv: [], workerData });
    this.worker.unref();
  }

  /** A play begins. */
  begin(name: string): void {
    if (this.isLoud) writeSync(2, `${name}\n`);
    this.words[1] = this.name.write(name);
    this.next(1);
  }

  /** None is in progress. */
  end(): void {
    this.words[1] = 0;
    this.next(1);
  }

  async close(): Promise<void> {
    this.words[1] = 0;
    this.next(-this.words[0]! - 1);
    await this.worker.terminate();
  }

  private next(step: number): void {
    Atomics.add(this.words, 0, step);
    Atomics.notify(this.words, 0);
  }
}
