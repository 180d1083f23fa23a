// What an answer that opens no WebSocket says of what was asked for, and where: for whoever reads the error.

import { describe, expect, it } from 'vitest';
import type { WsimdError } from '../../src/base/faults';
import { HandshakeReader } from '../../src/handshake/reader';
import { ANSWER, KEY, latin1, SWITCHING } from '../support/heads';

const PLAIN = { secure: false, hostname: 'server.example', port: 80 };
const SECURE = { secure: true, hostname: 'server.example', port: 443 };

/** The verdict on all of an answer to a request for `/feed?token=secret`. */
function verdictOn(answer: string, place?: typeof PLAIN, cause?: Error): string {
  const request = 'GET /feed?token=secret HTTP/1.1\r\n\r\n';
  const reader = new HandshakeReader(request, { key: KEY, protocols: [] }, place);
  const verdict = answer === '' ? undefined : reader.read(latin1(answer), answer.length);
  return (verdict instanceof Error ? (verdict as WsimdError) : reader.verdictAtEnd(cause)).message;
}

const refusal = (status: string, ...headers: string[]): string =>
  ['HTTP/1.1', ' ', status, '\r\n', ...headers.map((header) => `${header}\r\n`), 'Content-Length: 0\r\n\r\n'].join('');

describe('a redirect', () => {
  const to = (location: string): string => refusal('301 Moved', `Location: ${location}`);

  it('is told with where it leads, without secrets, and with what was asked for', () => {
    const message = verdictOn(to('http://user:secret@other.example/there?token=secret'), PLAIN);
    expect(message).toMatch(
      /: "301 Moved" for "\/feed" at server\.example port 80, a redirect to "http:\/\/other\.example\/there"; redirects are not followed\.$/,
    );
  });

  it.each(['https://server.example/feed', 'wss://server.example/feed'])(
    'from plain to %s asks for wss:',
    (location) => {
      expect(verdictOn(to(location), PLAIN)).toMatch(/redirects are not followed \(did you mean wss:\/\/\?\)\.$/);
      expect(verdictOn(to(location), SECURE)).toMatch(/redirects are not followed\.$/);
      expect(verdictOn(to(location))).toMatch(/: "301 Moved", a redirect to "[^"]*"; redirects are not followed\.$/);
    },
  );

  it('without a target is a refusal like others', () => {
    expect(verdictOn(refusal('304 Not Modified'), PLAIN)).toMatch(
      /"304 Not Modified" for "\/feed" at [^,;]* port 80\.$/,
    );
  });
});

describe('a refusal', () => {
  it.each([
    ['200 OK', 'is the path right?'],
    ['401 Unauthorized', 'it wants credentials'],
    ['403 Forbidden', 'it does not let this client in'],
    ['404 Not Found', 'is the path right?'],
  ])('of %s says what to do', (status, advice) => {
    expect(verdictOn(refusal(status), PLAIN)).toContain(advice);
    expect(verdictOn(refusal(status))).toMatch(new RegExp(`: "${status}"\\.$`));
  });

  it('whose body says that TLS is wanted asks for wss:, unless there was TLS', () => {
    const body = 'The plain HTTP request was sent to HTTPS port';
    const answer = `HTTP/1.1 400 Bad Request\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    expect(verdictOn(answer, PLAIN)).toMatch(/port 80 \(did you mean wss:\/\/\?\)\.$/);
    expect(verdictOn(answer, SECURE)).toMatch(/port 443\.$/);
    expect(verdictOn(answer)).toMatch(/: "400 Bad Request"\.$/);
  });
});

describe('another protocol', () => {
  it.each([
    ['SSH-2.0-OpenSSH', 'SSH'],
    ['220 mail.example ESMTP', 'SMTP or FTP'],
    ['+OK POP3', 'POP3'],
    ['* OK IMAP', 'IMAP'],
    ['-ERR unknown', 'Redis'],
    ['RTSP/1.0 400', 'RTSP'],
    ['\0\0\x12\x04', 'HTTP/2'],
  ])('is called by its name: %j', (beginning, name) => {
    for (const place of [PLAIN, SECURE]) {
      expect(verdictOn(beginning, place)).toMatch(new RegExp(`; that is ${name} \\(is it the right port\\?\\)\\.$`));
    }
  });

  it.each(['\x15\x03\x03', '\x16\x03\x01'])('is TLS where there was none, or the wrong port: %j', (beginning) => {
    expect(verdictOn(beginning, PLAIN)).toMatch(/; that is TLS \(did you mean wss:\/\/\?\)\.$/);
    expect(verdictOn(beginning, SECURE)).toMatch(/; that is TLS \(is it the right port\?\)\.$/);
  });

  it('that nobody knows has no name, and none is guessed where the place is not known', () => {
    expect(verdictOn('nobody knows', PLAIN)).not.toContain('that is');
    expect(verdictOn('SSH-2.0', undefined)).not.toContain('that is');
  });
});

describe('an end without a word', () => {
  it('may be that of a server of TLS', () => {
    expect(verdictOn('', PLAIN)).toMatch(/: it said nothing; if it speaks TLS, the URL must begin with wss:\/\/\.$/);
    expect(verdictOn('', PLAIN, new Error('read ECONNRESET'))).toMatch(/: read ECONNRESET, it said nothing; /);
  });

  it('is just that where there was TLS, behind the first byte, and where the place is not known', () => {
    for (const message of [verdictOn('', SECURE), verdictOn('HTTP', PLAIN), verdictOn('')]) {
      expect(message).not.toContain('it said nothing');
    }
    expect(verdictOn('', SECURE, new Error('read ECONNRESET'))).toMatch(/: read ECONNRESET\.$/);
  });
});

it('of a long subprotocol only the beginning is told: some programs hand over a token so', () => {
  const answer = (name: string): string => `${SWITCHING}${ANSWER}Sec-WebSocket-Protocol: ${name}\r\n\r\n`;
  expect(verdictOn(answer('x'.repeat(41)), PLAIN)).toMatch(/: it chose "x{16}"…; none was offered\.$/);
  expect(verdictOn(answer('x'.repeat(40)), PLAIN)).toMatch(/: it chose "x{40}"; none was offered\.$/);
});
