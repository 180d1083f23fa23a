// What a runtime without modules of Node's has: globals, any of which may be missing.

type Make = (task: () => void, milliseconds: number) => unknown;
type Clear = (made: unknown) => void;

/** How a runtime does something later, and what its clock says. */
export interface Host {
  readonly setTimeout: Make | undefined;
  /** Of intervals, too. */
  readonly clearTimeout: Clear | undefined;
  readonly setInterval: Make | undefined;
  readonly setImmediate: ((task: () => void) => unknown) | undefined;
  readonly clearImmediate: Clear | undefined;
  readonly nextTick: ((task: () => void) => void) | undefined;
  /** Resolves in a later turn of the event loop, whatever has been put in the place of timers. */
  readonly yieldTurn: (() => Promise<void>) | undefined;
  readonly now: () => number;
}

const { setTimeout, clearTimeout, setInterval, setImmediate, clearImmediate, performance } =
  globalThis as unknown as Partial<Host> & { performance?: Performance };

export const host: Host = {
  setTimeout,
  clearTimeout,
  setInterval,
  setImmediate,
  clearImmediate,
  nextTick: undefined,
  yieldTurn: undefined,
  now: performance === undefined ? Date.now : performance.now.bind(performance),
};
