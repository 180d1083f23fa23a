// What a client offers of compression (RFC 7692 §5): the header that each option makes of the request, on every way to a
// server.

import { once } from 'node:events';
import { Agent } from 'node:http';
import { connect, type NetConnectOpts } from 'node:net';
import { RawPeer } from '../../support/raw-peer';
import { selfSigned } from '../../support/self-signed';
import { agreeing } from './compression';
import type { Peer, RawServer } from './peers';
import { script } from './script';
import { show } from './show';
import { EVENTS, type Options, type Stage } from './stage';

const certificate = selfSigned(['127.0.0.1']);
const own = { 'Sec-WebSocket-Extensions': 'foo; bar=1' };

/** What the next request is, to a server that does not compress, and the end of it. */
async function asked(stage: Stage, server: RawServer, client: import('ws').WebSocket): Promise<void> {
  const peer = await server.peer();
  peer.write(Buffer.from(RawPeer.answer(await peer.request())));
  await once(client, 'open');
  stage.note(client, 'extensions', client.extensions);
  const closed = once(client, 'close');
  await peer.finish();
  await closed;
}

/** The request of a client with these options. */
async function asks(stage: Stage, options: Options, protocols?: string[]): Promise<void> {
  const server = await stage.raw();
  await asked(stage, server, stage.connect(server.url, protocols, { perMessageDeflate: true, ...options }));
}

/** What clients offer whose option of this name has these values. */
async function each(stage: Stage, name: string, ...values: unknown[]): Promise<void> {
  for (const value of values) {
    const what = `${name} is ${typeof value} ${typeof value === 'symbol' ? '' : show(value)}`;
    const server = await stage.raw();
    const options = name === 'perMessageDeflate' ? { [name]: value } : { perMessageDeflate: { [name]: value } };
    const client = stage.attempt(what, () => stage.connect(server.url, [], options as never, ['error']));
    if (client === undefined) continue;
    const peer = await server.peer();
    const request = await peer.readHead();
    const offered = request.split('\r\n').filter((line) => /^sec-websocket-extensions/i.test(line));
    stage.seen.write(`${what}: ${offered.join(' and ')}`);
    peer.write(Buffer.from(RawPeer.answer(request)));
    await once(client, 'open');
    const closed = once(client, 'close');
    await peer.finish();
    await closed;
  }
}

const redirect = (peer: Peer, to: string): void =>
  peer.write(Buffer.from(`HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`));

/** A redirect from one port to another. */
async function redirected(stage: Stage, options: Options, events: readonly string[] = EVENTS): Promise<void> {
  const [first, second] = [await stage.raw(), await stage.raw()];
  const all = { perMessageDeflate: { clientNoContextTakeover: true }, followRedirects: true, ...options };
  const client = stage.connect(first.url, [], all, events);
  const peer = await first.peer();
  await peer.request();
  redirect(peer, `${second.url}/there`);
  await asked(stage, second, client);
}

const STRANGE = [0, -1, 7, 16, 10.5, Number.NaN, Infinity, 10n, '10', '07', '', ' ', 'a b', [], [9, 10], {}];

