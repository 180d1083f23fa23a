// The contract in a worker thread, and that the thread then ends by itself.

const { isMainThread, Worker } = require('node:worker_threads');

if (isMainThread) {
  new Worker(__filename).on('exit', (code) => {
    process.exitCode = code;
  });
} else {
  require('./plain.cjs');
}
