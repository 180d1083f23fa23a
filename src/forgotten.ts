// What to do for objects that were forgotten and not closed, as soon as the collector has found them. A runtime that tells nothing of
// its collector (workerd before 2025) has them closed by their users alone.

export interface Forgotten<Held extends object> {
  register(owner: object, held: Held): void;
  unregister(owner: object): void;
}

/** `release` is called with what was held for an owner that is gone. */
export function whenForgotten<Held extends object>(release: (held: Held) => void): Forgotten<Held> {
  if (typeof FinalizationRegistry !== 'function') return { register: () => {}, unregister: () => {} };
  const registry = new FinalizationRegistry(release);
  return {
    register: (owner, held) => registry.register(owner, held, owner),
    unregister: (owner) => void registry.unregister(owner),
  };
}
