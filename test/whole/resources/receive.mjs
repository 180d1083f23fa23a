// A client that receives one message and says what that cost. The server at `url` sends something of the same kind first,
// then the text `warm`, waits for the text `ready`, and sends the message.

import { createHash } from 'node:crypto';
import { AsyncTcpConnection } from 'wsimd';
import { Meter, report } from './meter.mjs';

/**
 * @param {string} url
 * @param {number} maxPackageSize
 */
export function receive(url, maxPackageSize) {
  /** @type {Meter | undefined} */
  let meter;
  const connection = new AsyncTcpConnection(url);
  connection.maxPackageSize = maxPackageSize;
  connection.onMessage = (_, data) => {
    if (meter !== undefined) {
      const costs = meter.read();
      report({ ...costs, sha1: createHash('sha1').update(data).digest('hex') });
      connection.destroy();
    } else if (data === 'warm') {
      meter = new Meter();
      connection.send('ready');
    }
  };
  connection.onError = (_connection, _code, message) => console.error(message);
  connection.connect();
}
