// What a person can do about an error of node:net or node:tls, by its code: the end of its sentence. It knows codes and the names
// of options, and opens nothing.

/** Whose TLS it is: options and schemes have other names for a proxy. */
export type TlsOf = 'server' | 'proxy';

const OF_CONNECTING: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name could not be resolved for now',
  EMFILE: 'this process has too many files and sockets open',
};

/** What OpenSSL and BoringSSL say where the first record is none of TLS, and rustls, which has no codes. */
const NO_TLS = /wrong.version.number|packet.length.too.long|unknown.protocol|bad.record.type|InvalidContentType/i;

const HANGS_UP = /^(ECONNRESET|EPIPE)$/;

/** What a certificate has against it, and what to do about that. */
const OF_CERTIFICATES: readonly (readonly [pattern: RegExp, advice: (ca: string) => string])[] = [
  [/DEPTH_ZERO_SELF_SIGNED_CERT/, (ca) => `if it is your own, give it as ${ca}`],
  [/SELF_SIGNED_CERT_IN_CHAIN/, (ca) => `if its authority is your own, give that as ${ca}`],
  [
    /UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT)|CERT_UNTRUSTED|UnknownIssuer/,
    (ca) => `its issuer is unknown here: give that as ${ca}, or let the server send its whole chain`,
  ],
  [/CERT_HAS_EXPIRED|Expired/, () => 'the server needs a new one, unless the clock here is wrong'],
  [/CERT_NOT_YET_VALID|NotValidYet/, () => 'either the server is early with it, or the clock here is wrong'],
  [
    /ERR_TLS_CERT_ALTNAME_INVALID|NotValidForName/,
    () => 'use a name that is in it, in the URL or as the option servername',
  ],
  [
    /ALERT_(BAD_CERTIFICATE|CERTIFICATE_REQUIRED|UNKNOWN_CA)|CERTIFICATE_REQUIRED/i,
    () => 'the server wants a certificate of the client: the options cert and key',
  ],
  [
    /UNSUPPORTED_PROTOCOL|ALERT_PROTOCOL_VERSION|VERSION_TOO_LOW/i,
    () => 'both ends speak no version of TLS in common: the options minVersion and maxVersion',
  ],
];

/** What to add to the reason why there is no pipe. */
export function connectAdvice({ code }: NodeJS.ErrnoException): string | undefined {
  return code === undefined ? undefined : OF_CONNECTING[code];
}

/** What to add to the reason why TLS failed. */
export function tlsAdvice({ code = '', message }: NodeJS.ErrnoException, of: TlsOf): string | undefined {
  const meant = of === 'server' ? 'did you mean ws://?' : 'did you mean http:// for the proxy?';
  const said = `${code} ${message}`;
  if (NO_TLS.test(said)) return `what answers there does not speak TLS (${meant})`;
  if (HANGS_UP.test(code)) return `it hung up on TLS (${meant})`;
  return certificateAdvice(said, of);
}

/** What to add where a peer that had accepted TLS takes it back: in TLS 1.3 that is how it misses a certificate. */
export function alertAdvice({ code = '' }: NodeJS.ErrnoException, of: TlsOf): string | undefined {
  return code.startsWith('ERR_SSL_') ? certificateAdvice(code, of) : undefined;
}

function certificateAdvice(said: string, of: TlsOf): string | undefined {
  const ca = of === 'server' ? 'the option ca (tls.ca in wsimd/web)' : 'ca of the option proxyTls';
  return OF_CERTIFICATES.find(([pattern]) => pattern.test(said))?.[1](ca);
}
