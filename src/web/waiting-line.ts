// "There MUST be no more than one connection in a CONNECTING state" to the same host and port (RFC 6455 §4.1): the others wait
// in line. It knows no connections.

/** Who came last, by the destination; each knows who came before. A list of them would be searched for whoever leaves it. */
const last = new Map<string, PlaceInLine>();

export class PlaceInLine {
  private before: PlaceInLine | undefined;
  private after: PlaceInLine | undefined;
  private isOver = false;

  private constructor(
    private readonly destination: string,
    private readonly begin: () => void,
    private readonly fail: (cause: unknown) => void,
  ) {}

  /**
   * Calls `begin` when all who came before have left the line: at once if there are none. An exception of it gives up
   * the place: at once it is thrown from here; later, when it is another's end that began it, `fail` is called with it.
   */
  static wait(destination: string, begin: () => void, fail: (cause: unknown) => void): PlaceInLine {
    const own = new PlaceInLine(destination, begin, fail);
    const before = last.get(destination);
    last.set(destination, own);
    if (before !== undefined) {
      own.before = before;
      before.after = own;
      return own;
    }
    try {
      begin();
    } catch (error) {
      own.end();
      throw error;
    }
    return own;
  }

  /** The attempt is over, or nobody wants it any more. Never throws. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    const { before, after } = this;
    if (before !== undefined) before.after = after;
    if (after !== undefined) after.before = before;
    else if (before !== undefined) last.set(this.destination, before);
    else last.delete(this.destination);
    // They are garbage one by one then, however long the queue.
    this.before = undefined;
    this.after = undefined;
    if (before === undefined) after?.start();
  }

  private start(): void {
    try {
      this.begin();
    } catch (error) {
      this.fail(error);
    }
  }
}
