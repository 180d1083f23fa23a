// A program for the npm package `ws` as a module, as people write them with @types/ws. It is compiled, never run.

import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import WebSocket, {
  type ClientOptions,
  type CloseEvent,
  createWebSocketStream,
  type WebSocket as Named,
  type RawData,
  type ServerOptions,
  WebSocketServer,
} from 'wsimd';

const options: ClientOptions = {
  ca: 'certificate',
  checkServerIdentity: () => undefined,
  finishRequest: (request, websocket) => {
    request.setHeader('x', websocket.url);
    request.end();
  },
  followRedirects: true,
  generateMask: (mask: Buffer) => mask.fill(7),
  origin: 'https://example.com',
};
const websocket = new WebSocket(new URL('ws://example.com'), options);
websocket.on('message', (data, isBinary) => {
  const raw: RawData = data;
  console.log(raw, isBinary satisfies boolean);
});
websocket.once('unexpected-response', (request, response) => {
  console.log(response.statusCode);
  request.destroy();
});
websocket.on('upgrade', ({ headers }) => console.log(headers['set-cookie']));
websocket.on('redirect', (url, request) => request.setHeader('x', url));
websocket.on('an event of my own', (first, second) => console.log(first, second));
websocket.addEventListener('message', ({ data, target }) => {
  const all: WebSocket.Data = data;
  target.close(1000, typeof all === 'string' ? all : undefined);
});
websocket.addEventListener('close', { handleEvent: ({ reason }) => console.log(reason.length) }, { once: true });
websocket.onclose = ({ wasClean }: CloseEvent) => console.log(wasClean);
websocket.onerror = ({ error, message }) => console.log(error, message);
websocket.send('text', (error) => console.log(error?.message));
websocket.send(Buffer.from('bytes'), { binary: true, compress: true, fin: true, mask: true }, () => {});
websocket.send([1, 2, 3]);
websocket.ping('data', true, (error: Error) => console.log(error));
websocket.binaryType = 'arraybuffer';
const state: 0 | 1 | 2 | 3 = websocket.readyState;
if (state === WebSocket.OPEN || state === websocket.CLOSING) websocket.terminate();
const named: Named = websocket;
createWebSocketStream(named).on('data', (chunk) => console.log(chunk));
console.log(() => new WebSocketServer());
websocket.ping('', false, (error) => console.log(error.message));
websocket.pong('', false, (error) => console.log(error.message));

class Request extends IncomingMessage {
  user = '';
}
class Client extends WebSocket {
  name = '';
}
const serve = (server: WebSocketServer, typed: WebSocket.Server<typeof Client, typeof Request>): void => {
  server.on('connection', (socket, request) => socket.send(request.url ?? ''));
  server.on('wsClientError', (error, socket) => socket.end(error.message));
  server.once('headers', (headers: string[]) => console.log(headers.length));
  for (const client of server.clients) client.close();
  server.handleUpgrade(new IncomingMessage(new Socket()), new Socket(), Buffer.alloc(0), (client) =>
    client.terminate(),
  );
  server.close((error) => console.log(error?.message, server.address(), server.path, server.options.port));
  typed.on('connection', (socket, request) => console.log(socket.name, request.user));
  typed.on('an event of my own', (first) => console.log(first));
};
const typedOptions: ServerOptions<typeof Client, typeof Request> = {
  WebSocket: Client,
  handleProtocols: (protocols, request) => (request.user === '' ? false : [...protocols][0]!),
};
console.log(serve, typedOptions);
