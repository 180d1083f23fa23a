// Redirects: which are followed, which headers go along, and what listeners see.

import { selfSigned } from '../../support/self-signed';
import type { HttpTestServer } from './peers';
import { script } from './script';
import { EVENTS, type Options, type Stage } from './stage';

const certificate = selfSigned(['127.0.0.1']);
const trusting = { followRedirects: true, ca: certificate.cert };
/** What must not go to another host. */
const secrets = { authorization: 'Bearer x', Cookie: 'a=b', 'X-Other': '1', Host: 'own.example' };

/** A server that redirects to there. */
function redirector(stage: Stage, to: string | (() => string), status = 302, tls?: object): Promise<HttpTestServer> {
  return stage.http((_request, response) => {
    response.writeHead(status, { Location: typeof to === 'string' ? to : to() });
    response.end();
  }, tls);
}

/** A server that accepts, and shows the request. */
function target(stage: Stage, tls?: object): Promise<HttpTestServer> {
  return stage.ws((socket) => socket.close(1000), {
    tls: tls as never,
    verifyClient: ({ req }: { req: import('node:http').IncomingMessage }) => {
      for (const [name, value] of Object.entries(req.headers)) {
        if (name !== 'sec-websocket-key') stage.seen.write(`  ${name}: ${value}`);
      }
      return true;
    },
  });
}

async function follow(stage: Stage, url: string, options: Options, events: readonly string[] = EVENTS): Promise<void> {
  const client = stage.connect(url, [], { followRedirects: true, ...options }, events);
  await stage.closed();
  stage.note(client, client.url);
}

const withRedirect = [...EVENTS, 'redirect'];

