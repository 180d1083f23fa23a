// The file in which a client counts what it has received, modulo 256, for a source that watches it (sweeps.mjs says why). This
// file owns its place and its end, and must not know what is counted. It runs unchanged on every runtime.

import { mkdtempSync, openSync, rmdirSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

export class AcknowledgementFile {
  path;
  #descriptor;
  #count = new DataView(new ArrayBuffer(1));

  constructor() {
    const directory = mkdtempSync(join(tmpdir(), 'wsimd-bench-'));
    this.path = join(directory, 'acknowledgements');
    // Not rmSync: it lists the directory, which a process that has run out of open files cannot.
    process.on('exit', () => {
      unlinkSync(this.path);
      rmdirSync(directory);
    });
    this.#descriptor = openSync(this.path, 'w');
    this.#write();
  }

  add() {
    this.#count.setUint8(0, this.#count.getUint8(0) + 1);
    this.#write();
  }

  #write() {
    writeSync(this.#descriptor, this.#count, 0, 1, 0);
  }
}
