// The process that is measured with a server of the user's own: one library, one connection, one load after the other. It prints
// each result as one line of JSON, or { failure } with a sentence, and ends. It must not know other libraries, and runs unchanged
// on every runtime.
//
//   url.mjs LIBRARY URL SECONDS    LIBRARY names a file in clients/

/** @import { Connect } from './traffic.mjs' */

import process from 'node:process';
import { echoLoads, SILENCE_SECONDS, WARM_UP_SECONDS } from '../../load/echo-loads.mjs';
import { LoadedServer, LoadFault } from '../../load/load.mjs';
import { Stopwatch } from './stopwatch.mjs';

/** All that is in flight may wait here: 100 messages of 16 KiB, before the server reads the first. */
const HIGH_WATER_MARK = 16 * 1024 * 1024;

/**
 * @typedef {object} UrlResult
 * @property {string} title of the load
 * @property {number} messages
 * @property {number} perSecond
 * @property {number} cpuMicroseconds of the whole process, per message
 * @property {number} p50 microseconds
 * @property {number} p99
 */

const [library = '', url = '', seconds = ''] = process.argv.slice(2);
/** @type {{ connect: Connect }} */
const { connect } = await import(`../../clients/${library}.mjs`);

// Should the process that started this one be killed, that pipe closes.
process.stdin.once('end', () => process.exit()).resume();

try {
  const loads = echoLoads(Number(seconds));
  const server = new LoadedServer((handlers) => connect(url, handlers, HIGH_WATER_MARK), SILENCE_SECONDS);
  for (const { title, ...load } of loads) {
    await server.put({ ...load, seconds: WARM_UP_SECONDS });
    const stopwatch = new Stopwatch();
    const result = await server.put(load);
    const { userMicroseconds, systemMicroseconds } = stopwatch.stop(result.messages);
    // Who has the last result waits for nothing more.
    if (title === loads.at(-1)?.title) await server.close();
    print({
      title,
      messages: result.messages,
      perSecond: result.messages / result.seconds,
      cpuMicroseconds: (userMicroseconds + systemMicroseconds) / result.messages,
      p50: result.latencies.quantile(0.5),
      p99: result.latencies.quantile(0.99),
    });
  }
} catch (error) {
  if (!(error instanceof LoadFault)) throw error;
  print({ failure: error.message });
}
process.exit();

/** @param {UrlResult | { failure: string }} answer */
function print(answer) {
  console.log(JSON.stringify(answer));
}
