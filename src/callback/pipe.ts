// Messages of one connection forwarded to another, at the pace of the slower one, as Workerman's pipe() does. It knows
// little but the public side of connections.

import type { Callbacks } from './callbacks';

/** The public object, as far as a pipe knows it. */
interface End<Self> extends Pick<Callbacks<Self>, 'onMessage' | 'onClose' | 'onBufferFull' | 'onBufferDrain'> {
  send(data: string | Uint8Array, options: { readonly binary: boolean }): boolean | null;
  pauseRecv(): void;
  resumeRecv(): void;
  close(): void;
}

/** A string is text, whatever the destination's `websocketType` says. */
const AS_IT_CAME = { binary: false };

/**
 * Callbacks that were set before are still called, except the source's `onMessage`, and what they return is returned: it may be a
 * promise.
 *
 * @param isFull whether what is sent to the destination now would be dropped
 */
export function pipe<Self extends End<Self>>(source: Self, destination: Self, isFull: boolean): void {
  const { onClose } = source;
  const { onBufferFull, onBufferDrain, onClose: onDestinationClose } = destination;
  if (isFull) source.pauseRecv();
  source.onMessage = (_source, data) => {
    // Whoever cannot be reached any more gets nothing; to read on would lose it all.
    if (destination.send(data, AS_IT_CAME) === false) source.close();
  };
  source.onClose = (_source, event) => {
    destination.close();
    return onClose?.(source, event);
  };
  destination.onBufferFull = () => {
    source.pauseRecv();
    return onBufferFull?.(destination);
  };
  destination.onBufferDrain = () => {
    source.resumeRecv();
    return onBufferDrain?.(destination);
  };
  destination.onClose = (_destination, event) => {
    // It will never drain. Read on, the source meets the next message, or its own end.
    source.resumeRecv();
    return onDestinationClose?.(destination, event);
  };
}
