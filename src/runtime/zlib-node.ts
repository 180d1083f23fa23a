// The zlib of Node.js, Bun and Deno, and what stands in for its streams where they cannot be called synchronously.

import { createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';
import { Inflater } from '../deflate/inflater';
import type { Kind, Zlib, ZlibOptions } from '../deflate/stream';
import { SyncDeflate } from '../deflate/sync-deflate';

export type PlatformZlib = Pick<typeof import('node:zlib'), 'createDeflateRaw' | 'createInflateRaw' | 'deflateRawSync'>;

export type StandIn = (platform: PlatformZlib, kind: Kind, options: ZlibOptions) => Zlib;

export const zlib: PlatformZlib | undefined = { createDeflateRaw, createInflateRaw, deflateRawSync };

export const standIn: StandIn | undefined = (platform, kind, options) =>
  kind === 'inflate' ? new Inflater(options) : new SyncDeflate(platform, options);
