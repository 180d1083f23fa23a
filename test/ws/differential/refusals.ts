// Handshakes that come to nothing: answers that are wrong, or not HTTP, or no answer at all.

import { RawPeer } from '../../support/raw-peer';
import { script } from './script';
import type { Options, Stage } from './stage';

/** The client asks, and gets these bytes; then the server ends, or waits for the end of the client. */
async function answer(
  stage: Stage,
  make: (request: string) => string,
  options: Options = {},
  ends = false,
): Promise<void> {
  const server = await stage.raw();
  const client = stage.connect(server.url, [], options);
  const peer = await server.peer();
  const text = make(await peer.readHead());
  if (text !== '') peer.write(Buffer.from(text, 'latin1'));
  if (ends) peer.socket.end();
  await stage.closed();
  stage.note(client, 'at last', client.protocol, client.extensions, client.bufferedAmount);
  await peer.rest();
}

const status =
  (line: string, body = '', ...headers: string[]) =>
  (): string =>
    `HTTP/1.1 ${line}\r\n${[`Content-Length: ${body.length}`, ...headers].join('\r\n')}\r\n\r\n${body}`;

/** A correct answer with one thing changed. */
const changed =
  (what: RegExp, by: string) =>
  (request: string): string =>
    RawPeer.answer(request).replace(what, by);
const added =
  (...lines: string[]) =>
  (request: string): string =>
    RawPeer.answer(request, ...lines);

export const refusals = [
  script('status 200', (stage) => answer(stage, status('200 OK', 'hello'))),
  script('status 201 without a body', (stage) => answer(stage, status('201 Created'))),
  script('status 301 that is not followed', (stage) =>
    answer(stage, status('301 Moved Permanently', '', 'Location: ws://other.example/')),
  ),
  script('status 400', (stage) => answer(stage, status('400 Bad Request', 'no'))),
  script('status 401', (stage) => answer(stage, status('401 Unauthorized', 'who?', 'WWW-Authenticate: Basic'))),
  script('status 403 with a close', (stage) =>
    answer(stage, status('403 Forbidden', 'no', 'Connection: close'), {}, true),
  ),
  script('status 407', (stage) => answer(stage, status('407 Proxy Authentication Required'))),
  script('status 426', (stage) => answer(stage, status('426 Upgrade Required', '', 'Sec-WebSocket-Version: 13'))),
  script('status 429', (stage) => answer(stage, status('429 Too Many Requests', 'later', 'Retry-After: 1'))),
  script('status 500 with a body in chunks', (stage) =>
    answer(stage, () => 'HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'),
  ),
  script('status 503 whose body never ends', (stage) =>
    answer(stage, () => 'HTTP/1.1 503 Later\r\nContent-Length: 100000\r\n\r\nhello'),
  ),
  script('a status without words', (stage) => answer(stage, () => 'HTTP/1.1 404\r\nContent-Length: 0\r\n\r\n')),
  script('a status of HTTP/1.0', (stage) => answer(stage, () => 'HTTP/1.0 404 Not Found\r\n\r\n', {}, true)),
  script('a 101 of HTTP/1.0', (stage) => answer(stage, changed(/^HTTP\/1\.1/, 'HTTP/1.0'), {}, true)),
  script('a 100 before the 404', (stage) => answer(stage, () => `HTTP/1.1 100 Continue\r\n\r\n${status('404 No')()}`)),
  script('a 103 before the 404', (stage) =>
    answer(stage, () => `HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${status('404 No')()}`),
  ),
  script('no Upgrade', (stage) => answer(stage, changed(/Upgrade: websocket\r\n/, ''))),
  script('another Upgrade', (stage) => answer(stage, changed(/: websocket/, ': h2c'))),
  script('an empty Upgrade', (stage) => answer(stage, changed(/: websocket/, ':'))),
  script('two Upgrades', (stage) => answer(stage, changed(/: websocket/, ': websocket, h2c'))),
  script('no Connection', (stage) => answer(stage, changed(/Connection: Upgrade\r\n/, ''))),
  script('another Connection', (stage) => answer(stage, changed(/Connection: Upgrade/, 'Connection: close'))),
  script('no Accept', (stage) => answer(stage, changed(/Sec-WebSocket-Accept: .*\r\n/, ''))),
  script('another Accept', (stage) => answer(stage, changed(/(?<=Accept: ).*/, 'AAAAAAAAAAAAAAAAAAAAAAAAAAA='))),
  script('an empty Accept', (stage) => answer(stage, changed(/(?<=Accept:).*/, ''))),
  script('two Accepts', (stage) => answer(stage, changed(/(Sec-WebSocket-Accept: .*\r\n)/, '$1$1'))),
  script('an extension that was not asked for', (stage) => answer(stage, added('Sec-WebSocket-Extensions: x-foo'))),
  script('an empty list of extensions', (stage) => answer(stage, added('Sec-WebSocket-Extensions: '))),
  script('permessage-deflate though it was not asked for', (stage) =>
    answer(stage, added('Sec-WebSocket-Extensions: permessage-deflate')),
  ),
  script('more than one thing that is wrong', (stage) =>
    answer(stage, (request) =>
      RawPeer.answer(request, 'Sec-WebSocket-Protocol: x', 'Sec-WebSocket-Extensions: y').replace(
        'Accept: ',
        'Accept: x',
      ),
    ),
  ),
  script('a refused 101 with frames behind it', (stage) =>
    answer(stage, (request) => `${added('Sec-WebSocket-Protocol: x')(request)}\x81\x05hello`),
  ),
  script('no HTTP', (stage) => answer(stage, () => 'SSH-2.0-OpenSSH_9.6\r\n')),
  script('no HTTP, and the end', (stage) => answer(stage, () => 'hello\r\n\r\n', {}, true)),
  script('a header without a colon', (stage) => answer(stage, changed(/Connection: /, 'Connection '))),
  script('a header name with a space', (stage) => answer(stage, added('X Y: z'))),
  script('a NUL in a header', (stage) => answer(stage, added('X-Y: a\0b'))),
  script('lines that end with LF alone', (stage) =>
    answer(stage, (request) => RawPeer.answer(request).replaceAll('\r', '')),
  ),
  script('a header of 20 kB', (stage) => answer(stage, added(`X-Long: ${'x'.repeat(20_000)}`))),
  script('a status that is no number', (stage) => answer(stage, () => 'HTTP/1.1 abc Oops\r\n\r\n')),
  script('a version of HTTP that is none', (stage) => answer(stage, () => 'HTTP/3.7 200 OK\r\n\r\n', {}, true)),
  script('two different lengths of a body', (stage) =>
    answer(stage, () => 'HTTP/1.1 404 No\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'),
  ),
  script('the end in place of an answer', (stage) => answer(stage, () => '', {}, true)),
  script('the end within the answer', (stage) =>
    answer(stage, () => 'HTTP/1.1 101 Switching Protocols\r\nUpg', {}, true),
  ),
  script('the end within the body of a 404', (stage) =>
    answer(stage, () => 'HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nabc', {}, true),
  ),
  script('a reset in place of an answer', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url);
    const peer = await server.peer();
    await peer.readHead();
    peer.reset();
    await stage.closed();
  }),
  script('the end before the request was read', async (stage) => {
    const server = await stage.raw();
    stage.connect(server.url);
    (await server.peer()).socket.end();
    await stage.closed();
  }),
];
