// "There MUST be no more than one connection in a CONNECTING state" to the same host and port (RFC 6455 §4.1): the others wait
// for their turn. It knows no connections.

/** Who came last, by the place; each knows who came before. A list of them would be searched for whoever leaves it. */
const last = new Map<string, Turn>();

export class Turn {
  private before: Turn | undefined;
  private after: Turn | undefined;
  private isOver = false;

  private constructor(
    private readonly place: string,
    private readonly begin: () => void,
    private readonly fail: (cause: unknown) => void,
  ) {}

  /**
   * Calls `begin` when all who came before have ended their turns: at once if there are none. An exception of it ends the
   * turn: at once it is thrown from here; later, when it is another's end that began it, `fail` is called with it.
   */
  static wait(place: string, begin: () => void, fail: (cause: unknown) => void): Turn {
    const turn = new Turn(place, begin, fail);
    const before = last.get(place);
    last.set(place, turn);
    if (before !== undefined) {
      turn.before = before;
      before.after = turn;
      return turn;
    }
    try {
      begin();
    } catch (error) {
      turn.end();
      throw error;
    }
    return turn;
  }

  /** The attempt is over, or nobody wants it any more. Never throws. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    const { before, after } = this;
    if (before !== undefined) before.after = after;
    if (after !== undefined) after.before = before;
    else if (before !== undefined) last.set(this.place, before);
    else last.delete(this.place);
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
