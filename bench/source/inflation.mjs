// What one client sends compressed (RFC 7692), as the source looks into it: now and then, for what came in between is known. It
// owns what that was, and must not know frames or phases.

/** @import { Row } from '../rows.mjs' */

import { historyOf, inflated, recent } from '../wire/permessage-deflate.mjs';

const NOTHING = new Uint8Array(0);

export class Inflation {
  #keepsContext;
  #payloads;
  /** What came compressed before the payloads that are sent now. @type {Uint8Array} */
  #earlier = NOTHING;

  /**
   * @param {Row} row
   * @param {Uint8Array[]} payloads
   */
  constructor({ perMessageDeflate }, payloads) {
    this.#keepsContext = !perMessageDeflate?.clientNoContextTakeover;
    this.#payloads = payloads;
  }

  /**
   * A message that is not one of the payloads.
   * @param {Uint8Array} compressed
   * @returns {Uint8Array}
   */
  inflateOther(compressed) {
    const message = inflated(compressed, this.#earlier);
    if (this.#keepsContext) this.#earlier = recent(Buffer.concat([this.#earlier, message]));
    return message;
  }

  /**
   * What came before is taken to have been the payloads in turn; from anything else its references would take the wrong bytes.
   * @param {Uint8Array} compressed
   * @param {number} message since the first payload
   */
  check(compressed, message) {
    const payload = /** @type {Uint8Array} */ (this.#payloads[message % this.#payloads.length]);
    if (!inflated(compressed, this.#historyOf(message)).equals(payload)) {
      throw new Error(`message ${message} inflates to something else`);
    }
  }

  /** @param {number} messages as many payloads have come, all of them compressed */
  payloadsEnded(messages) {
    this.#earlier = this.#historyOf(messages);
  }

  /** @param {number} message */
  #historyOf(message) {
    return this.#keepsContext ? historyOf(this.#payloads, message, this.#earlier) : NOTHING;
  }
}
