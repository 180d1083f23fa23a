// The tunnel of a SOCKS5 proxy (RFC 1928), with a user name and a password where it asks for them (RFC 1929): what is sent,
// and the verdict on what comes back, cut anywhere. Pure: it must know neither sockets nor time.

import { addressBytes } from '../../base/address-bytes';
import { isUint8Array } from '../../base/brands';
import { CONNECTION_FAULTS, WsimdError } from '../../base/faults';
import { detailOf } from '../../base/thrown';
import { latin1Bytes } from '../../handshake/header-text';
import type { ProxyTarget } from '../contract';
import { type Negotiation, ProxyError, type Verdict } from './negotiation';

const VERSION = 5;
const CONNECT = 1;

/** RFC 1928 §3. */
const NO_AUTHENTICATION = 0;
const USERNAME_PASSWORD = 2;
const NO_ACCEPTABLE_METHODS = 0xff;

/** The version of RFC 1929, which counts by itself. */
const PASSWORD_VERSION = 1;

/** RFC 1928 §5, ATYP. */
const IPV4 = 1;
const DOMAIN_NAME = 3;
const IPV6 = 4;

const MAX_NAME = 255;

/** RFC 1928 §6, REP. */
const REPLIES: readonly string[] = [
  '',
  'general SOCKS server failure',
  'its rules do not allow this connection',
  'the network cannot be reached',
  'the host cannot be reached, or its name does not resolve',
  'the target refused the connection',
  'the TTL expired',
  'it does not know the command CONNECT',
  'it does not know this type of address',
];

/** Version, reply, reserved, address type, the length of a name, the name, the port. */
const LONGEST_REPLY = 5 + MAX_NAME + 2;

export class Socks5 implements Negotiation {
  readonly request: Uint8Array;
  taken = 0;
  private readonly connect: Uint8Array;
  private step: 'method' | 'password' | 'reply' = 'method';
  /** What has come of the answer of this step. */
  private readonly answer = new Uint8Array(LONGEST_REPLY);
  private have = 0;

  /**
   * @param target what is behind the proxy; its name is the proxy's to resolve
   * @throws WsimdError if SOCKS5 has no room for the name
   */
  constructor(
    target: { readonly hostname: string; readonly port: number },
    private readonly credentials: ProxyTarget['credentials'],
  ) {
    this.connect = Uint8Array.of(
      VERSION,
      CONNECT,
      0,
      ...destination(target.hostname),
      target.port >> 8,
      target.port & 255,
    );
    this.request =
      credentials === undefined
        ? Uint8Array.of(VERSION, 1, NO_AUTHENTICATION)
        : Uint8Array.of(VERSION, 2, NO_AUTHENTICATION, USERNAME_PASSWORD);
  }

  read(bytes: Uint8Array, length: number): Verdict {
    this.taken = 0;
    while (this.taken < length) {
      this.answer[this.have] = bytes[this.taken]!;
      this.have += 1;
      this.taken += 1;
      const verdict = this.judge();
      if (verdict === 'more') continue;
      if (isUint8Array(verdict)) {
        this.have = 0;
        // Whatever it is, it does not answer what is about to be sent.
        if (this.taken < length) return syntax('there are bytes behind its answer that nothing asked for');
      }
      return verdict;
    }
    return 'more';
  }

  verdictAtEnd(cause?: Error): WsimdError {
    return new WsimdError(CONNECTION_FAULTS.proxyEnded, detailOf(cause), cause);
  }

  /** The verdict on an answer that is one byte longer than before: each byte is looked at as soon as it is there. */
  private judge(): Verdict {
    const version = this.answer[0]!;
    const expected = this.step === 'password' ? PASSWORD_VERSION : VERSION;
    if (version !== expected) return syntax(`the first byte of its answer is ${hex(version)}, not ${hex(expected)}`);
    if (this.have === 1) return 'more';
    const value = this.answer[1]!;
    if (this.step === 'method') return this.chosen(value);
    if (this.step === 'reply') return this.replied(value);
    // RFC 1929 §2: "If the server returns a 'failure' (STATUS value other than X'00') status, it MUST close the connection."
    if (value !== 0) return refusal('it does not accept the user name and password (RFC 1929 §2)');
    return this.asks();
  }

  private chosen(method: number): Verdict {
    if (method === NO_AUTHENTICATION) return this.asks();
    if (method === USERNAME_PASSWORD && this.credentials !== undefined) {
      const { username, password } = this.credentials;
      this.step = 'password';
      return Uint8Array.of(PASSWORD_VERSION, username.length, ...username, password.length, ...password);
    }
    if (method !== NO_ACCEPTABLE_METHODS) return syntax(`it chose the method ${hex(method)}, which was not offered`);
    const offered = this.credentials === undefined ? '' : ', nor a user name and a password';
    return refusal(`it does not accept to go without authentication${offered} (RFC 1928 §3)`);
  }

  private asks(): Uint8Array {
    this.step = 'reply';
    return this.connect;
  }

  /** The reserved byte is not looked at. The address is that of the proxy's own socket, and only has to end. */
  private replied(reply: number): Verdict {
    if (reply !== 0) {
      return refusal(REPLIES[reply] ?? `a reply that RFC 1928 does not know, ${hex(reply)}`, reply);
    }
    if (this.have < 5) {
      const type = this.answer[3]!;
      return this.have < 4 || type === IPV4 || type === DOMAIN_NAME || type === IPV6
        ? 'more'
        : syntax(`its reply has an address of the unknown type ${hex(type)}`);
    }
    const size = { [IPV4]: 4, [IPV6]: 16 }[this.answer[3]!] ?? 1 + this.answer[4]!;
    return this.have === 4 + size + 2 ? 'open' : 'more';
  }
}

/** ATYP and DST.ADDR (RFC 1928 §5). */
function destination(hostname: string): Uint8Array {
  const address = addressBytes(hostname);
  if (address !== undefined) return Uint8Array.of(address.length === 4 ? IPV4 : IPV6, ...address);
  const name = latin1Bytes(hostname);
  if (name.length > MAX_NAME) {
    const detail = `its name has ${name.length} bytes, SOCKS5 has room for ${MAX_NAME} (RFC 1928 §5)`;
    throw new WsimdError(CONNECTION_FAULTS.connect, detail);
  }
  return Uint8Array.of(DOMAIN_NAME, name.length, ...name);
}

function syntax(detail: string): WsimdError {
  return new WsimdError(CONNECTION_FAULTS.proxySyntax, `${detail} (SOCKS5, RFC 1928)`);
}

function refusal(detail: string, reply?: number): ProxyError {
  return new ProxyError(new WsimdError(CONNECTION_FAULTS.proxyRefused, detail), undefined, '', reply);
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
