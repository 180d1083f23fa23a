// The cases of every proxy, played through the real ones that run.mjs has started; an HTTP proxy of its own has no TLS, so a
// server of TLS in front of it makes it one that has.

import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import { onTestFinished } from 'vitest';
import { certificate } from '../../support/servers';
import { describeTunnels, type ProxyUnderTest } from './tunnels';

const RUNNING = JSON.parse(process.env.WSIMD_PROXIES!) as (ProxyUnderTest & { readonly name: string })[];

for (const proxy of RUNNING) {
  describeTunnels(proxy.name, async () => proxy);
  if (proxy.kind === 'http') describeTunnels(`${proxy.name} behind TLS`, () => behindTls(proxy));
}

/** The same proxy, reached by TLS. */
async function behindTls(proxy: ProxyUnderTest): Promise<ProxyUnderTest> {
  const server = createServer({ ...(await certificate()), allowHalfOpen: true }, (client) => {
    const inner = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true });
    for (const [one, other] of [
      [client, inner],
      [inner, client],
    ] as const) {
      one.pipe(other);
      one.on('error', () => {});
      one.once('close', () => other.destroy());
    }
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { ...proxy, kind: 'https', port: (server.address() as AddressInfo).port };
}
