// What to say of a name that has no meaning where it stands: which one was probably meant. It knows no options.

/** More changes than that make another word. */
const MOST_CHANGES = 2;

/** The error for a name that is none of `names`. */
export function unknownName(owner: string, name: string, names: readonly string[]): TypeError {
  return new TypeError(`${owner} has no ${name}.${meantBy(name, names)}`);
}

/** ` Did you mean …?`, or nothing. */
export function meantBy(name: string, names: readonly string[]): string {
  // A third of a short name is another name.
  const most = Math.min(MOST_CHANGES, Math.floor(name.length / 3));
  for (let changes = 0; changes <= most; changes += 1) {
    const nearest = names.find((other) => isWithin(changes, name.toLowerCase(), other.toLowerCase()));
    if (nearest !== undefined) return ` Did you mean ${nearest}?`;
  }
  return '';
}

/** Whether so few letters replaced, added, left out, or exchanged with their neighbour make the one of the other. */
function isWithin(changes: number, one: string, other: string): boolean {
  if (one === other) return true;
  if (one !== '' && one[0] === other[0]) return isWithin(changes, one.slice(1), other.slice(1));
  if (changes === 0) return false;
  const isExchanged = one.length > 1 && one[0] === other[1] && one[1] === other[0];
  return (
    isWithin(changes - 1, one.slice(1), other.slice(1)) ||
    isWithin(changes - 1, one.slice(1), other) ||
    isWithin(changes - 1, one, other.slice(1)) ||
    (isExchanged && isWithin(changes - 1, one.slice(2), other.slice(2)))
  );
}
