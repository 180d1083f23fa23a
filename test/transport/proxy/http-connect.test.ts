// CONNECT as bytes: the request, and the verdict on an answer however it is cut, with whatever is behind it left alone.

import { describe, expect, it } from 'vitest';
import { WsimdError } from '../../../src/base/faults';
import { HttpConnect } from '../../../src/transport/proxy/http-connect';
import { ProxyError } from '../../../src/transport/proxy/negotiation';
import { latin1 } from '../../support/heads';

const TARGET = { hostname: 'server.example', port: 443 };
const REFUSED = 'HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic\r\nContent-Length: 6\r\n\r\ngo off';

const negotiation = (): HttpConnect => new HttpConnect(TARGET, undefined);
const read = (connect: HttpConnect, text: string) => connect.read(latin1(text), text.length);

describe('the request', () => {
  it.each([
    ['server.example', 443, 'server.example:443'],
    ['127.0.0.1', 80, '127.0.0.1:80'],
    ['::1', 8080, '[::1]:8080'],
  ])('to %s port %i names the target twice, with its port', (hostname, port, host) => {
    const { request } = new HttpConnect({ hostname, port }, undefined);
    expect(`${Buffer.from(request)}`).toBe(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  });

  it('has the authorization as it stands, byte for byte', () => {
    const { request } = new HttpConnect(TARGET, 'Bearer caf\xe9==');
    expect(Buffer.from(request).toString('latin1')).toMatch(/\r\nProxy-Authorization: Bearer caf\xe9==\r\n\r\n$/);
  });

  it('has the user’s own headers behind that, a line each', () => {
    const headers = { 'User-Agent': 'us/1', 'X-Two': ['a', 'b'], 'X-One': 1 };
    const { request } = new HttpConnect(TARGET, 'Bearer x', headers);
    expect(`${Buffer.from(request)}`).toBe(
      [
        ...['CONNECT server.example:443 HTTP/1.1', 'Host: server.example:443', 'Proxy-Authorization: Bearer x'],
        ...['User-Agent: us/1', 'X-Two: a', 'X-Two: b', 'X-One: 1', '', ''],
      ].join('\r\n'),
    );
    for (const wrong of [{ Host: 'a' }, { A: 'secret\r\nB: c' }]) {
      expect(() => new HttpConnect(TARGET, undefined, wrong)).toThrow(/^proxyHeaders/);
    }
  });

  it.each([
    [{ hostname: 'a b', port: 1 }, undefined],
    [{ hostname: 'a\r\nX: y', port: 1 }, undefined],
    [TARGET, 'Basic secret\r\nX: y'],
  ])('is not made of what would break it: %j %j', (target, authorization) => {
    expect(() => new HttpConnect(target, authorization)).toThrow(TypeError);
    expect(() => new HttpConnect(target, authorization)).not.toThrow('secret');
  });
});

describe('the answer', () => {
  it.each([
    'HTTP/1.1 200 Connection established\r\n\r\n',
    'HTTP/1.0 200\r\n\r\n',
    'HTTP/1.1 299 Why not\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nVia: us\r\n\r\n',
  ])('%j opens the tunnel, at every split, and what is behind it is not taken', (answer) => {
    const bytes = latin1(`${answer}\x16\x03`);
    for (let cut = 1; cut < answer.length; cut += 1) {
      const connect = negotiation();
      expect(connect.read(bytes, cut)).toBe('more');
      expect(connect.read(bytes.subarray(cut), bytes.length - cut)).toBe('open');
      expect(connect.taken).toBe(answer.length - cut);
    }
  });

  it('407 is a refusal with head and body, at every split', () => {
    for (let cut = 1; cut < REFUSED.length; cut += 1) {
      const connect = negotiation();
      const verdicts = [read(connect, REFUSED.slice(0, cut)), read(connect, REFUSED.slice(cut))];
      const isInBody = cut >= REFUSED.indexOf('\r\n\r\n') + 4;
      expect(verdicts[0]).toBe(isInBody ? 'body' : 'more');
      expect(verdicts[1]).toBeInstanceOf(ProxyError);
      expect(verdicts[1]).toMatchObject({
        code: 'WS_ERR_PROXY_REFUSED',
        message: 'The proxy refused the tunnel: "407 Who are you?".',
        response: { status: 407, headers: { 'proxy-authenticate': 'Basic' } },
        body: 'go off',
        reply: undefined,
      });
    }
  });

  it.each(['101 Switching Protocols', '204 No Content'])('%s is judged by its number alone', (status) => {
    const verdict = read(negotiation(), `HTTP/1.1 ${status}\r\n\r\n`);
    if (status.startsWith('2')) expect(verdict).toBe('open');
    else expect(verdict).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', response: { status: 101 } });
  });

  it.each([301, 400, 403, 502, 504])('%i is a refusal', (status) => {
    const verdict = read(
      negotiation(),
      `HTTP/1.1 ${status} No\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n`,
    );
    expect(verdict).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', body: '', response: { status } });
  });

  it('is told with as much of its body as has come, when nothing more comes', () => {
    const connect = negotiation();
    expect(read(connect, REFUSED.slice(0, -2))).toBe('body');
    expect(connect.verdictAtEnd()).toMatchObject({ code: 'WS_ERR_PROXY_REFUSED', body: 'go o' });
  });

  it.each([
    ['SSH-2.0-OpenSSH_9.6\r\n', '"SSH-2.0-OpenSSH_9.6'],
    ['\x05\x00', '\\x05'],
    ['\x15\x03\x03\x00\x02', '\\x15'],
    ['HTTP/2 200\r\n', '"HTTP/2 200'],
    ['HTTP/1.1 200 OK\nVia: us\n\n', 'CR LF'],
  ])('%j is no answer of such a proxy', (text, says) => {
    const verdict = read(negotiation(), text) as WsimdError;
    expect(verdict.code).toBe('WS_ERR_PROXY_SYNTAX');
    expect(verdict.message).toContain(says);
  });

  it.each([
    ['headers without end', `X: ${'x'.repeat(1000)}\r\n`],
    ['a header line without end', 'x'],
    ['more than 100 headers', 'X: y\r\n'],
  ])('%s are refused at the limit', (_, piece) => {
    const connect = negotiation();
    expect(read(connect, 'HTTP/1.1 200 OK\r\n')).toBe('more');
    let verdict: unknown = 'more';
    let sent = 0;
    for (; verdict === 'more' && sent < 20_000; sent += piece.length) verdict = read(connect, piece);
    expect(verdict).toMatchObject({ code: 'WS_ERR_PROXY_SYNTAX' });
    expect(`${verdict}`).toContain('16384 bytes or has more than 100 headers');
    expect(sent).toBeLessThan(16_384 + 1100);
  });

  it('that ends in the middle of its head is an end, with the reason if there is one', () => {
    const connect = negotiation();
    read(connect, 'HTTP/1.1 200 Conn');
    expect(connect.verdictAtEnd()).toMatchObject({ code: 'WS_ERR_PROXY_ENDED' });
    expect(connect.verdictAtEnd()).not.toHaveProperty('cause');
    const cause = new WsimdError({ code: 'WS_ERR_RESET', sentence: 'The connection broke' }, 'read ECONNRESET');
    expect(connect.verdictAtEnd(cause).message).toMatch(/was open: read ECONNRESET\.$/);
  });
});
