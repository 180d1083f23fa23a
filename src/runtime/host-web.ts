// What a runtime without modules of Node's has: globals, any of which may be missing.

type Make = (task: () => void, milliseconds: number) => unknown;
type Clear = (made: unknown) => void;

export type Turn = (task: () => void) => unknown;

export interface Timers {
  readonly setTimeout: Make | undefined;
  /** Of intervals, too. */
  readonly clearTimeout: Clear | undefined;
  readonly setInterval: Make | undefined;
}

/** How a runtime does something later, what its clock says, and what else has to be its own. */
export interface Host extends Timers {
  readonly setImmediate: Turn | undefined;
  readonly clearImmediate: Clear | undefined;
  readonly nextTick: Turn | undefined;
  /** Resolves in a later turn of the event loop, whatever has been put in the place of timers. */
  readonly yieldTurn: (() => Promise<void>) | undefined;
  readonly now: () => number;
  readonly TextDecoder: typeof TextDecoder | undefined;
  readonly TextEncoder: typeof TextEncoder | undefined;
  readonly URL: (new (url: string | URL, base?: string | URL) => URL) | undefined;
  readonly btoa: ((latin1: string) => string) | undefined;
  readonly crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): unknown } | undefined;
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
  // Asked for when they are needed: programs bring some of them along.
  get TextDecoder() {
    return globalThis.TextDecoder;
  },
  get TextEncoder() {
    return globalThis.TextEncoder;
  },
  get URL() {
    return globalThis.URL;
  },
  get btoa() {
    return globalThis.btoa?.bind(globalThis);
  },
  get crypto() {
    return globalThis.crypto;
  },
};
