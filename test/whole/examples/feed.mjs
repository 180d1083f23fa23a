// A feed with orders: what is sent while the connection is gone waits, within bounds; topics are subscribed to again at each
// connection; what was not sent, or may have arrived, is told.
//
//   node feed.mjs ws://127.0.0.1:1234

import { AsyncTcpConnection } from 'wsimd';

const [url] = process.argv.slice(2);

const topics = new Set(['prices']);
const feed = new AsyncTcpConnection(url);
feed.websocketPingInterval = 20; // seconds; a pong also confirms what was sent before its ping
feed.reconnectPolicy = { minDelay: 0.1 };
feed.sendQueue = { maxMessages: 1000, maxAge: 30, whenFull: 'drop-oldest' };
// In front of what waits: this server knows nothing of the connection before.
feed.onWebSocketConnect = () => feed.send(JSON.stringify({ subscribe: [...topics] }));
feed.onUnsent = (_, messages, { message }) => console.log(`not sent: ${messages} (${message})`);
feed.onClose = (_, { unconfirmed, willReconnect }) => {
  if (unconfirmed > 0) console.log(`may have arrived, or not: the last ${unconfirmed} of what was sent`);
  if (willReconnect) feed.send(JSON.stringify({ order: 'while it was gone' }));
};
feed.onMessage = (_, data) => {
  console.log(`recv: ${data}`);
  if (data === 'closing time') feed.close();
};
feed.connect();
feed.send(JSON.stringify({ order: 'before it was open' }));
