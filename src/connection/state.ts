// The life of a connection as a table: what may happen in which state, and what state follows. It knows nothing of how
// things happen.

export type State = 'initial' | 'dialing' | 'handshaking' | 'open' | 'ending' | 'closing' | 'closed';

export type Step =
  /** An attempt begins. */
  | 'dial'
  /** TCP (and TLS) is up; the request is sent (RFC 6455 §4.1). */
  | 'connected'
  /** The answer leads to another place, which the same attempt goes on to (RFC 9110 §15.4). */
  | 'redirected'
  /** 101 was accepted. */
  | 'accepted'
  /** Either side began the closing handshake (RFC 6455 §7.1.3). */
  | 'close'
  /** No frame follows in either direction: what was sent is flushed, then TCP ends (RFC 6455 §7.1.1). */
  | 'end'
  /** TCP is gone, or was given up. */
  | 'gone';

const TABLE: Readonly<Record<State, Partial<Record<Step, State>>>> = {
  initial: { dial: 'dialing' },
  dialing: { connected: 'handshaking', gone: 'closed' },
  handshaking: { redirected: 'dialing', accepted: 'open', gone: 'closed' },
  open: { close: 'closing', end: 'ending', gone: 'closed' },
  closing: { end: 'ending', gone: 'closed' },
  ending: { gone: 'closed' },
  closed: {},
};

/** The state that follows, or undefined if the step cannot happen in this state. */
export function follow(state: State, step: Step): State | undefined {
  return TABLE[state][step];
}
