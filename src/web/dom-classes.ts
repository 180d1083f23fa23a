// The DOM's classes of events, as they are when this face is loaded. It can be loaded where one is missing, and its own events can
// do without: what is missed is said when a program makes one.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';

function orMissing<Class>(name: string): Class {
  const found = (globalThis as Record<string, unknown>)[name];
  if (typeof found === 'function') return found as Class;
  const missing = class {
    constructor() {
      throw new WsimdError(CONNECTION_FAULTS.unsupported, `it has no ${name}`);
    }
  };
  return Object.defineProperty(missing, 'name', { value: name }) as Class;
}

export const NativeEvent = orMissing<typeof Event>('Event');
export const NativeMessageEvent = orMissing<typeof MessageEvent>('MessageEvent');
