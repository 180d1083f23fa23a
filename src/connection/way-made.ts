// What the kernel took over and the peer's TCP has not acknowledged makes way, or it does not: for deadlines that run while
// something of ours is still on its way to a peer on a slow line. It knows bytes, not what is in them.

export interface Underway {
  /** So many bytes were accepted to be sent, frames that nobody waits for among them. */
  accepted(): number;
  /** About so many of those the peer's TCP has acknowledged, where that is known. Not asked for where the peer answers soon. */
  acknowledged(): number | undefined;
}

/**
 * A figure that changes as what was accepted makes way. The first call, when waiting begins, asks nothing, and the second only how
 * much that is: what most peers answer at once costs nothing.
 */
export function wayMade(underway: Underway): () => number {
  let isAtBegin = true;
  /** From the second call on: what had been accepted by then, and the most that has been acknowledged since. */
  let accepted: number | undefined;
  let acknowledged = Number.POSITIVE_INFINITY;
  let steps = 0;
  return () => {
    const found = isAtBegin ? undefined : underway.acknowledged();
    isAtBegin = false;
    if (found === undefined) return steps;
    // What arrived wholly is answered, or the peer is silent, whatever its TCP says of what follows.
    if (accepted !== undefined && acknowledged < accepted && found > acknowledged) steps += 1;
    accepted ??= underway.accepted();
    // TLS makes more bytes of ours than we know of: the figure may fall, and to rise again is no news.
    acknowledged = acknowledged === Number.POSITIVE_INFINITY ? found : Math.max(acknowledged, found);
    return steps;
  };
}
