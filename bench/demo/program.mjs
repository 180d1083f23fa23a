// The program that this library was made for, as it stands in a user's file: connect, say hello, print what comes, come back
// when cut off. It owns its callbacks and nothing else; the tour watches it from outside.

import { AsyncTcpConnection, Ws } from 'wsimd';

/**
 * @param {string} url
 * @param {number} pingInterval in seconds; 55 in real life, which is longer than anyone wants to watch
 * @returns {AsyncTcpConnection}
 */
export function startProgram(url, pingInterval) {
  const connection = new AsyncTcpConnection(url);
  connection.websocketPingInterval = pingInterval;
  connection.headers = { Cookie: 'PHPSID=82u98fjhakfusuanfnahfi; token=2hf9a929jhfihaf9i', OtherKey: 'values' };
  connection.websocketType = Ws.BINARY_TYPE_BLOB;
  connection.onConnect = (_connection) => console.log('tcp connected');
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
  return connection;
}
