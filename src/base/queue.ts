// First in, first out, at the same cost however many wait: `shift` of an array that is long moves all of it. It knows nothing of
// what it holds.

/** Places at the beginning that may be empty before the array is made anew. */
const EMPTY_PLACES = 64;

/** What empty queues share, and nobody adds to: an idle connection has two queues, and an array each would be 32 bytes more. */
const NONE: never[] = [];

export class Queue<Item extends object> {
  private items: (Item | undefined)[] = NONE;
  private begin = 0;

  get length(): number {
    return this.items.length - this.begin;
  }

  get isEmpty(): boolean {
    return this.begin === this.items.length;
  }

  get first(): Item | undefined {
    return this.items[this.begin];
  }

  get last(): Item | undefined {
    return this.isEmpty ? undefined : this.items[this.items.length - 1];
  }

  /** All of them, which stay. */
  get all(): readonly Item[] {
    return this.items.slice(this.begin) as Item[];
  }

  push(item: Item): void {
    if (this.items === NONE) this.items = [item];
    else this.items.push(item);
  }

  /** In front of all others: what is left of the one that was taken last. */
  putBack(item: Item): void {
    if (this.items === NONE) this.items = [item];
    else if (this.begin === 0) this.items.unshift(item);
    else {
      this.begin -= 1;
      this.items[this.begin] = item;
    }
  }

  /** The same for several, in their order. */
  putBackAll(items: readonly Item[]): void {
    this.items = [...items, ...this.all];
    this.begin = 0;
  }

  /** There must be one. */
  replaceLast(item: Item): void {
    this.items[this.items.length - 1] = item;
  }

  /** Takes the first; undefined: there is none. */
  shift(): Item | undefined {
    const { begin } = this;
    const item = this.items[begin];
    if (item === undefined) return undefined;
    // It is not kept for the sake of its place.
    this.items[begin] = undefined;
    this.begin = begin + 1;
    if (this.isEmpty) this.takeAll();
    else if (this.begin >= EMPTY_PLACES && this.begin * 2 >= this.items.length) {
      this.items = this.items.slice(this.begin);
      this.begin = 0;
    }
    return item;
  }

  /** Takes all of them. */
  takeAll(): readonly Item[] {
    const { items, begin } = this;
    this.items = NONE;
    this.begin = 0;
    return (begin === 0 ? items : items.slice(begin)) as readonly Item[];
  }
}
