// `npm run demo`: what this library does, to be watched. This file owns the command line and the exit status; the tour and
// the conversation with a server of your choice are in demo/.

import { parseArgs } from 'node:util';
import { AsyncTcpConnection } from 'wsimd';
import { Conversation } from './demo/conversation.mjs';
import { tour } from './demo/tour.mjs';

const USAGE = `Usage: npm run demo
       npm run demo -- [--ping] URL

Without a URL: a tour of AsyncTcpConnection against an echo server of its own, in about six seconds.

With a ws:// or wss:// URL: sends what you type, line by line, and prints what arrives: text as it is, binary messages in
hexadecimal. A lost connection is made again after a second; lines typed meanwhile wait for it. The end of the input (Ctrl-D,
or that of a pipe) closes the connection as soon as nothing has arrived for half a second, Ctrl-C at once.

  --ping   show the round trip of the ping that is sent every 20 seconds
  --help   show this text

Status: 0 when all went well; 1 when a step of the tour failed or there was no connection; 2 when the command line is wrong.`;

process.exitCode = await main(process.argv.slice(2));

/**
 * @param {string[]} words
 * @returns {Promise<number>} the status of the process
 */
async function main(words) {
  try {
    const { values, positionals } = parseArgs({
      args: words,
      options: { ping: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [url, ...others] = positionals;
    if (others.length > 0) throw new TypeError('There is more than one URL.');
    if (values.help) {
      console.log(USAGE);
      return 0;
    }
    if (url === undefined) return await tour();
    return await new Conversation(new AsyncTcpConnection(url), values.ping).ended;
  } catch (error) {
    // What a user can get wrong here, Node and this library call a TypeError.
    if (!(error instanceof TypeError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}
