// TLS over node:tls: what every connection asks for, and whom it believes. Where Node's own options cannot say it, the
// certificate is verified here, behind Node's handshake and in front of the first byte that anybody sees.

import { isIP } from 'node:net';
import type { checkServerIdentity, PeerCertificate, TLSSocket, ConnectionOptions as TlsOptions } from 'node:tls';
import { toError } from '../../base/thrown';
import { nodeModule } from '../../runtime/node-modules';
import type { DigestName, TransportTarget, Verification } from '../contract';

type NameCheck = typeof checkServerIdentity;

/** The errors of a chain that ends in a certificate which signed itself, and of nothing else. */
const SELF_SIGNED: ReadonlySet<string> = new Set(['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN']);

/** What Node calls the digests of a certificate. */
const DIGESTS = {
  sha1: 'fingerprint',
  sha256: 'fingerprint256',
  sha512: 'fingerprint512',
} as const satisfies Record<DigestName, keyof PeerCertificate>;

/** @param how where to: what the runtime needs beyond the target's own options */
export function connectSecure(how: TlsOptions, { hostname, options: all }: TransportTarget): TLSSocket {
  const { verification, files: _, checkServerIdentity: check, ...options } = all;
  // An address is no server name, and a name stands there "without a trailing dot" (RFC 6066 §3).
  const servername = (options.servername ?? (isIP(hostname) ? '' : hostname)).replace(/\.$/, '');
  const common: TlsOptions = { ...options, ...how, ALPNProtocols: ['http/1.1'], servername };
  const checkName = check && guardedCheck(check);
  const { connect, checkServerIdentity: verifyName } = nodeModule('tls');
  if (verification === undefined) return connect(checkName ? { ...common, checkServerIdentity: checkName } : common);
  const socket = connect({ ...common, rejectUnauthorized: false, checkServerIdentity: () => undefined });
  const name = verification.name ?? (servername || hostname);
  // In front of all other listeners, which find the socket destroyed.
  socket.on('secureConnect', () => {
    const refusal = refusalOf(socket, { ...verification, name }, checkName ?? verifyName);
    if (refusal !== undefined) socket.destroy(refusal);
  });
  return socket;
}

function refusalOf(
  socket: TLSSocket,
  { chain, name, fingerprints }: Verification & { readonly name: string | false },
  checkName: NameCheck,
): Error | undefined {
  // A code, in spite of its type.
  const code = socket.authorized ? undefined : String(socket.authorizationError);
  const isAccepted = code === undefined || chain === 'any' || (chain === 'self-signed' && SELF_SIGNED.has(code));
  if (!isAccepted) return Object.assign(new Error(`the certificate is not trusted, ${code}`), { code });
  const certificate = socket.getPeerCertificate(true);
  for (const [digest, expected] of Object.entries(fingerprints) as [DigestName, string][]) {
    const found = certificate[DIGESTS[digest]]?.replaceAll(':', '').toLowerCase();
    if (found !== expected) return new Error(`the ${digest} fingerprint of the certificate is ${found}`);
  }
  return name === false ? undefined : checkName(name, certificate);
}

/** What the user's check throws is its verdict: Node would let it end the process. */
function guardedCheck(check: NameCheck): NameCheck {
  return (hostname, certificate) => {
    try {
      return check(hostname, certificate);
    } catch (error) {
      return toError(error);
    }
  };
}
