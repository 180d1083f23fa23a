// CommonJS, as programs for ws have it: `commonjs.cjs <url>` prints ok.

const WebSocket = require('wsimd');
const framing = require('wsimd/framing');
const web = require('wsimd/web');

if (typeof WebSocket !== 'function' || WebSocket.name !== 'WebSocket')
  throw new Error('What is required is not the class.');
const { AsyncTcpConnection, createWebSocketStream, WebSocket: Named, Server, WebSocketServer } = WebSocket;
if (Named !== WebSocket || Server !== WebSocketServer) throw new Error('The class does not have itself as a name.');
for (const value of [
  AsyncTcpConnection,
  createWebSocketStream,
  framing.Decoder,
  framing.Encoder,
  web.WebSocketStream,
]) {
  if (typeof value !== 'function') throw new Error('There is a name missing.');
}
// One library: an error of one entry is one of the others.
if (framing.WsimdError !== WebSocket.WsimdError) throw new Error('The entries do not share what they are made of.');

class Client extends WebSocket {}
const client = new Client(process.argv[2]);
client.on('open', () => client.send('echo'));
client.on('message', (data, isBinary) => {
  if (String(data) !== 'echo' || isBinary) throw new Error(`${data}, ${isBinary}`);
  client.close(1000);
});
client.on('close', (code) => {
  if (code !== 1000) throw new Error(`closed by ${code}`);
  console.log('ok');
});
