// What a connection is told when it is dialled, and what it tells: the vocabulary between connection.ts and its owner.

import type { Bytes } from '../base/bytes';
import type { WsimdError } from '../base/faults';
import type { DecoderOptions, PieceReceiver } from '../codec/contract';
import type { Agreement, DeflateOffer } from '../handshake/permessage-deflate';
import type { HandshakeRequest } from '../handshake/request';
import type { HandshakeResponse } from '../handshake/response-parser';
import type { UnsentMessage } from '../sending/unsent';
import type { Connect, TransportTarget } from '../transport/contract';

/** A request that its owner has written. */
export interface WrittenRequest {
  /** As Latin-1, with its blank line. */
  readonly head: string;
  /** What the answer is checked against. */
  readonly key: string;
  readonly protocols: readonly string[];
}

/** Where an attempt goes, and what it asks for there. */
export interface Destination {
  readonly target: TransportTarget;
  readonly request: Omit<HandshakeRequest, 'key' | 'extensions'> | WrittenRequest;
}

/** What RFC 6455 leaves to an endpoint once a closing handshake has begun. The faces of this library differ in it. */
export interface ClosingManners {
  /** Whether messages, pings and pongs are told that come between our close frame and the peer's (§5.5.1). */
  readonly hearsOn: boolean;
  /** Whether the answer to a close frame has its reason, besides its code (§5.5.1). */
  readonly echoesReason: boolean;
  /** Whether TCP is ended as soon as both close frames have gone, or the server is waited for (§7.1.1). */
  readonly endsFirst: boolean;
  /** Whether a pause holds up the closing handshake. */
  readonly waitsInPause: boolean;
}

/** How a connection closes. */
export interface Closing extends ClosingManners {
  /** Seconds. */
  readonly closeTimeout: number;
  /** Seconds. */
  readonly lingerTimeout: number;
}

/** "The client SHOULD wait for the server to close the connection" (RFC 6455 §5.5.1), and nothing is heard meanwhile. */
export const PATIENT: ClosingManners = {
  hearsOn: false,
  echoesReason: false,
  endsFirst: false,
  waitsInPause: false,
};

/** An answer that completes the handshake, and what was agreed on by it. */
export interface Accepted {
  readonly response: HandshakeResponse;
  /** On permessage-deflate; undefined: nothing is compressed. */
  readonly agreement: Agreement | undefined;
}

/** All times in seconds, all sizes in bytes. */
export interface ConnectionSettings {
  /**
   * Over everything until the server's 101, the functions that a promised destination comes from included. Infinity: the
   * runtime's own limits are all there is.
   */
  readonly connectTimeout: number;
  /** Ends the attempt; once it has succeeded it means nothing any more. */
  readonly signal: AbortSignal | undefined;
  readonly closing: Closing;
  readonly decoding: DecoderOptions;
  /** What is offered of permessage-deflate, in the order of preference; undefined: nothing. A written request has it already. */
  readonly offers?: readonly DeflateOffer[] | undefined;
  /** Opens its pipe. */
  readonly connect: Connect;
}

export interface ConnectionEnd {
  /** Status of the peer's close frame; 1005 if it had none, 1006 if no close frame came (RFC 6455 §7.1.5). */
  readonly code: number;
  readonly reason: string;
  /** The reason as it came, where text is not validated. */
  readonly reasonBytes?: Bytes | undefined;
  /** Both close frames were exchanged (RFC 6455 §7.1.4). */
  readonly wasClean: boolean;
  /** The peer has answered our close frame with its status, so that it had all that was sent before (RFC 6455 §5.5.1). */
  readonly isConfirmed: boolean;
  /** What ended the connection, if it was not a close frame of either side. */
  readonly error: WsimdError | undefined;
}

/** What a connection tells its owner. None of these may throw. */
export interface ConnectionEvents {
  /** TCP (and TLS) is up; the handshake request has not been sent. */
  onConnect(): void;
  /** 101 was accepted. */
  onOpen(accepted: Accepted): void;
  onMessage(data: string | Bytes, isBinary: boolean): void;
  /** A binary message in its non-empty frames, if that is asked for. */
  onFragments?(fragments: Bytes[]): void;
  /** A message begins, if that is asked for: who takes it in pieces; undefined: it comes by `onMessage`. */
  onMessageStart?(isBinary: boolean): PieceReceiver | undefined;
  /** No message is told any more, and none that has begun will be complete: our close frame is on its way, perhaps by an error. */
  onDeaf?(error: WsimdError | undefined): void;
  /** A ping; the owner answers it or not. */
  onPing(payload: Bytes): void;
  /** The heartbeat is about to send a ping. */
  onPinged?(): void;
  /** A pong; `roundTrip` in seconds if it answers the last ping of the heartbeat. */
  onPong(payload: Bytes, roundTrip: number | undefined): void;
  /** The peer's close frame; the connection answers it. */
  onCloseFrame(code: number, reason: string): void;
  /** Everything accepted so far has left. */
  onDrained(): void;
  /**
   * The messages that were accepted and of which nothing has left, in order, once nothing leaves any more: whoever has this event
   * may send them elsewhere. There may be none.
   */
  onUnsent?(messages: readonly UnsentMessage[]): void;
  /** Why the connection is about to end. At most once. */
  onError(error: WsimdError): void;
  /**
   * One of the events above threw: only those that the decoder delivers may. WS_ERR_UNSUPPORTED_MESSAGE_LENGTH ends the
   * connection instead.
   */
  onException(error: unknown): void;
  /** Exactly once, the last event. */
  onClose(event: ConnectionEnd): void;
}
