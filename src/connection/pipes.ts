// Which pipe a connection goes through: the runtime's own, or one of the user's (the option `transport`). A face that has proxies
// takes those that may lead through one; the others leave them out, and bundles of theirs do.

import { connect, dial } from '#transport';
import type { Connect } from '../transport/contract';
import { shielded } from '../transport/foreign';
import { tunnelled } from '../transport/proxy/tunnel';

/** To the target itself. */
export function direct(transport: Connect | undefined): Connect {
  return transport === undefined ? dial : shielded(transport);
}

/** By way of a proxy, where the target has one. */
export function throughProxies(transport: Connect | undefined): Connect {
  return transport === undefined ? connect : tunnelled(shielded(transport));
}
