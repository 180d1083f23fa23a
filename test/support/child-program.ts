// A program in a process of its own, as a user would start it: for what one process cannot see of itself, such as whether
// it ends when it should.

import { type ChildProcess, spawn } from 'node:child_process';
import { expect, onTestFinished } from 'vitest';
import { bundleOfText } from './bundle';

export class ChildProgram {
  output = '';
  /** The exit status, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
  private readonly child: ChildProcess;
  private check: () => void = () => {};

  /**
   * @param source its text, whose `wsimd` is the sources; or the file that it is in, from the root of the package, with its
   *   arguments: its `wsimd` is the package as it is built
   * @param environment what its environment has besides ours
   */
  constructor(source: string | readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const isText = typeof source === 'string';
    const options = { cwd: new URL('../..', import.meta.url), env: { ...process.env, ...environment } };
    this.child = spawn(process.execPath, isText ? ['--input-type=module'] : source, options);
    // Too long for a word of the command line.
    this.child.stdin!.end(isText ? bundleOfText(source) : '');
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        this.check();
      });
    }
    this.exit = new Promise((resolve) => this.child.once('close', (code, signal) => resolve(code ?? signal)));
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Resolves when the output so far fulfils the condition. */
  until(condition: (output: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.check = () => condition(this.output) && resolve();
      this.check();
    });
  }
}

/** What a program reports in its last line, when it has ended as it should. */
export async function reportOf<Report>(program: ChildProgram): Promise<Report> {
  expect([await program.exit, program.output]).toEqual([0, expect.stringMatching(/\}\s*$/)]);
  return JSON.parse(program.output.trim().split('\n').at(-1)!);
}