export const offers = [
  script('a client without options', async (stage) => {
    const server = await stage.raw();
    await asked(stage, server, stage.watch(new stage.WebSocket(server.url)));
  }),
  script('options without this one', async (stage) => {
    const server = await stage.raw();
    await asked(stage, server, stage.watch(new stage.WebSocket(server.url, { maxPayload: 1000 })));
  }),
  ...[true, false, undefined, null, {}].map((perMessageDeflate) =>
    script(`perMessageDeflate: ${show(perMessageDeflate)}`, (stage) => asks(stage, { perMessageDeflate } as never)),
  ),
  script('perMessageDeflate that is neither a boolean nor an object', (stage) =>
    each(stage, 'perMessageDeflate', 0, '', Number.NaN, 1, 'yes', 5n, [], [true], () => {}, Symbol('s')),
  ),
  ...['serverNoContextTakeover', 'clientNoContextTakeover'].flatMap((name) => [
    script(name, (stage) => each(stage, name, true, false, undefined, null)),
    script(`${name} that is no boolean`, (stage) => each(stage, name, 0, 1, '', 'no', Number.NaN, {}, [])),
  ]),
  ...['serverMaxWindowBits', 'clientMaxWindowBits'].flatMap((name) => [
    script(name, (stage) => each(stage, name, true, false, undefined, null, 8, 9, 10, 15)),
    script(`${name} that is no such number`, (stage) => each(stage, name, ...STRANGE)),
    script(`${name} that is another parameter, too`, (stage) => each(stage, name, '9; more', '9, other', 'caf\u00e9')),
    script(`${name} that no header may have`, (stage) =>
      each(stage, name, '8\r\nX-Other: 1', '8\n', '\0', '\u20ac', Symbol('s'), Object.create(null)),
    ),
  ]),
  script('all parameters', (stage) =>
    asks(stage, {
      perMessageDeflate: {
        clientMaxWindowBits: 10,
        serverMaxWindowBits: 11,
        clientNoContextTakeover: true,
        serverNoContextTakeover: true,
      },
    }),
  ),
  script('parameters by pairs', async (stage) => {
    const { perMessageDeflate, ...more } = { perMessageDeflate: [] as object[], headers: { 'X-One': '1' } };
    perMessageDeflate.push(
      { serverNoContextTakeover: true, clientMaxWindowBits: false },
      { clientNoContextTakeover: true, serverMaxWindowBits: 9 },
      { serverMaxWindowBits: true, clientMaxWindowBits: true },
      { serverMaxWindowBits: 15, clientMaxWindowBits: 8 },
      { serverNoContextTakeover: true, clientNoContextTakeover: false, clientMaxWindowBits: false },
    );
    for (const one of perMessageDeflate) await asks(stage, { perMessageDeflate: one, ...more });
  }),
  script('options that are not for the server', (stage) =>
    asks(stage, {
      perMessageDeflate: {
        threshold: 10,
        concurrencyLimit: 2,
        zlibDeflateOptions: { level: 9, windowBits: 9 },
        zlibInflateOptions: { chunkSize: 4096 },
        isServer: true,
        maxPayload: 5,
        other: 'x',
      } as never,
    }),
  ),
  script('options that are inherited', (stage) =>
    asks(stage, { perMessageDeflate: Object.create({ serverNoContextTakeover: true, clientMaxWindowBits: 9 }) }),
  ),
  script('options that are frozen stay as they are', async (stage) => {
    const perMessageDeflate = Object.freeze({ serverMaxWindowBits: 9, clientMaxWindowBits: 9 });
    const options = Object.freeze({ perMessageDeflate, headers: Object.freeze({ 'X-One': '1' }) });
    await asks(stage, options);
    await asks(stage, options);
    stage.told.write(JSON.stringify(options));
  }),
  script('an answer is no option of the next client', async (stage) => {
    const server = await stage.raw();
    const options = { perMessageDeflate: {} };
    const client = stage.connect(server.url, [], options);
    const peer = await server.peer();
    const agreement = '; client_max_window_bits=9; server_no_context_takeover';
    peer.write(Buffer.from(agreeing(await peer.request(), agreement)));
    await once(client, 'open');
    await peer.finish();
    await stage.closed();
    await asks(stage, options);
    stage.told.write(JSON.stringify(options));
  }),
  script('a header of one’s own', (stage) => asks(stage, { headers: own })),
  script('a header of one’s own in other letters', async (stage) => {
    await asks(stage, { headers: { 'sec-websocket-extensions': 'foo', 'X-Behind': '1' } });
    await asks(stage, { headers: { 'SEC-WEBSOCKET-EXTENSIONS': ['foo', 'bar'] } as never });
  }),
  script('a header of one’s own, and no compression', async (stage) => {
    await asks(stage, { perMessageDeflate: false, headers: own });
    await asks(stage, { perMessageDeflate: false, headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate' } });
  }),
  script('next to all that goes into a request', (stage) =>
    asks(stage, {
      protocolVersion: 8,
      origin: 'https://site.example',
      auth: 'a:b',
      headers: { 'X-One': '1', Cookie: 'a=b', Host: 'other.example' },
    }),
  ),
  script('next to subprotocols', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url, ['chat', 'super'], { perMessageDeflate: true });
    const peer = await server.peer();
    peer.write(Buffer.from(RawPeer.answer(await peer.request(), 'Sec-WebSocket-Protocol: chat')));
    await once(client, 'open');
    await peer.finish();
    await stage.closed();
  }),
  script('no default headers', (stage) => asks(stage, { setDefaultHeaders: false, setHost: false })),
  script('through an agent', async (stage) => {
    const agent = new Agent({ keepAlive: true });
    stage.later(() => agent.destroy());
    await asks(stage, { agent, perMessageDeflate: { serverMaxWindowBits: 12 } });
    await asks(stage, { agent, perMessageDeflate: false });
    await asks(stage, { agent, headers: own });
  }),
  script('through a connection of one’s own', (stage) =>
    asks(stage, { createConnection: (options: NetConnectOpts) => connect(options) } as never),
  ),
  script('over TLS', async (stage) => {
    const server = await stage.raw({ tls: certificate });
    await asked(stage, server, stage.connect(server.url, [], { perMessageDeflate: true, ca: certificate.cert }));
  }),
  script('over a socket file', async (stage) => {
    const where = stage.socketFile();
    const server = await stage.raw({ where });
    await asked(stage, server, stage.connect(`ws+unix:${where}:/path`, [], { perMessageDeflate: true }));
  }),
  script('finishRequest sees the offer', (stage) =>
    asks(stage, {
      finishRequest: (request, client) => {
        stage.note(client, 'offer', request.getHeader('Sec-WebSocket-Extensions'));
        stage.note(client, 'names', ...request.getHeaderNames());
        request.end();
      },
    }),
  ),
  script('finishRequest changes the offer', (stage) =>
    asks(stage, {
      finishRequest: (request) => {
        request.setHeader('Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits=9');
        request.end();
      },
    }),
  ),
  script('finishRequest takes the offer back', (stage) =>
    asks(stage, {
      finishRequest: (request) => {
        request.removeHeader('Sec-WebSocket-Extensions');
        request.end();
      },
    }),
  ),
  script('a redirect', (stage) => redirected(stage, {})),
  script('a redirect, and a header of one’s own', (stage) => redirected(stage, { headers: own })),
  script('a redirect, and a header of one’s own without compression', (stage) =>
    redirected(stage, { headers: own, perMessageDeflate: false }),
  ),
  script('a redirect that is told', async (stage) => {
    const [first, second] = [await stage.raw(), await stage.raw()];
    const options = { perMessageDeflate: true, followRedirects: true };
    const client = stage.connect(first.url, [], options, [...EVENTS, 'redirect']);
    client.on('redirect', (_url, request) => {
      stage.note(client, 'offer', request.getHeader('Sec-WebSocket-Extensions'));
    });
    const peer = await first.peer();
    await peer.request();
    redirect(peer, second.url);
    await asked(stage, second, client);
  }),
  script('a redirect on the same port', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(`${server.url}/from`, [], { perMessageDeflate: true, followRedirects: true });
    const peer = await server.peer();
    await peer.request();
    redirect(peer, '/to');
    await asked(stage, server, client);
  }),
];
