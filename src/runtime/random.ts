// Unpredictable bytes, from the platform's CSPRNG: masking keys (RFC 6455 §5.3) and handshake nonces (§4.1).

import { ofRuntime } from './host';

/** Fills `bytes` (at most 65,536, the limit of getRandomValues). */
export function fillRandom(bytes: Uint8Array<ArrayBuffer>): void {
  ofRuntime('crypto').getRandomValues(bytes);
}
