// The zlib of a runtime that may have Node's modules, as workerd has with the flag nodejs_compat. Not imported: that would end where
// there is none.

import type { PlatformZlib } from './node-zlib';

export const zlib: PlatformZlib | undefined = (
  globalThis.process as { getBuiltinModule?: (name: string) => PlatformZlib | undefined } | undefined
)?.getBuiltinModule?.('node:zlib');
