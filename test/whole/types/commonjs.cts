// A program for the npm package `ws` in CommonJS, as people write them with @types/ws. It is compiled, never run.

import WebSocket = require('wsimd');

class Feed extends WebSocket {
  private last: WebSocket.Data = '';

  constructor(address: string, options?: WebSocket.ClientOptions) {
    super(address, ['feed'], { handshakeTimeout: 3_000, perMessageDeflate: false, ...options });
    this.on('message', function (data: WebSocket.RawData, isBinary) {
      const text: string = data.toString();
      this.send(isBinary ? data : text);
    });
    this.onmessage = (event: WebSocket.MessageEvent) => {
      this.last = event.data;
    };
    this.onclose = ({ code, reason, wasClean, target }: WebSocket.CloseEvent) => {
      const all: [number, string, boolean, WebSocket] = [code, reason, wasClean, target];
      console.log(all, this.last);
    };
  }
}

const feed: WebSocket = new Feed('wss://example.com', { headers: { a: 'b' }, rejectUnauthorized: false });
const same: WebSocket.WebSocket = feed;
WebSocket.createWebSocketStream(same, { encoding: 'utf8' }).pipe(process.stdout);
const refused: () => WebSocket.Server = () => new WebSocket.Server({ port: 80 });
const connection = new WebSocket.AsyncTcpConnection('ws://example.com');
connection.onMessage = (_connection, data) => console.log(data.length, refused);
feed.ping('', true, (error) => console.log(error.message));
feed.pong('', undefined, (error) => console.log(error.message));
const parts: [string, string, string] = [
  WebSocket.Receiver.name,
  WebSocket.Sender.name,
  WebSocket.PerMessageDeflate.extensionName,
];
class Client extends WebSocket {
  user = '';
}
const clientsOf = (server: WebSocket.Server<typeof Client>): Set<Client> => server.clients;
const serverOptions: WebSocket.ServerOptions<typeof Client> = { WebSocket: Client, noServer: true };
console.log(parts, clientsOf, serverOptions);
