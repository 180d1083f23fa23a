// The subprotocols that a client asks for (RFC 6455 §4.1, §1.9): what a list of them may hold. Each face says in its own words
// what is wrong.

import { isToken } from './header-text';

export interface SubprotocolFault {
  readonly protocol: unknown;
  readonly rule: 'is a token' | 'is there once';
}

/**
 * What is wrong with a list: each is a token, and they "MUST all be unique strings" (RFC 6455 §4.1).
 *
 * @param foldsCase whether two that differ in their case alone are the same
 */
export function subprotocolFault(protocols: readonly unknown[], foldsCase = false): SubprotocolFault | undefined {
  const seen = new Set<string>();
  for (const protocol of protocols) {
    if (typeof protocol !== 'string' || !isToken(protocol)) return { protocol, rule: 'is a token' };
    const name = foldsCase ? protocol.toLowerCase() : protocol;
    if (seen.has(name)) return { protocol, rule: 'is there once' };
    seen.add(name);
  }
  return undefined;
}
