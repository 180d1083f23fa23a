// The name that was probably meant by one that is none: for the end of a sentence that refuses it. It knows no options.

/** More changes than that make another word. */
const MOST_CHANGES = 2;

/** ` Did you mean …?`, or nothing. */
export function meantBy(name: string, names: Iterable<string>): string {
  const nearest = nearestOf(name, names);
  return nearest === undefined ? '' : ` Did you mean ${nearest}?`;
}

function nearestOf(name: string, names: Iterable<string>): string | undefined {
  // A third of a short name is another name.
  let least = Math.min(MOST_CHANGES, Math.floor(name.length / 3)) + 1;
  let nearest: string | undefined;
  for (const other of names) {
    if (Math.abs(other.length - name.length) >= least) continue;
    const changes = changesBetween(name.toLowerCase(), other.toLowerCase());
    if (changes >= least) continue;
    least = changes;
    nearest = other;
  }
  return nearest;
}

/** Letters to be replaced, added, left out, or exchanged with their neighbour (the distance of Damerau and Levenshtein). */
function changesBetween(from: string, to: string): number {
  let before: number[] = [];
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const isSame = from[i - 1] === to[j - 1];
      let least = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (isSame ? 0 : 1));
      const isExchanged = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (isExchanged) least = Math.min(least, before[j - 2]! + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return row[to.length]!;
}
