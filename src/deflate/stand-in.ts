// What stands in for the streams of a zlib that cannot be called synchronously, in the builds for Node.js, Bun and Deno.

import type { PlatformZlib } from '../runtime/zlib-node';
import { Inflater } from './inflater';
import type { Kind, Zlib, ZlibOptions } from './stream';
import { SyncDeflate } from './sync-deflate';

export type StandIn = (platform: PlatformZlib, kind: Kind, options: ZlibOptions) => Zlib;

export const standIn: StandIn | undefined = (platform, kind, options) =>
  kind === 'inflate' ? new Inflater(options) : new SyncDeflate(platform, options);
