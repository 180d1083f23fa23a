// From a URL record and settled options to a session that has begun, or that fails because the web does not connect there.

import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { direct } from '../connection/pipes';
import { basicAuthorization, parseUrl } from '../options/url';
import { isBlocked } from './address';
import type { Settled } from './options';
import type { WebSession } from './session';

export function connect(session: WebSession, url: URL, settled: Settled): void {
  const { protocols, headers, origin, dial, offers, transport } = settled;
  const { secure, hostname, port, host, path, username, password } = parseUrl(url);
  if (isBlocked(port)) {
    session.refuse(new WsimdError(CONNECTION_FAULTS.connect, `the web does not connect to port ${port} (Fetch §2.9)`));
    return;
  }
  const request = {
    path,
    host,
    origin,
    protocols,
    authorization: basicAuthorization(username, password),
    headers,
  };
  const destination = { target: { secure, hostname, port, options: dial }, request };
  session.begin(`${hostname}:${port}`, destination, { offers, connect: direct(transport) });
}
