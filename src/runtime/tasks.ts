// How something is done later: taken from the runtime once, so that whoever replaces these functions while a message is on its
// way stops nobody's.

/** As soon as what is running has ended. */
export const queueSoon: (task: () => void) => void = queueMicrotask;

/** A task of its own: later than everything that is due now, microtasks included, and soon. */
export const queueTask: (task: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : (task) => void setTimeout(task, 0);
