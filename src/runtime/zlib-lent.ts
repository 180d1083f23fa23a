// The zlib of a runtime that may have Node's modules, as workerd has with the flag nodejs_compat. Not imported: that would end where
// there is none. Nothing stands in for its streams: a bundle for the edge has no 4 KB to spare for a runtime that has never been seen.

import type { PlatformZlib, StandIn } from './zlib-node';

export const zlib: PlatformZlib | undefined = (
  globalThis.process as { getBuiltinModule?: (name: string) => PlatformZlib | undefined } | undefined
)?.getBuiltinModule?.('node:zlib');

export const standIn: StandIn | undefined = undefined;
