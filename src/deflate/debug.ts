// A line on standard error, with NODE_DEBUG=wsimd, about what zlib there is. It names no connection and no data: it ends up in logs.

type DebugLog = ((line: string) => void) & { readonly enabled: boolean };

/** Nothing of it is looked for before there is something to say: most programs have nothing to hear. */
export function debug(line: string): void {
  const { process } = globalThis as { process?: NodeJS.Process };
  // Not imported: that would end on a runtime that has no such module, or none that can be asked for.
  const builtin = process?.getBuiltinModule as ((name: string) => unknown) | undefined;
  const util = builtin?.('node:util') as { debuglog(section: string): DebugLog } | undefined;
  const log = util?.debuglog('wsimd');
  // Asked for by name, since workerd's log is always on. The variable is not read where the log is off: Deno would want to be allowed.
  if (log?.enabled && /wsimd|\*/i.test(process!.env.NODE_DEBUG ?? '')) log(line);
}
