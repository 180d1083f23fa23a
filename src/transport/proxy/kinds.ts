// The kinds of proxy, in one table: who negotiates the tunnel of each.

import type { ProxyTarget, TransportTarget } from '../contract';
import { HttpConnect } from './http-connect';
import type { Negotiation } from './negotiation';
import { Socks5 } from './socks5';

type Begin = (target: TransportTarget, proxy: ProxyTarget) => Negotiation;

const KINDS: Readonly<Record<ProxyTarget['kind'], Begin>> = {
  http: (target, { authorization, headers }) => new HttpConnect(target, authorization, headers),
  socks5: (target, { credentials }) => new Socks5(target, credentials),
};

/** @throws TypeError if the target, or what the proxy is told of the user, would break the request */
export function negotiationWith(proxy: ProxyTarget, target: TransportTarget): Negotiation {
  return KINDS[proxy.kind](target, proxy);
}
