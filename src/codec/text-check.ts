// Whether bytes that come in parts are the text of one message: valid UTF-8 over the whole (RFC 6455 §8.1), wherever a part is cut.
// It looks at them in the core, and knows neither where they come from nor where they go.

import { BLOCK_BYTES, RECORD_INFLATED_TEXT, STAGING, TEXT_ASCII } from '../../assembly/layout';
import { core } from './memory';
import { leaseRecord, releaseRecord } from './shared';

export class TextCheck {
  /** That of a decoder, of which nothing but the state of a text is used. */
  private readonly record = leaseRecord();

  /** Throws WS_ERR_TOO_MANY_CONNECTIONS. Whoever makes one releases it, once. */
  constructor() {
    core.bytes[this.record + RECORD_INFLATED_TEXT + TEXT_ASCII] = 1;
  }

  /** Whether the text may go on with these bytes. */
  takes(bytes: Uint8Array): boolean {
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      const part = bytes.subarray(at, at + BLOCK_BYTES);
      core.bytes.set(part, STAGING);
      if (core.takeInflated(this.record, STAGING, part.length, false) < 0) return false;
    }
    return true;
  }

  /** Whether the text may end here, or go on with a character. */
  get isWhole(): boolean {
    return core.takeInflated(this.record, STAGING, 0, true) >= 0;
  }

  release(): void {
    releaseRecord(this.record);
  }
}
