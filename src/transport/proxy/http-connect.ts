// The tunnel of an HTTP proxy (RFC 9110 §9.3.6): the CONNECT request as bytes, and the verdict on the proxy's answer as it
// comes in. Pure: it must know neither sockets nor time.

import { CONNECTION_FAULTS, WsimdError } from '../../base/faults';
import { AnswerReader } from '../../handshake/answer-reader';
import { bannerAdvice } from '../../handshake/asked';
import { latin1Bytes, quote } from '../../handshake/header-text';
import { checkFieldValue, checkHeaders, checkVisible, linesOf, REFUSED_WITH_CONNECT } from '../../handshake/request';
import { type HandshakeResponse, MAX_HEAD_BYTES, MAX_HEADERS } from '../../handshake/response-parser';
import type { ProxyTarget } from '../contract';
import { type Negotiation, ProxyError, type Verdict } from './negotiation';

const TOO_LARGE = `its head is larger than ${MAX_HEAD_BYTES} bytes or has more than ${MAX_HEADERS} headers`;

export class HttpConnect implements Negotiation {
  readonly request: Uint8Array;
  private readonly answer = new AnswerReader({
    check: checkTunnel,
    Refusal: ProxyError,
    ended: CONNECTION_FAULTS.proxyEnded,
    ofBanner: (beginning) => bannerAdvice(beginning, '(did you mean https:// for the proxy?)'),
  });

  /**
   * @param target what is behind the proxy; its name is the proxy's to resolve
   * @param authorization the value of the Proxy-Authorization header
   * @param headers the user's own, which are checked once more: objects may have changed since they were set
   * @throws TypeError if one of them would break the request
   */
  constructor(
    target: { readonly hostname: string; readonly port: number },
    authorization: string | undefined,
    headers: NonNullable<ProxyTarget['headers']> = {},
  ) {
    const { hostname, port } = target;
    const host = `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
    checkVisible(host, 'The target of the tunnel');
    // RFC 9110 §7.2: "a client MUST send a Host header field in every HTTP/1.1 request".
    let head = `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n`;
    if (authorization !== undefined) {
      checkFieldValue(authorization, 'proxyAuthorization');
      head += `Proxy-Authorization: ${authorization}\r\n`;
    }
    checkHeaders(headers, 'proxyHeaders', REFUSED_WITH_CONNECT);
    for (const [name, value] of Object.entries(headers)) {
      for (const line of linesOf(value)) head += `${name}: ${line}\r\n`;
    }
    this.request = latin1Bytes(`${head}\r\n`);
  }

  get taken(): number {
    return this.answer.headLength;
  }

  read(bytes: Uint8Array, length: number): Verdict {
    const verdict = this.answer.read(bytes, length);
    if (verdict === 'more' || verdict === 'body') return verdict;
    if (!(verdict instanceof WsimdError)) return 'open';
    // The reader knows these two as faults of a server.
    if (verdict.fault === CONNECTION_FAULTS.headSyntax) {
      return new WsimdError(CONNECTION_FAULTS.proxySyntax, `no HTTP/1.1 response head, ${verdict.detail}`);
    }
    return verdict.fault === CONNECTION_FAULTS.headSize
      ? new WsimdError(CONNECTION_FAULTS.proxySyntax, TOO_LARGE)
      : verdict;
  }

  verdictAtEnd(cause?: Error): WsimdError {
    return this.answer.verdictAtEnd(cause);
  }
}

/** "Any 2xx (Successful) response indicates that the sender [...] will switch to tunnel mode" (RFC 9110 §9.3.6). */
function checkTunnel({ status, statusText }: HandshakeResponse): void {
  if (status >= 200 && status < 300) return;
  throw new WsimdError(CONNECTION_FAULTS.proxyRefused, quote(`${status} ${statusText}`.trim()));
}
