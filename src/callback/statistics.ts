// The counters of this thread, by Workerman's names.

/** Of all connections since the thread began, except where it says otherwise. */
export const statistics = {
  /** Connections that are on their way or open now. */
  connection_count: 0,
  /** Messages received. */
  total_request: 0,
  /** Exceptions that callbacks threw. */
  throw_exception: 0,
  /** Messages that `send()` dropped. */
  send_fail: 0,
};

export type Statistics = Readonly<typeof statistics>;
