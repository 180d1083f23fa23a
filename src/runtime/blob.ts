// Blobs of bytes that were received, of the class that programs compare with. It does not know how Blobs are sent.

import { isBlob } from '../base/brands';
import type { Bytes } from '../base/bytes';
import { unheld } from '../base/faults';
import { builtinModule } from './which';

/** The runtime's own, taken once: tests put others in the place of the global one. */
const OwnBlob = builtinModule<{ readonly Blob?: typeof Blob }>('node:buffer')?.Blob ?? globalThis.Blob;

/**
 * A Blob of these bytes: of the global class (jsdom's, happy-dom's, if one of these has its place), so that `instanceof Blob` holds,
 * unless what that makes has not these bytes, or cannot be read.
 *
 * @throws WsimdError messageUnheld if there is no memory for it
 */
export function toBlob(bytes: Bytes): Blob {
  try {
    const { Blob: Global } = globalThis;
    if (Global !== OwnBlob && typeof Global === 'function') {
      const made = new Global([bytes]);
      if (isBlob(made) && made.size === bytes.length) return made;
    }
    return new OwnBlob([bytes]);
  } catch (cause) {
    throw unheld(cause);
  }
}
