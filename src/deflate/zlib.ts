// Which streams there are: those of the platform's zlib where a probe has shown that they can be called synchronously, and
// otherwise what does the same by public means. It knows neither messages nor frames.

import { standIn } from '#stand-in';
import { zlib } from '#zlib';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { HandleStream } from './handle-stream';
import { handlesWork } from './probe';
import type { Kind, Zlib, ZlibOptions } from './stream';

export { Z_NO_FLUSH, Z_SYNC_FLUSH } from './stream';
export type { Kind, Zlib, ZlibOptions };

/** Whether there is a zlib. */
export const hasZlib = zlib !== undefined;

/** To be closed by whoever asks for it. @throws what zlib says of the options, or of the memory that there is */
export function openZlib(kind: Kind, options: ZlibOptions): Zlib {
  const platform = zlib!;
  if (handlesWork(platform)) return new HandleStream(platform, kind, options);
  if (standIn !== undefined) return standIn(platform, kind, options);
  throw new WsimdError(
    CONNECTION_FAULTS.unsupported,
    'its zlib cannot be called synchronously, as compression needs it',
  );
}
