// The pings of a program that wait for their pongs, on one connection: which pong answers which of them (RFC 6455 §5.5.3), and how
// long that took. The heartbeat's pings are its own affair; what is told of pongs is the session's.

import { areSame, plainView } from '../base/bytes';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { encodeUtf8 } from '../runtime/strings';
import { now } from '../runtime/tasks';
import { heard } from './promises';

/** Pings that may wait for their pongs: a program that pings a peer which never answers shall not fill the memory. */
const MOST = 256;

/** What a ping leaves through. */
interface Way {
  ping(payload: Uint8Array): void;
  readonly sender: { readonly isStalled: boolean; whenFramesWritten(done: (isWritten: boolean) => void): void };
}

interface Ping {
  readonly payload: Uint8Array;
  /** In milliseconds of `now()`. */
  sentAt: number;
  /** Messages that were sent in front of it. */
  readonly behind: number;
  readonly resolve: (seconds: number) => void;
  readonly reject: (error: WsimdError) => void;
}

export class Pings {
  /** In the order in which they were sent. */
  private waiting: Ping[] = [];
  private count = 0;

  /**
   * Sends one behind so many messages; undefined: with a payload that no other has. The promise is for its round trip in seconds, and
   * may be left alone. Throws what goes wrong; then none was sent.
   */
  send(way: Way, given: Uint8Array | undefined, behind: number): Promise<number> {
    this.count += 1;
    // What was given may be written to before the pong comes.
    const payload = given === undefined ? encodeUtf8(`ping ${this.count}`) : plainView(given).slice();
    let ping!: Ping;
    const promise = new Promise<number>((resolve, reject) => {
      ping = { payload, sentAt: now(), behind, resolve, reject };
    });
    this.waiting.push(ping);
    try {
      way.ping(payload);
    } catch (error) {
      this.waiting = this.waiting.filter((other) => other !== ping);
      throw error;
    }
    if (way.sender.isStalled) {
      way.sender.whenFramesWritten((isWritten) => {
        if (isWritten) ping.sentAt = now();
      });
    }
    if (this.waiting.length > MOST) this.waiting.shift()?.reject(unanswered(`${MOST} pings were sent behind it`));
    return heard(promise);
  }

  /**
   * A pong came. A peer "MAY elect to send a Pong frame for only the most recently processed Ping frame": so it answers those in
   * front of its own, too, and where several have its payload it is taken for the first one's.
   *
   * @param roundTrip in seconds, where it answers a ping of the heartbeat
   * @returns the messages that were sent in front of the last one that it answers; 0: it answers none
   */
  answered(payload: Uint8Array, roundTrip: number | undefined): number {
    const time = now();
    const count =
      roundTrip === undefined
        ? this.waiting.findIndex((ping) => areSame(ping.payload, payload)) + 1
        : this.waiting.filter(({ sentAt }) => sentAt < time - roundTrip * 1000).length;
    const answered = this.waiting.splice(0, count);
    for (const { resolve, sentAt } of answered) resolve((time - sentAt) / 1000);
    return answered.at(-1)?.behind ?? 0;
  }

  /** No pong comes any more. */
  lost(cause: WsimdError | undefined): void {
    for (const { reject } of this.waiting.splice(0)) reject(unanswered('the connection was gone first', cause));
  }
}

function unanswered(detail: string, cause?: WsimdError): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.noPong, cause === undefined ? detail : `${detail}: ${cause.message}`, cause);
}
