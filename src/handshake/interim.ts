// How much a server may say before its answer: interim responses, which a client "MUST be able to parse" (RFC 9110 §15.2) and
// which nothing else ends, for each of them is small. Whoever reads answers counts them here; it reads nothing itself.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';

export const MAX_HEAD_BYTES = 16_384;
export const MAX_HEADERS = 100;

/** Nobody has more than a few of them to say: 100, 102, 103. */
export const MAX_INTERIM = 100;

export function tooMuchInterim(): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.headSize, 'interim responses (1xx) alone are beyond that, or more than 100');
}

/** Whether a status is that of a response behind which another follows: 101 is the last one of HTTP. */
export function isInterim(status: number): boolean {
  return status >= 100 && status < 200 && status !== 101;
}

/** What node:http tells of one. */
export interface Information {
  readonly statusMessage: string;
  /** Names and values by turns. */
  readonly rawHeaders: readonly string[];
}

/** "HTTP/1.1 103 ", the end of that line, and the blank line. */
const BARE_BYTES = 17;

/** The interim responses to one request. */
export class InterimCount {
  private count = 0;
  private bytes = 0;
  private headers = 0;

  /** One more. False: they are too many or too large, all together. */
  accept({ statusMessage, rawHeaders }: Information): boolean {
    this.count += 1;
    this.headers += rawHeaders.length / 2;
    this.bytes += BARE_BYTES + statusMessage.length;
    // A name has ": " behind it, a value its line's end.
    for (const text of rawHeaders) this.bytes += text.length + 2;
    return this.count <= MAX_INTERIM && this.bytes <= MAX_HEAD_BYTES && this.headers <= MAX_HEADERS;
  }
}
