// Answers that a program wants to see itself: the events 'upgrade' and 'unexpected-response'.

import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { frame, RawPeer, TEXT } from '../../support/raw-peer';
import { script } from './script';
import { EVENTS, type Options, type Stage } from './stage';

const NOT_FOUND = 'HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nnobod';

type Handler = (request: ClientRequest, response: IncomingMessage, client: WebSocket) => unknown;

/** Gets a 404, of which a listener makes this. */
async function unexpected(stage: Stage, handle: Handler, text = NOT_FOUND, options: Options = {}): Promise<void> {
  const server = await stage.raw();
  const client = stage.connect(server.url, [], options, [...EVENTS, 'unexpected-response']);
  const handled = new Promise((resolve) => {
    client.on('unexpected-response', (request, response) => resolve(handle(request, response, client)));
  });
  const peer = await server.peer();
  await peer.readHead();
  peer.write(Buffer.from(text));
  await handled;
  stage.note(client, 'handled');
}

/** An upgrade that a listener sees. */
async function upgraded(stage: Stage, make: (request: string) => string, handle?: (client: WebSocket) => void) {
  const server = await stage.raw();
  const client = stage.connect(server.url, [], {}, [...EVENTS, 'upgrade']);
  client.on('upgrade', () => handle?.(client));
  const peer = await server.peer();
  peer.write(Buffer.from(make(await peer.readHead()), 'latin1'));
  return { client, peer };
}

