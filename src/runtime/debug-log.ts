// Lines on standard error for whoever asks for them with NODE_DEBUG=wsimd. They end up in logs: none may name a header, a query,
// a payload.

import { builtinModule } from './which';

type DebugLog = ((line: string) => void) & { readonly enabled: boolean };

/** Undefined: nobody asks. To be called when there is something to say: most programs have nothing to hear. */
export function debugLog(): ((line: string) => void) | undefined {
  const log = builtinModule<{ debuglog(section: string): DebugLog }>('node:util')?.debuglog('wsimd');
  // Asked for by name, since workerd's log is always on. The variable is not read where the log is off: Deno would want to be
  // allowed.
  return log?.enabled && /wsimd|\*/i.test(process.env.NODE_DEBUG ?? '') ? log : undefined;
}
