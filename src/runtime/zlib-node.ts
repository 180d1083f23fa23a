// The zlib of Node.js, Bun and Deno.

import { createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib';

export type PlatformZlib = Pick<typeof import('node:zlib'), 'createDeflateRaw' | 'createInflateRaw' | 'deflateRawSync'>;

export const zlib: PlatformZlib | undefined = { createDeflateRaw, createInflateRaw, deflateRawSync };
