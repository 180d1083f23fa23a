// A task of its own: later than everything that is due now, microtasks included, and soon.

export const queueTask: (task: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : (task) => void setTimeout(task, 0);
