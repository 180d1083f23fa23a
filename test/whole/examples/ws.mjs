// A ws:// client with callbacks, a heartbeat and headers, which comes back a second after it was cut off.
//
//   node ws.mjs ws://127.0.0.1:1234

import { AsyncTcpConnection, Ws } from 'wsimd';

const connection = new AsyncTcpConnection(process.argv[2] ?? 'ws://127.0.0.1:1234');
// A ping frame every 55 seconds.
connection.websocketPingInterval = 55;
connection.headers = { Cookie: 'PHPSID=82u98fjhakfusuanfnahfi; token=2hf9a929jhfihaf9i', OtherKey: 'values' };
// What strings are sent as: BLOB = text frames, ARRAYBUFFER = binary frames.
connection.websocketType = Ws.BINARY_TYPE_BLOB;
connection.onConnect = () => console.log('tcp connected');
connection.onWebSocketConnect = (connection, response) => {
  console.log(String(response));
  connection.send('hello');
};
connection.onMessage = (_connection, data) => console.log(`recv: ${data}`);
connection.onError = (_connection, _code, message) => console.log(`error: ${message}`);
connection.onClose = (connection) => {
  console.log('connection closed and try to reconnect');
  connection.reConnect(1);
};
connection.connect();
