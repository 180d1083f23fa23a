// The listeners to events of one type, in the order in which they came (DOM §2.7). A few are a list, for most sockets have no
// more and there may be thousands of sockets; many are found by what they call, so that coming and going costs each the same.
// It calls nobody.

export interface Listener {
  /** That of an `on…` attribute is whatever the attribute is when its turn comes. */
  callback: object;
  readonly capture: boolean;
  readonly once: boolean;
  readonly passive: boolean;
  /** Removes it when it is aborted. */
  readonly signal: AbortSignal | undefined;
  /** Set by an `on…` attribute: what it returns may count. */
  readonly isAttribute: boolean;
  isRemoved: boolean;
}

/** Up to so many are looked through one by one. */
const FEW = 32;

/** What stands for a callback that captures: the one that does not stands for itself. */
const capturing = new WeakMap<object, object>();

function keyOf(callback: object, capture: boolean): object {
  if (!capture) return callback;
  const key = capturing.get(callback) ?? {};
  capturing.set(callback, key);
  return key;
}

export class ListenerList {
  private few: Listener[] = [];
  /** All of them, when they have been more than a few; an attribute, whose callback changes, stands for itself. */
  private many: Map<object, Listener> | undefined;

  /** The only one; undefined if there are none or several. */
  get only(): Listener | undefined {
    if (this.many === undefined) return this.few.length === 1 ? this.few[0] : undefined;
    return this.many.size === 1 ? this.many.values().next().value : undefined;
  }

  /** As they are now, whatever comes and goes afterwards. */
  all(): readonly Listener[] {
    return this.many === undefined ? this.few.slice() : [...this.many.values()];
  }

  /** The one that addEventListener made with this callback; attributes are none of those. */
  find(callback: object, capture: boolean): Listener | undefined {
    if (this.many !== undefined) return this.many.get(keyOf(callback, capture));
    return this.few.find(
      (listener) => listener.callback === callback && listener.capture === capture && !listener.isAttribute,
    );
  }

  add(listener: Listener): void {
    if (this.many === undefined && this.few.length === FEW) {
      this.many = new Map(this.few.map((one) => [ownKeyOf(one), one]));
      this.few = [];
    }
    if (this.many === undefined) this.few.push(listener);
    else this.many.set(ownKeyOf(listener), listener);
  }

  remove(listener: Listener): void {
    if (this.many === undefined) this.few.splice(this.few.indexOf(listener), 1);
    else this.many.delete(ownKeyOf(listener));
    if (this.many?.size !== 0) return;
    this.many = undefined;
  }
}

function ownKeyOf(listener: Listener): object {
  return listener.isAttribute ? listener : keyOf(listener.callback, listener.capture);
}
