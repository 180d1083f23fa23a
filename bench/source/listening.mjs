// Where a source listens: on a free port of the loopback in the clear, and on a second one over TLS if it was given a
// certificate. It owns that and the line that tells the run about it, and must not know what is served.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';

/** @import { AddressInfo, Server, ServerOpts, Socket } from 'node:net' */

/**
 * Prints { port } or, if BENCH_CERTIFICATE and BENCH_KEY name files, { port, securePort }.
 * @param {ServerOpts} options of the port in the clear
 * @param {(socket: Socket) => void} serve
 * @param {(socket: Socket) => void} serveSecure
 */
export async function listen(options, serve, serveSecure) {
  const { BENCH_CERTIFICATE, BENCH_KEY } = process.env;
  const ports = { port: await portOf(createServer(options, serve)) };
  if (BENCH_CERTIFICATE !== undefined && BENCH_KEY !== undefined) {
    const identity = { cert: readFileSync(BENCH_CERTIFICATE), key: readFileSync(BENCH_KEY) };
    Object.assign(ports, { securePort: await portOf(createSecureServer(identity, serveSecure)) });
  }
  console.log(JSON.stringify(ports));
}

/**
 * @param {Server} server
 * @returns {Promise<number>}
 */
function portOf(server) {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(/** @type {AddressInfo} */ (server.address()).port));
  });
}
