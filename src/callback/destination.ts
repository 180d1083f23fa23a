// What settings come to when an attempt begins: where it goes, what it asks for there, and how the connection behaves that it
// makes.

import type { DecoderOptions } from '../codec/contract';
import { type Closing, type ConnectionSettings, type Destination, PATIENT } from '../connection/contract';
import { throughProxies } from '../connection/pipes';
import { checkProtocols } from '../handshake/request';
import { basicAuthorization, checkUsername } from '../options/url';
import type { DialOptions } from '../transport/contract';
import type { Provided } from './providers';
import { proxyOf } from './proxy';
import type { Headers, Settings } from './settings';

/** How it behaves, whatever its server is. */
export function connectionSettings(settings: Settings, { signal, transport }: DialOptions): ConnectionSettings {
  const { connectTimeout, closeTimeout, lingerTimeout, maxPackageSize, maxFragments, offers } = settings;
  return {
    connectTimeout,
    signal,
    connect: throughProxies(transport),
    closing: closingOf(closeTimeout, lingerTimeout),
    decoding: decodingOf(maxPackageSize, maxFragments, settings.binaryDelivery === 'borrow'),
    offers,
  };
}

let closing: Closing | undefined;

/** Connections keep it, and those that follow each other have the same. */
function closingOf(closeTimeout: number, lingerTimeout: number): Closing {
  const isSame = closing?.closeTimeout === closeTimeout && closing.lingerTimeout === lingerTimeout;
  if (!isSame) closing = { ...PATIENT, closeTimeout, lingerTimeout };
  return closing as Closing;
}

let decoding: DecoderOptions | undefined;

/** As with `closingOf`. */
function decodingOf(maxMessage: number, maxFragments: number, isBinaryLent: boolean): DecoderOptions {
  const isSame =
    decoding?.maxMessage === maxMessage &&
    decoding.maxFragments === maxFragments &&
    decoding.isBinaryLent === isBinaryLent;
  if (isSame) return decoding as DecoderOptions;
  decoding = {
    role: 'client',
    maxMessage,
    sizeOption: 'maxPackageSize',
    maxFragments,
    isBinaryLent,
    isNodeBuffer: false,
    isUtf8Unchecked: false,
  };
  return decoding;
}

/**
 * Where it goes, once that is known.
 *
 * @param secure whether `transport` was 'ssl' when the attempt began
 * @throws TypeError for what does not go together, or is no subprotocol
 */
export function destinationOf(
  { url, headers, protocols }: Provided<Headers>,
  settings: Pick<Settings, 'websocketOrigin' | 'proxy' | 'proxyFromEnvironment'>,
  secure: boolean,
  { signal: _, transport: __, ...options }: DialOptions,
): Destination {
  const { hostname, port, socketPath } = url;
  const isSecure = secure || url.secure;
  const isAsked = settings.proxyFromEnvironment && socketPath === undefined;
  const proxy = proxyOf(settings.proxy, isAsked ? { secure: isSecure, hostname, port } : undefined);
  if (proxy !== undefined && socketPath !== undefined) {
    throw new TypeError('A ws+unix: URL names a socket file, which no proxy leads to.');
  }
  checkUsername(url.username);
  return {
    // Not spread from another object: V8 would make a map of its own for each of these, and connections keep theirs.
    target: { secure: isSecure, hostname, port, socketPath, options, proxy },
    request: {
      path: url.path,
      host: url.host,
      origin: settings.websocketOrigin,
      protocols: protocols === undefined ? [] : checkProtocols(protocols),
      authorization: basicAuthorization(url.username, url.password),
      headers,
    },
  };
}
