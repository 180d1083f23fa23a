// Modules of Node's that are loaded when they are first asked for: on Node.js 26 node:http, node:https and node:tls were half of
// the CPU that importing this library took, and node:crypto is a third of what its codec takes. What is patched in them by then is
// what is used.

import modules from 'node:module';

// Not by its name: webpack knows `createRequire` where it is imported so, and would look for what it loads in its own bundle.
const load = modules.createRequire('file:///');

interface Modules {
  readonly crypto: typeof import('node:crypto');
  readonly http: typeof import('node:http');
  readonly https: typeof import('node:https');
  readonly tls: typeof import('node:tls');
}

const loaded: { -readonly [Name in keyof Modules]?: Modules[Name] } = {};

/** The module of this name. */
export function nodeModule<Name extends keyof Modules>(name: Name): Modules[Name] {
  // Looked up by `load` itself, a call would cost 0.14 µs.
  loaded[name] ??= load(`node:${name}`) as Modules[Name];
  return loaded[name] as Modules[Name];
}
