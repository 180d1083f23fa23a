// The judgement of a life that is over: whether what was told at its end agrees with what happened, and whether all messages
// arrived that had to. That they arrive in order, once and unchanged is checked as they come, in ledger.ts.
//
// What has to arrive, beyond that:
// - A close frame is the last frame of its side (RFC 6455 §5.5.1), and TCP keeps the order. So whoever has got one has got
//   everything that the other side had accepted before: the server, whoever began; the client, if the server began.
// - After its own close frame the client is told no more messages, so of what is on its way at that moment a prefix arrives.
//   A client that wants all echoes waits for them before it closes: then all three lists are the same.
// - FIN without a close frame loses nothing that was sent in front of it. After a reset TCP promises nothing but a prefix.

import type { ConnectionCloseEvent, WsimdError } from '../../../src/index';
import type { Chronicle } from './chronicle';

/** Timers may fire a little early by another clock. */
const CLOCK_SECONDS = 0.005;

/** What may have ended a life, in whose `onClose` these errors stand. */
const CAUSES: Readonly<Record<string, (chronicle: Chronicle) => boolean>> = {
  WS_ERR_CONNECT: ({ openedAt, isGone }) => openedAt === undefined && isGone,
  WS_ERR_TLS: ({ openedAt, isGone, plan }) => openedAt === undefined && plan.isSecure && isGone,
  WS_ERR_HANDSHAKE_ENDED: ({ openedAt, isGone }) => openedAt === undefined && isGone,
  WS_ERR_CONNECT_TIMEOUT: (chronicle) =>
    chronicle.openedAt === undefined && hasPassed(chronicle, chronicle.dialedAt, chronicle.plan.connectTimeout),
  // Node's resetAndDestroy() sends FIN in front of RST: the client sees the one or the other.
  WS_ERR_ENDED: ({ openedAt, isGone }) => openedAt !== undefined && isGone,
  WS_ERR_RESET: ({ openedAt, isReset }) => openedAt !== undefined && isReset,
  WS_ERR_CLOSE_TIMEOUT: (chronicle) => hasPassed(chronicle, chronicle.closedByClientAt, chronicle.plan.closeTimeout),
  WS_ERR_DEAD_PEER: (chronicle) => {
    const { openedAt, pongAt, plan } = chronicle;
    return openedAt !== undefined && hasPassed(chronicle, Math.max(openedAt, pongAt), plan.heartbeat?.[1]);
  },
};

/** "In onClose only". */
const QUIET = ['WS_ERR_ENDED', 'WS_ERR_RESET', 'WS_ERR_CLOSE_TIMEOUT'];

function hasPassed(chronicle: Chronicle, since: number | undefined, seconds: number | undefined): boolean {
  return since !== undefined && seconds !== undefined && chronicle.since(since) >= seconds - CLOCK_SECONDS;
}

/** To be called inside the last onClose, where the clock still tells what has passed. */
export function judgeClose(chronicle: Chronicle, event: ConnectionCloseEvent, isUnsent: boolean): void {
  const { closeFrame, plan, errors } = chronicle;
  const error = event.error as WsimdError | undefined;
  const violate = (sentence: string): void => chronicle.violate(`onClose: ${sentence}`);

  // Whoever had gone before its close frame was told was not answered any more.
  const isAnswered = closeFrame !== undefined && !(closeFrame.wasLate && !event.wasClean);
  // What was sent in front of our close frame may be what could not leave.
  if (event.wasClean !== isAnswered && !(isUnsent && !event.wasClean)) violate(`wasClean is ${event.wasClean}`);
  const { code, reason } = closeFrame ?? { code: 1006, reason: '' };
  const isSame = event.code === code && event.reason === reason;
  if (!isSame) violate(`it says ${event.code} ${event.reason}, not ${code} ${reason}`);

  const told = error === undefined || QUIET.includes(error.code) ? [] : [error];
  if (errors.length !== told.length || errors[0] !== told[0]) violate(`onError had told ${errors.join()}`);

  if (error === undefined) {
    const isExplained = closeFrame !== undefined || chronicle.isDestroyed || chronicle.isGivenUp;
    if (!isExplained) violate('it has no error, and nobody closed');
  } else if (closeFrame !== undefined) {
    violate(`it has an error after a close frame: ${error.message}`);
  } else if (CAUSES[error.code] !== undefined) {
    if (!CAUSES[error.code]!(chronicle)) violate(`nothing explains ${error.code}`);
  } else if (error.code !== plan.breach.code || error.status !== plan.breach.status) {
    violate(`nothing explains ${error.code}, ${error.message}`);
  }
  judgeDelivery(chronicle, error?.code);
}

/** What the client has to have been told by now. */
function judgeDelivery(chronicle: Chronicle, code: string | undefined): void {
  const { toClient, plan } = chronicle;
  if (chronicle.closedByClientAt !== undefined || chronicle.isDestroyed) return;
  if (chronicle.sentBeforeBreach !== undefined && code === plan.breach.code) {
    toClient.expectCount(chronicle.sentBeforeBreach, 'before the breach of the protocol');
  }
  const hasEnded = (code === 'WS_ERR_ENDED' || code === 'WS_ERR_RESET') && !chronicle.isReset;
  if (!hasEnded) return;
  if (!chronicle.isCut) toClient.expectComplete('before the server ended TCP');
  else if (chronicle.messagesBeforeCut !== undefined) {
    toClient.expectCount(chronicle.messagesBeforeCut, 'before TCP ended in mid-frame');
  }
}

/** The peer's close frame is being told. */
export function judgeCloseFrame(chronicle: Chronicle, code: number, reason: string): void {
  const { plan } = chronicle;
  if (chronicle.closeFrame !== undefined) chronicle.violate('a close frame was told twice');
  chronicle.closeFrame = { code, reason, wasLate: chronicle.isGone };
  // One that answers echoes the status (RFC 6455 §5.5.1); here both sides of a life use the same.
  if (code !== plan.code || reason !== plan.reason) chronicle.violate(`the close frame has ${code} ${reason}`);
  if (chronicle.closedByClientAt === undefined) {
    if (!chronicle.closedByServer) chronicle.violate('a close frame came, but neither side has closed');
    chronicle.toClient.expectComplete('before the close frame of the server');
  }
}

/** Both sides are gone. */
export function judgeServer(chronicle: Chronicle): void {
  const { codeAtServer, plan, closeEvent } = chronicle;
  if (codeAtServer === undefined) return;
  if (codeAtServer !== 1006) {
    const isBreach = closeEvent?.error !== undefined && chronicle.sentBeforeBreach !== undefined;
    const expected = isBreach ? plan.breach.status : plan.code;
    if (codeAtServer !== expected) chronicle.violate(`the server got a close frame with ${codeAtServer}`);
    chronicle.toServer.expectComplete('before the close frame of the client');
    if (chronicle.wasAllBack) chronicle.toClient.expectComplete('although the client had waited for all of it');
  } else if (closeEvent?.wasClean && !chronicle.closedByServer) {
    chronicle.violate('the server answered a close frame that it never got');
  }
}
