// One start of a program that uses a library: a process of its own, started by start.mjs, that imports the library and ends, or
// connects, receives one message and closes first. It prints the measurement as one line of JSON. It imports nothing else, and
// must not know other libraries. It runs unchanged on every runtime.
//
//   started.mjs LIBRARY TARGET    LIBRARY names a file in clients/, or is `floor`, a program that is empty but for this;
//                                 TARGET is the URL of a source, or anything else for an import alone
//
// What the process says of itself as its last act is nearly all that it takes: taking the runtime down again is not in it, which
// is the same for all libraries. Its parent does not get to know better, for no runtime tells it what a child has taken.

/** @import { Connect } from './traffic.mjs' */

import process from 'node:process';

const HIGH_WATER_MARK = 1024 * 1024;

const [library = '', target = ''] = process.argv.slice(2);
process.once('exit', (status) => {
  if (status !== 0) return;
  const { user, system } = process.cpuUsage();
  // All of the process, and so since it began.
  const wallMicroseconds = performance.now() * 1000;
  console.log(JSON.stringify({ messages: 1, userMicroseconds: user, systemMicroseconds: system, wallMicroseconds }));
});

if (library !== 'floor') {
  /** @type {{ connect: Connect }} */
  const { connect } = await import(`../../clients/${library}.mjs`);
  if (/^wss?:/.test(target)) receiveOne(connect);
}

/** @param {Connect} connect */
function receiveOne(connect) {
  let received = 0;
  const connection = connect(
    target,
    {
      onOpen() {},
      onMessage() {
        received++;
        connection.close();
      },
      onClose: (code, reason) => (received === 1 ? process.exit() : fail(`closed: ${code} ${reason}`)),
      onFailure: fail,
    },
    HIGH_WATER_MARK,
  );
}

/**
 * @param {string} complaint
 * @returns {never}
 */
function fail(complaint) {
  console.error(`${library}, ${target}: ${complaint}`);
  process.exit(1);
}
