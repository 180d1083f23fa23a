// How a life is ended, by each of those who can: the client through the public API, the server, the relay. Each writes down
// beforehand what the verdict has to know.

import type { AsyncTcpConnection } from '../../../src/index';
import type { Chronicle } from './chronicle';
import type { EchoHost } from './echo-host';
import type { Passage } from './faulty-relay';
import type { Ending } from './plan';
import type { Random } from './random';
import type { Talk } from './talk';
import type { Tally } from './tally';

/** A life and those who have a part in it; the server and the relay come to it later. */
export interface Cast {
  readonly connection: AsyncTcpConnection;
  readonly chronicle: Chronicle;
  readonly talk: Talk;
  readonly random: Random;
  readonly tally: Tally;
  readonly host: EchoHost | undefined;
  readonly passage: Passage | undefined;
  /** Calls back after so many milliseconds, if the life still lasts. */
  after(milliseconds: number, action: () => void): void;
  /** Begins to connect while the connection is not gone yet. */
  connectAnew(): void;
}

/** False: it cannot be done yet. */
type Attempt = (cast: Cast) => boolean;

export const BRING_ABOUT: Readonly<Record<Ending, Attempt>> = {
  'the client closes': (cast) => close(cast),
  'the client closes with a last message': (cast) => close(cast, () => cast.talk.closeWith()),
  'the client closes when all is back': (cast) => {
    cast.chronicle.wasAllBack = cast.talk.isAllBack;
    if (cast.chronicle.wasAllBack) cast.tally.add('lives in which all came back before the end');
    return close(cast);
  },
  'the client destroys': (cast) => destroy(cast),
  'the client gives up while it connects': (cast) => {
    const isOpening = cast.connection.getStatus(false) === 'CONNECTING';
    return isOpening && cast.random.chance(0.5) ? destroy(cast) : close(cast);
  },
  'the client connects anew while it closes': (cast) => {
    if (!close(cast)) return false;
    cast.after(cast.random.between(0, 20), () => cast.connectAnew());
    return true;
  },
  'the server closes': (cast) => withHost(cast, (host) => host.close()),
  'both sides close at once': (cast) =>
    withHost(cast, (host) => {
      host.close();
      close(cast);
    }),
  'the server ends TCP without a close frame': (cast) => withHost(cast, (host) => host.endTcp()),
  'the server breaks the protocol': (cast) => withHost(cast, (host) => host.breakProtocol()),
  'the relay resets': byRelay,
  'the relay resets while they connect': byRelay,
  'the relay ends TCP in mid-frame': (cast) => {
    // A frame for it to cut.
    cast.host?.push();
    byRelay(cast);
    return cast.chronicle.isCut;
  },
  'the relay ends TCP and reads no more': byRelay,
  'the relay falls silent': byRelay,
  'the relay falls silent while they connect': byRelay,
};

function close(cast: Cast, how?: () => void): boolean {
  const { connection, chronicle } = cast;
  const { code, reason } = chronicle.plan;
  switch (connection.getStatus(false)) {
    case 'CLOSED':
      // A reconnect that has not begun: closing would call it off.
      return false;
    case 'CONNECTING':
      chronicle.isGivenUp = true;
      break;
    default:
      chronicle.closedByClientAt = performance.now();
      // "a closing handshake is not held up"
      chronicle.isPaused = false;
  }
  chronicle.note(`the client closes after ${chronicle.toServer.acceptedCount} messages`);
  chronicle.isBroughtAbout = true;
  if (how !== undefined) how();
  else connection.close(code, reason);
  // Within close() another life may have begun, to which it would belong.
  if (!chronicle.isOver && connection.send('too late') !== false) {
    chronicle.violate('send() took a message after close()');
  }
  return true;
}

function destroy(cast: Cast): boolean {
  const { connection, chronicle } = cast;
  if (connection.getStatus(false) === 'CLOSED') return false;
  chronicle.isDestroyed = true;
  chronicle.note('the client destroys');
  chronicle.isBroughtAbout = true;
  connection.destroy();
  if (!chronicle.isOver) chronicle.violate('destroy() did not end the connection');
  return true;
}

function withHost({ host }: Cast, action: (host: EchoHost) => void): boolean {
  if (host !== undefined) action(host);
  return host !== undefined;
}

function byRelay({ passage }: Cast): boolean {
  passage?.bringAbout();
  return passage !== undefined;
}
