// Which runtime this is, and which of Node's modules it lends: asked here only, and once. What follows from it is said where it
// follows.

interface Process {
  readonly versions?: { readonly node?: string };
  readonly getBuiltinModule?: (name: string) => unknown;
}

const { process } = globalThis as { process?: Process };

export const isBun = 'Bun' in globalThis;
export const isDeno = 'Deno' in globalThis;

/** The major version of Node.js, or the one that a runtime says it is compatible with; Infinity where there is none. */
export const nodeMajor: number = Number.parseInt(process?.versions?.node ?? '', 10) || Number.POSITIVE_INFINITY;

/** One of Node's modules, where it can be had. Not imported: that would end on a runtime that has none. */
export function builtinModule<Module>(name: string): Module | undefined {
  // Asked anew: a runtime may lend more of them later, and tests do.
  return (globalThis as { process?: Process }).process?.getBuiltinModule?.(name) as Module | undefined;
}
