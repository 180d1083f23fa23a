// What was seen on one side of a trial, line by line, and how tests wait for it.

const PATIENCE = 12_000;

export class Lines {
  readonly all: string[] = [];
  private readonly checks = new Set<() => void>();

  /** @param hide takes out of a line what is an accident of the run */
  constructor(private readonly hide: (line: string) => string = (line) => line) {}

  write(line: string): void {
    this.all.push(this.hide(line));
    for (const check of [...this.checks]) check();
  }

  /** Resolves when so many lines have this in them; at once if they have. */
  until(part: string, times = 1): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.checks.delete(check);
        reject(new Error(`Waited for ${part}, but only this happened: ${this.all.join(' | ')}`));
      }, PATIENCE);
      const check = (): void => {
        if (this.all.filter((line) => line.includes(part)).length < times) return;
        clearTimeout(timer);
        this.checks.delete(check);
        resolve();
      };
      this.checks.add(check);
      check();
    });
  }
}

/** What `theirs` has and `ours` has not (`-`), and the other way round (`+`), in order; the fewest lines that say so. */
export function difference(theirs: readonly string[], ours: readonly string[]): string[] {
  const width = ours.length + 1;
  // The longest common part of what follows each pair of places.
  const common = new Uint32Array((theirs.length + 1) * width);
  for (let i = theirs.length - 1; i >= 0; i--) {
    for (let j = ours.length - 1; j >= 0; j--) {
      const at = i * width + j;
      common[at] = theirs[i] === ours[j] ? common[at + width + 1]! + 1 : Math.max(common[at + width]!, common[at + 1]!);
    }
  }
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < theirs.length || j < ours.length) {
    const at = i * width + j;
    if (i < theirs.length && j < ours.length && theirs[i] === ours[j]) {
      i += 1;
      j += 1;
    } else if (i < theirs.length && (j === ours.length || common[at + width]! >= common[at + 1]!)) {
      lines.push(`- ${theirs[i]}`);
      i += 1;
    } else {
      lines.push(`+ ${ours[j]}`);
      j += 1;
    }
  }
  return lines;
}
