// permessage-deflate (RFC 7692) as the source speaks it: message by message, each with a call of zlib of its own that is told
// what the messages before it were. So nothing has to be inflated to get at what comes after it. This file must not know frames.

/** @import { Deflate } from '../rows.mjs' */

import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

export const EXTENSION = 'permessage-deflate';

/** On the first frame of a message that is compressed (RFC 7692, section 6). */
export const RSV1 = 0x40;

/** What a message may refer to (RFC 1951, section 2): neither end is asked for less. */
const WINDOW_BYTES = 32 * 1024;

/** Left out at the end of each message (RFC 7692, section 7.2.1). */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);

/**
 * @param {Deflate} agreed
 * @returns {string} the extension and its parameters, as a server answers. Both may be there without having been offered
 *   (RFC 7692, sections 7.1.1.1 and 7.1.1.2).
 */
export function parametersOf({ serverNoContextTakeover, clientNoContextTakeover }) {
  return [
    EXTENSION,
    ...(serverNoContextTakeover ? ['server_no_context_takeover'] : []),
    ...(clientNoContextTakeover ? ['client_no_context_takeover'] : []),
  ].join('; ');
}

/**
 * At zlib's own level, as most servers do.
 * @param {Uint8Array} message
 * @param {Uint8Array} history what came before it, oldest first; empty without context takeover
 * @returns {Buffer} the payload of a frame
 */
export function compressed(message, history) {
  return deflateRawSync(message, optionsFor(history)).subarray(0, -TAIL.length);
}

/**
 * @param {Uint8Array} payload of a message's frame
 * @param {Uint8Array} history what came before it, oldest first; empty without context takeover
 * @returns {Buffer}
 */
export function inflated(payload, history) {
  return inflateRawSync(Buffer.concat([payload, TAIL]), optionsFor(history));
}

/**
 * @param {Uint8Array} history
 * @returns {import('node:zlib').ZlibOptions}
 */
function optionsFor(history) {
  const dictionary = recent(history);
  const ending = { finishFlush: constants.Z_SYNC_FLUSH };
  return dictionary.length === 0 ? ending : { ...ending, dictionary };
}

/**
 * @param {Uint8Array} history
 * @returns {Uint8Array} as much of it as a message may refer to
 */
export function recent(history) {
  return history.subarray(Math.max(0, history.length - WINDOW_BYTES));
}

/**
 * The history of a message in a row whose messages are payloads in turn.
 * @param {Uint8Array[]} payloads
 * @param {number} message its number
 * @param {Uint8Array} earlier what came before message 0
 * @returns {Uint8Array}
 */
export function historyOf(payloads, message, earlier) {
  const parts = [];
  let size = 0;
  for (let number = message - 1; number >= 0 && size < WINDOW_BYTES; number--) {
    const part = /** @type {Uint8Array} */ (payloads[number % payloads.length]);
    parts.push(part);
    size += part.length;
  }
  return recent(Buffer.concat([earlier, ...parts.reverse()]));
}