/** From one server to itself. */
async function toItself(stage: Stage, location: string, options: Options = {}, events = EVENTS): Promise<void> {
  const server: HttpTestServer = await stage.ws((socket) => socket.close(1000));
  server.server.prependListener('upgrade', (request, socket) => {
    stage.seen.write(`asked for ${request.url} by ${request.headers.host}`);
    for (const name of ['authorization', 'cookie', 'x-other', 'origin', 'sec-websocket-protocol']) {
      stage.seen.write(`  ${name}: ${request.headers[name]}`);
    }
    if (request.url !== '/start/here') return;
    socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location.replace('PORT', String(server.port))}\r\n\r\n`);
  });
  await follow(stage, `${server.url}/start/here`, options, events);
}

export const redirects = [
  script('a redirect of the same host', (stage) => toItself(stage, 'ws://127.0.0.1:PORT/there', { headers: secrets })),
  script('a redirect that is relative', (stage) => toItself(stage, '../there?x=1')),
  script('a redirect that is a path', (stage) => toItself(stage, '/there')),
  script('a redirect that is only a query', (stage) => toItself(stage, '?x=1')),
  script('a redirect without a scheme', (stage) => toItself(stage, '//127.0.0.1:PORT/there')),
  script('a redirect to an http: URL', (stage) => toItself(stage, 'http://127.0.0.1:PORT/there')),
  script('a redirect and credentials of the URL', (stage) => toItself(stage, 'ws://user:pass@127.0.0.1:PORT/there')),
  script('a redirect and the option auth', (stage) => toItself(stage, '/there', { auth: 'a:b' })),
  script('a redirect and an origin', (stage) => toItself(stage, '/there', { origin: 'https://o.example' })),
  script('a redirect that is told', (stage) => toItself(stage, '/there', { headers: secrets }, withRedirect)),
  script('a redirect with a fragment', (stage) => toItself(stage, '/there#part')),
  script('a redirect to a scheme that is none', (stage) => toItself(stage, 'ftp://127.0.0.1/there')),
  script('a redirect to what is no URL', (stage) => toItself(stage, 'http://')),
  script('a redirect to a name of the same address', (stage) =>
    toItself(stage, 'ws://localhost:PORT/there', { headers: secrets, family: 4 } as never),
  ),
  script('a redirect to another port', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url);
    await follow(stage, first.url, { headers: secrets });
  }),
  script('a redirect to another port that is told', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url);
    await follow(stage, first.url, { headers: secrets }, withRedirect);
  }),
  script('a redirect to another port and the option auth', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url);
    await follow(stage, first.url, { auth: 'a:b' });
  }),
  script('a redirect to another port and credentials of the first URL', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url);
    await follow(stage, first.url.replace('ws://', 'ws://user:pass@'), {});
  }),
  script('a redirect from wss: to ws:', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url, 302, certificate);
    await follow(stage, first.url, { ...trusting, headers: secrets });
  }),
  script('a redirect from ws: to wss:', async (stage) => {
    const { url } = await target(stage, certificate);
    const first = await redirector(stage, url);
    await follow(stage, first.url, { ...trusting, headers: secrets });
  }),
  script('statuses that redirect', async (stage) => {
    const { url } = await target(stage);
    for (const status of [300, 301, 303, 305, 307, 308, 399]) {
      const first = await redirector(stage, url, status);
      stage.connect(first.url, [], { followRedirects: true });
      await stage.closed([300, 301, 303, 305, 307, 308, 399].indexOf(status) + 1);
    }
  }),
  script('a 304 and a 404 with a location', async (stage) => {
    for (const status of [404, 201]) {
      const first = await redirector(stage, 'ws://127.0.0.1:1/', status);
      stage.connect(first.url, [], { followRedirects: true });
      await stage.closed(status === 404 ? 1 : 2);
    }
  }),
  script('a loop', async (stage) => {
    const server: HttpTestServer = await redirector(stage, () => `${server.url}/again`);
    await follow(stage, server.url, { maxRedirects: 3 });
  }),
  script('a loop, and the default', async (stage) => {
    const server: HttpTestServer = await redirector(stage, () => `${server.url}/again`);
    await follow(stage, server.url, {});
  }),
  script('no redirects allowed', async (stage) => {
    const first = await redirector(stage, 'ws://127.0.0.1:1/');
    await follow(stage, first.url, { maxRedirects: 0 });
  }),
  script('a redirect to a port on which nobody listens', async (stage) => {
    const port = await stage.closedPort();
    const first = await redirector(stage, `ws://127.0.0.1:${port}/`);
    await follow(stage, first.url, {});
  }),
  script('a redirect to a 404', async (stage) => {
    const second = await stage.http((_request, response) => {
      response.statusCode = 404;
      response.end();
    });
    const first = await redirector(stage, second.url);
    await follow(stage, first.url, {});
  }),
  script('a redirect with an invalid location of another kind', async (stage) => {
    const first = await redirector(stage, 'ws://[::1/');
    await follow(stage, first.url, {});
  }),
  ...(['close', 'terminate'] as const).map((method) =>
    script(`${method}() in the listener of a redirect`, async (stage) => {
      const { url } = await target(stage);
      const first = await redirector(stage, url);
      const client = stage.connect(first.url, [], { followRedirects: true }, withRedirect);
      client.on('redirect', () => stage.attempt(method, () => client[method]()));
      await stage.closed();
    }),
  ),
  script('a header set in the listener of a redirect', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url);
    const client = stage.connect(first.url, [], { followRedirects: true }, withRedirect);
    client.on('redirect', (_url, request) => request.setHeader('X-Late', 'yes'));
    await stage.closed();
  }),
  script('a request destroyed in the listener of a redirect', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url);
    const client = stage.connect(first.url, [], { followRedirects: true }, withRedirect);
    client.on('redirect', (_url, request) => request.destroy(new Error('not there')));
    await stage.closed();
  }),
  script('the headers of the user stay as they are', async (stage) => {
    const { url } = await target(stage);
    const first = await redirector(stage, url);
    const headers = { ...secrets };
    await follow(stage, first.url, { headers });
    stage.told.write(JSON.stringify(headers));
  }),
  script('two redirects in a row', async (stage) => {
    const { url } = await target(stage);
    const second = await redirector(stage, url);
    const first = await redirector(stage, second.url);
    await follow(stage, first.url, { headers: secrets }, withRedirect);
  }),
];
