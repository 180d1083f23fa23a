// Async contexts for tests: each has a name, and what is told is written down with the name of the context in which it was told.

import { AsyncLocalStorage } from 'node:async_hooks';

const storage = new AsyncLocalStorage<string>();

/** Calls it in the context of this name. */
export function inContext<Result>(name: string, call: () => Result): Result {
  return storage.run(name, call);
}

/** The name of the present one. */
export function contextName(): string {
  return storage.getStore() ?? 'none';
}

/** `open in A`, `message in A`, …, in the order in which they were told. */
export class ContextLog {
  readonly lines: string[] = [];
  private readonly waiting = new Set<() => void>();

  /** Writes down that this happens now. */
  readonly tell = (what: string): void => {
    this.lines.push(`${what} in ${contextName()}`);
    for (const look of this.waiting) look();
  };

  /** Resolves when so many lines begin so. */
  until(beginning: string, times = 1): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.lines.filter((line) => line.startsWith(beginning)).length < times) return;
        clearTimeout(timer);
        this.waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        reject(new Error(`waited for ${beginning}, ${times} times; there was: ${this.lines.join(', ') || 'nothing'}`));
      }, 20_000);
      this.waiting.add(look);
      look();
    });
  }

  /** What was told in another context than in this one. */
  outOf(name: string): string[] {
    return this.lines.filter((line) => !line.endsWith(` in ${name}`));
  }
}
