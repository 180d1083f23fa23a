// The key of a handshake and the answer that proves that the server speaks WebSocket (RFC 6455 §1.3).

import { base64 } from '../runtime/host';
import { fillRandom } from '../runtime/random';
import { latin1Bytes } from './header-text';
import { sha1 } from './sha1';

/** RFC 6455 §1.3, the GUID that proves that the server speaks WebSocket. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** A fresh Sec-WebSocket-Key: "a randomly selected 16-byte value that has been base64-encoded" (RFC 6455 §4.1). */
export function createKey(): string {
  const nonce = new Uint8Array(16);
  fillRandom(nonce);
  return base64(nonce);
}

/** The Sec-WebSocket-Accept that answers a key (RFC 6455 §4.2.2). */
export function acceptFor(key: string): string {
  return base64(sha1(latin1Bytes(key + GUID)));
}
