// The calls out of the library, counted by kind in the order in which they happen; and at some of them something is done:
// something is thrown, or the library is entered again. It knows neither who is called nor what is done.

export type Kind =
  | 'callback'
  | 'console'
  | 'channel'
  | 'stream'
  | 'transport'
  | 'getter'
  | 'mask'
  | 'random'
  | 'blob'
  | 'allocation'
  | 'timer'
  | 'http';

/** What is done at a call. What it throws is thrown out of that call. */
export type Action = () => void;

export class Calls {
  /** The kind of each call so far. */
  readonly kinds: Kind[] = [];
  /** The kinds of those calls at which something was done. */
  readonly actedIn: Kind[] = [];
  /** What the actions threw, which whoever hears of it may know it by. */
  private readonly thrown: unknown[] = [];
  private isCounting = false;
  private depth = 0;

  /** @param actions by the number of the call, from 1 on; undefined: nothing is done at a call of this kind */
  constructor(private readonly actions: ReadonlyMap<number, (kind: Kind) => Action | undefined>) {}

  /** Counts from here on. */
  begin(): void {
    this.isCounting = true;
  }

  end(): void {
    this.isCounting = false;
  }

  /** The library has called out. */
  out(kind: Kind): void {
    if (!this.isCounting || this.depth > 0) return;
    this.kinds.push(kind);
    const action = this.actions.get(this.kinds.length)?.(kind);
    if (action === undefined) return;
    this.actedIn.push(kind);
    this.aside(() => {
      try {
        action();
      } catch (value) {
        this.thrown.push(value);
        throw value;
      }
    });
  }

  /** Does what is none of the scenario's: calls out of it are not counted. */
  aside<Result>(run: () => Result): Result {
    this.depth += 1;
    try {
      return run();
    } finally {
      this.depth -= 1;
    }
  }

  /** Whether it is what an action threw. */
  isThrown(value: unknown): boolean {
    return this.thrown.some((thrown) => Object.is(thrown, value));
  }
}
