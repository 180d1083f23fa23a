// The DOM's classes of events and errors, as they are when this face is loaded. It can be loaded where one is missing, and its
// own events can do without: what is missed is said when a program makes one.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { nodeMajor } from '../runtime/which';

/** @param Base what it extends */
function missing<Class>(name: string, Base: new () => object): Class {
  const Missing = class extends Base {
    constructor() {
      throw new WsimdError(CONNECTION_FAULTS.unsupported, `it has no ${name}`);
      // biome-ignore lint/correctness/noUnreachable: a constructor of what extends something calls it, says the language
      super();
    }
  };
  return Object.defineProperty(Missing, 'name', { value: name }) as Class;
}

function orMissing<Class>(name: string, Base: new () => object = Object): Class {
  const found = (globalThis as Record<string, unknown>)[name];
  return typeof found === 'function' ? (found as Class) : missing(name, Base);
}

/**
 * Node.js 22 loads all of its own WebSocket with the first look at MessageEvent. That reserves 10 GiB of address space, and ends the
 * process where there is no room for them, or no WebAssembly. Before and since then the class is there by itself.
 */
export const isLookCostly = nodeMajor === 22 || nodeMajor === 23;

function mayLook(): boolean {
  if (!isLookCostly) return true;
  try {
    new WebAssembly.Memory({ initial: 1 });
    return true;
  } catch {
    return false;
  }
}

export const NativeEvent = orMissing<typeof Event>('Event');
export const NativeEventTarget = orMissing<typeof EventTarget>('EventTarget');
export const NativeDOMException = orMissing<typeof DOMException>('DOMException');

let NativeMessageEvent: typeof MessageEvent | undefined;

export function nativeMessageEvent(): typeof MessageEvent {
  NativeMessageEvent ??= (mayLook() ? orMissing : missing)<typeof MessageEvent>('MessageEvent', NativeEvent as never);
  return NativeMessageEvent;
}
