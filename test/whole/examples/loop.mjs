// Messages in a loop that goes on over reconnects: the loop reads at its own pace, and ends with the connection.
//
//   node loop.mjs ws://127.0.0.1:1234

import { connect } from 'wsimd';

const [url] = process.argv.slice(2);

const connection = await connect(url, { reconnectPolicy: { minDelay: 0.1 } });
for await (const message of connection) {
  console.log(`recv: ${message}`);
  if (message === 'enough') break; // closes the connection
}
console.log('closed');
