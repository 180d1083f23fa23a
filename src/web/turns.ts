// "There MUST be no more than one connection in a CONNECTING state" to the same host and port (RFC 6455 §4.1): the others wait
// for their turn. It knows no connections.

const queues = new Map<string, Turn[]>();

export class Turn {
  private constructor(
    private readonly place: string,
    private readonly begin: () => void,
  ) {}

  /** Calls `begin` when all who came before have ended their turns: at once if there are none. */
  static take(place: string, begin: () => void): Turn {
    const turn = new Turn(place, begin);
    const queue = queues.get(place);
    if (queue === undefined) {
      queues.set(place, [turn]);
      begin();
    } else queue.push(turn);
    return turn;
  }

  /** The attempt is over, or nobody wants it any more. */
  end(): void {
    const queue = queues.get(this.place);
    const index = queue?.indexOf(this) ?? -1;
    if (queue === undefined || index === -1) return;
    queue.splice(index, 1);
    if (queue.length === 0) queues.delete(this.place);
    else if (index === 0) queue[0]!.begin();
  }
}
