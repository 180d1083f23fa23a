// A client that comes back whenever its connection is gone, as long as the program has not closed it: once by hand in onClose, as
// in Workerman, and once by a policy, which waits longer each time and gives up where another attempt is of no use.
//
//   node reconnect.mjs ws://127.0.0.1:1234 [policy]

import { AsyncTcpConnection } from 'wsimd';

const [url, how] = process.argv.slice(2);

const connection = new AsyncTcpConnection(url);
let isDone = false;
connection.onWebSocketConnect = (connection) => connection.send('are you there?');
connection.onMessage = (connection, data) => {
  console.log(`recv: ${data}`);
  isDone = data === 'goodbye';
  if (isDone) connection.close();
};
connection.onError = (_connection, _code, message) => console.log(`error: ${message}`);
if (how === 'policy') {
  connection.reconnectPolicy = { minDelay: 0.1, maxDelay: 30, maxRetries: 10 };
  connection.onClose = (_connection, { willReconnect }) => console.log(willReconnect ? 'cut off' : 'closed');
  connection.onReconnect = (_connection, attempt) => console.log(`attempt ${attempt} follows`);
  connection.onReconnectFailed = () => console.log('no use');
} else {
  connection.onClose = (connection) => {
    console.log(isDone ? 'closed' : 'cut off');
    if (!isDone) connection.reConnect(0.1);
  };
}
connection.connect();
