// The request: headers, origin, credentials, versions, and what is no header.

import { RawPeer } from '../../support/raw-peer';
import { script } from './script';
import type { Options, Stage } from './stage';

/** What a server sees of a request with these options, and the end of it. */
async function request(stage: Stage, options: Options, path = '/'): Promise<void> {
  const server = await stage.raw();
  stage.connect(server.url + path, [], options);
  const peer = await server.peer();
  peer.write(Buffer.from(RawPeer.answer(await peer.request())));
  await stage.until('open');
  await peer.finish();
  await stage.closed();
}

const refused = (stage: Stage, what: string, options: object): void =>
  stage.construct(what, 'ws://127.0.0.1:1/', [], { perMessageDeflate: false, ...options });

export const headers = [
  script('the request of a client without options', (stage) => request(stage, {})),
  script('headers', (stage) => request(stage, { headers: { 'X-One': '1', 'x-two': 'two words', Cookie: 'a=b; c=d' } })),
  script('headers that are lists', (stage) =>
    request(stage, { headers: { 'X-Many': ['a', 'b'], Cookie: ['x=1', 'y=2'] } } as never),
  ),
  script('headers that are numbers and booleans', (stage) =>
    request(stage, { headers: { 'X-Number': 5, 'X-True': true, 'X-Zero': 0 } as never }),
  ),
  script('empty headers', (stage) =>
    request(stage, { headers: { 'X-Empty': '', 'X-Tab': 'a\tb', 'X-Space': '  a  ' } }),
  ),
  script('headers with bytes beyond ASCII', (stage) => request(stage, { headers: { 'X-Latin': 'caf\u00e9' } })),
  script('a host of its own', (stage) => request(stage, { headers: { Host: 'other.example:81' } })),
  script('a host of its own in other letters', (stage) => request(stage, { headers: { hOsT: 'other.example' } })),
  script('headers that are the handshake’s own', (stage) =>
    request(stage, { headers: { Upgrade: 'h2c', Connection: 'close', 'Sec-WebSocket-Version': '5' } }),
  ),
  script('headers of the handshake in other letters', (stage) =>
    request(stage, { headers: { upgrade: 'h2c', connection: 'close' } }),
  ),
  script('an extension asked for by a header', (stage) =>
    request(stage, { headers: { 'Sec-WebSocket-Extensions': 'foo' } }),
  ),
  script('a user agent and the like', (stage) =>
    request(stage, { headers: { 'User-Agent': 'test/1', Pragma: 'no-cache', 'Cache-Control': 'no-cache' } }),
  ),
  script('an origin', (stage) => request(stage, { origin: 'https://site.example' })),
  script('an origin of version 8', (stage) => request(stage, { origin: 'https://site.example', protocolVersion: 8 })),
  script('an origin, and a header of that name', (stage) =>
    request(stage, { origin: 'https://a.example', headers: { Origin: 'https://b.example' } }),
  ),
  script('an origin, and a header of that name in other letters', (stage) =>
    request(stage, { origin: 'https://a.example', headers: { origin: 'https://b.example' } }),
  ),
  script('an empty origin', (stage) => request(stage, { origin: '' })),
  script('version 8', (stage) => request(stage, { protocolVersion: 8 })),
  script('the option auth', (stage) => request(stage, { auth: 'user:pä:ss' })),
  script('the option auth, and a header', (stage) =>
    request(stage, { auth: 'a:b', headers: { Authorization: 'Bearer x' } }),
  ),
  script('the option auth, and a header in other letters', (stage) =>
    request(stage, { auth: 'a:b', headers: { authorization: 'Bearer x' } }),
  ),
  script('options that the address decides', (stage) =>
    request(stage, {
      host: 'h.example',
      hostname: 'n.example',
      path: '/other',
      method: 'POST',
      port: 1,
      protocol: 'ftp:',
    }),
  ),
  script('a timeout that is not the handshake’s', (stage) => request(stage, { timeout: 1 })),
  script('no headers by undefined, null and false', async (stage) => {
    for (const headers of [undefined, null, false, {}]) await request(stage, { headers } as never);
  }),
  script('headers without a prototype', (stage) =>
    request(stage, { headers: Object.assign(Object.create(null), { 'X-One': '1' }) }),
  ),
  script('setHost false', (stage) => request(stage, { setHost: false })),
  script('no default headers', (stage) => request(stage, { setDefaultHeaders: false })),
  script('a default port of its own', (stage) => request(stage, { defaultPort: 8080 })),
  script('a long path and a long header', (stage) =>
    request(stage, { headers: { 'X-Long': 'x'.repeat(5000) } }, `/${'p'.repeat(3000)}`),
  ),
  script('names that are no header names', (stage) => {
    for (const name of ['', ' ', 'a b', 'a:b', 'é', 'a\r\n', 'a(b)'])
      refused(stage, name, { headers: { [name]: 'x' } });
  }),
  script('values that are no header values', (stage) => {
    for (const value of ['a\r\nb', 'a\nb', 'a\0b', '\u20ac', '\u{1f600}', 'a\x7fb']) {
      refused(stage, JSON.stringify(value), { headers: { 'X-Value': value } });
      refused(stage, `list of ${JSON.stringify(value)}`, { headers: { 'X-Value': ['ok', value] } });
    }
    refused(stage, 'undefined', { headers: { 'X-Value': undefined } });
    refused(stage, 'null', { headers: { 'X-Value': null } });
    refused(stage, 'an object', { headers: { 'X-Value': {} } });
    refused(stage, 'a symbol', { headers: { 'X-Value': Symbol('s') } });
  }),
  script('origins that are no header values', (stage) => {
    refused(stage, 'a line break', { origin: 'a\r\nb' });
    refused(stage, 'a number', { origin: 5 });
    refused(stage, 'an object', { origin: {} });
  }),
  script('versions that are not supported', (stage) => {
    for (const protocolVersion of [0, 7, 12, 14, '13', null, undefined, Number.NaN]) {
      refused(stage, String(protocolVersion), { protocolVersion });
    }
  }),
];