export const answers = [
  script('an upgrade is told before open', async (stage) => {
    const { peer } = await upgraded(stage, (request) =>
      RawPeer.answer(request, 'X-One: 1', 'Set-Cookie: a=b', 'X-One: 2'),
    );
    await stage.until('OPEN open');
    await peer.finish();
    await stage.closed();
  }),
  script('frames in the segment of the upgrade', async (stage) => {
    const { peer } = await upgraded(stage, (request) => `${RawPeer.answer(request)}\x81\x02ab\x89\x00\x82\x01c`);
    await stage.until('message', 2);
    await peer.finish();
    await stage.closed();
  }),
  script('an upgrade that is wrong is told, too', async (stage) => {
    await upgraded(stage, (request) => RawPeer.answer(request).replace('Accept: ', 'Accept: x'));
    await stage.closed();
  }),
  script('a 404 is no upgrade', async (stage) => {
    await upgraded(stage, () => NOT_FOUND);
    await stage.closed();
  }),
  script('close() in the listener of upgrade', async (stage) => {
    const { peer } = await upgraded(
      stage,
      (request) => RawPeer.answer(request),
      (client) => stage.attempt('close', () => client.close(1000)),
    );
    await stage.closed();
    await peer.rest();
  }),
  script('terminate() in the listener of upgrade', async (stage) => {
    const { peer } = await upgraded(
      stage,
      (request) => RawPeer.answer(request),
      (client) => stage.attempt('terminate', () => client.terminate()),
    );
    await stage.closed();
    await peer.rest();
  }),
  script('send() in the listener of upgrade', async (stage) => {
    const { peer } = await upgraded(
      stage,
      (request) => RawPeer.answer(request),
      (client) => stage.attempt('send', () => client.send('x')),
    );
    await stage.until('open');
    await peer.finish();
    await stage.closed();
  }),
  script('the socket of an upgrade', async (stage) => {
    const { client, peer } = await upgraded(
      stage,
      (request) => RawPeer.answer(request),
      (one) =>
        one.once('upgrade', () => {
          throw new Error('told twice');
        }),
    );
    const [response] = (await Promise.race([once(client, 'upgrade'), stage.until('open').then(() => [])])) as [
      IncomingMessage?,
    ];
    stage.note(client, 'response', response?.socket.remoteAddress);
    await peer.finish();
    await stage.closed();
  }),
  script('an upgrade over node:http’s own server', async (stage) => {
    const { url } = await stage.ws((socket) => socket.close(4000));
    stage.connect(url, [], {}, [...EVENTS, 'upgrade']);
    await stage.closed();
  }),
  script('the body of an unexpected response', (stage) =>
    unexpected(stage, async (_request, response, client) => {
      let body = '';
      for await (const chunk of response) body += chunk;
      stage.note(client, 'body', body);
    }),
  ),
  script('what an unexpected response leaves behind', (stage) =>
    unexpected(stage, async (_request, response, client) => {
      response.resume();
      await once(response, 'end');
      stage.note(client, 'ended', client.listenerCount('close'));
    }),
  ),
  script('an unexpected response in chunks', (stage) =>
    unexpected(
      stage,
      async (_request, response, client) => {
        let body = '';
        for await (const chunk of response) body += chunk;
        stage.note(client, 'body', body, response.trailers);
      },
      'HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\nX-T: 1\r\n\r\n',
    ),
  ),
  script('an unexpected response that is aborted', async (stage) => {
    await unexpected(stage, (request) => request.abort());
    await new Promise((resolve) => setTimeout(resolve, 30));
  }),
  script('an unexpected response whose request is destroyed', async (stage) => {
    await unexpected(stage, (request) => request.destroy());
    await new Promise((resolve) => setTimeout(resolve, 30));
  }),
  script('an unexpected response whose request is destroyed with an error', async (stage) => {
    await unexpected(stage, (request) => request.destroy(new Error('mine')));
    await stage.closed();
  }),
  script('an unexpected response that is destroyed', async (stage) => {
    await unexpected(stage, (_request, response) => response.destroy());
    await new Promise((resolve) => setTimeout(resolve, 30));
  }),
  script('close() in the listener of an unexpected response', async (stage) => {
    await unexpected(stage, (_request, _response, client) => stage.attempt('close', () => client.close()));
    await stage.closed();
  }),
  script('terminate() in the listener of an unexpected response', async (stage) => {
    await unexpected(stage, (_request, _response, client) => stage.attempt('terminate', () => client.terminate()));
    await stage.closed();
  }),
  script('terminate() behind the body of an unexpected response', async (stage) => {
    await unexpected(stage, async (_request, response, client) => {
      response.resume();
      await once(response, 'end');
      client.terminate();
    });
    await stage.closed();
  }),
  script('the request of an unexpected response', (stage) =>
    unexpected(stage, (request, _response, client) => {
      stage.note(client, 'request', request.method, request.path, request.host, request.protocol);
      stage.note(client, 'headers', request.getHeader('upgrade'), request.getHeader('connection'));
      stage.note(client, 'version', request.getHeader('sec-websocket-version'));
      stage.note(client, 'names', ...request.getHeaderNames());
    }),
  ),
  script('a response of status 200', (stage) =>
    unexpected(stage, () => {}, 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nX-A: 2\r\n\r\nhi'),
  ),
  script('a redirect that is not followed', (stage) =>
    unexpected(stage, () => {}, 'HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n'),
  ),
  script('a redirect without a location', (stage) =>
    unexpected(stage, () => {}, 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n', { followRedirects: true }),
  ),
  script('a server that answers and ends', async (stage) => {
    const { url } = await stage.http((_request, response) => {
      response.statusCode = 403;
      response.end('forbidden');
    });
    const client = stage.connect(url, [], {}, [...EVENTS, 'unexpected-response']);
    await stage.until('unexpected-response');
    client.terminate();
    await stage.closed();
  }),
  script('no listener for what is unexpected, and a server of node:http', async (stage) => {
    const { url } = await stage.http((_request, response) => {
      response.statusCode = 403;
      response.end('forbidden');
    });
    stage.connect(`${url}/x`);
    await stage.closed();
  }),
  script('once() for an unexpected response', async (stage) => {
    const server = await stage.raw();
    const client = stage.connect(server.url);
    client.once('unexpected-response', (_request, response) => {
      stage.note(client, 'once', response);
      client.close();
    });
    const peer = await server.peer();
    await peer.readHead();
    peer.write(Buffer.from(NOT_FOUND), frame(TEXT, 'x'));
    await stage.closed();
  }),
];
