// The zlib of Node.js, Bun and Deno.

import { createDeflateRaw, createInflateRaw } from 'node:zlib';

export type PlatformZlib = Pick<typeof import('node:zlib'), 'createDeflateRaw' | 'createInflateRaw'>;

export const zlib: PlatformZlib | undefined = { createDeflateRaw, createInflateRaw };
