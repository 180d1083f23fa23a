// 24 worker threads, each with connections on every face, ended in the midst of their traffic. The main thread's own connections go
// on meanwhile, and what the process holds is as it was behind the first threads: the engine keeps what it needed for those.

const { once } = require('node:events');
const { readdirSync } = require('node:fs');
const process = require('node:process');
const { setTimeout: delay } = require('node:timers/promises');
const { isMainThread, parentPort, Worker } = require('node:worker_threads');

const THREADS = 24;
const AT_A_TIME = 8;
/** MiB that may be more behind the last threads: heaps of the C library that the next thread takes over. */
const MOST_MEMORY = 64;
/** A memory of WebAssembly reserves ten times as much. */
const MOST_SPACE = 1024;

const { AsyncTcpConnection, WebSocket } = require('wsimd');
const { WebSocket: WebWebSocket } = require('wsimd/web');

const { ws } = JSON.parse(process.env.WSIMD_PLACE);

/** A connection of each face that sends what it gets, and calls `onTurn` each time; its end is `onEnd`. */
function traffic(onTurn, onEnd) {
  const text = '말 말 말 '.repeat(500);
  const callback = new AsyncTcpConnection(`${ws}/deflate`);
  callback.perMessageDeflate = true;
  callback.onWebSocketConnect = () => callback.send(text);
  callback.onMessage = (_, data) => {
    callback.send(data);
    onTurn('callback');
  };
  callback.onClose = () => onEnd('callback');
  callback.connect();
  const dropIn = new WebSocket(`${ws}/echo`);
  dropIn.on('open', () => dropIn.send(Buffer.alloc(100_000)));
  dropIn.on('message', (data) => {
    dropIn.send(data);
    onTurn('drop-in');
  });
  dropIn.on('close', () => onEnd('drop-in'));
  const web = new WebWebSocket(`${ws}/echo`);
  web.onopen = () => web.send(text);
  web.onmessage = ({ data }) => {
    web.send(data);
    onTurn('web');
  };
  web.onclose = () => onEnd('web');
  return () => {
    callback.destroy();
    dropIn.terminate();
    web.close();
  };
}

async function main() {
  const { common, report } = require('./host.cjs');
  const results = [];
  const check = (about, name, isGood, reason) => {
    results.push({ about, name, verdict: isGood ? 'passed' : 'failed', reason });
  };
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  const turns = { callback: 0, 'drop-in': 0, web: 0 };
  const ends = [];
  const stop = traffic(
    (face) => {
      turns[face] += 1;
    },
    (face) => ends.push(face),
  );
  const goOn = async () => {
    const seen = { ...turns };
    while (Object.entries(turns).some(([face, count]) => count < seen[face] + 10)) await delay(5);
  };
  await goOn();

  await endThreads(AT_A_TIME);
  const first = await settled(common);
  for (let ended = AT_A_TIME; ended < THREADS; ended += AT_A_TIME) await endThreads(AT_A_TIME);
  await goOn();
  for (const face of Object.keys(turns)) check(face, 'goes on', !ends.includes(face), 'it has ended');

  const last = await settled(common);
  const memory = (last.memory - first.memory) / 2 ** 20;
  check('left', 'no memory', memory < MOST_MEMORY, `${memory.toFixed()} MiB more`);
  if (first.space !== undefined) {
    const space = (last.space - first.space) / 2 ** 20;
    check('left', 'no address space', space < MOST_SPACE, `${space.toFixed()} MiB more`);
  }
  check(
    'left',
    'no file descriptor',
    last.descriptors <= first.descriptors,
    `${first.descriptors}, then ${last.descriptors}`,
  );

  stop();
  while (ends.length < 3) await delay(5);
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
  check('left', 'no socket', sockets === before, `${sockets} instead of ${before}`);
  report(results);
}

/** Starts threads, and ends each once it has sent and received much. */
async function endThreads(count) {
  await Promise.all(
    Array.from({ length: count }, async () => {
      const thread = new Worker(__filename);
      await once(thread, 'message');
      await thread.terminate();
    }),
  );
}

/** What the process holds, when that does not become less any more. */
async function settled({ addressSpace }) {
  let least = Number.POSITIVE_INFINITY;
  for (let calm = 0; calm < 10; calm += 1) {
    globalThis.gc();
    const { rss } = process.memoryUsage();
    if (rss < least) calm = 0;
    least = Math.min(least, rss);
    await delay(50);
  }
  return { memory: least, space: addressSpace(), descriptors: descriptors() };
}

/** Those of this process, on Linux. */
function descriptors() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

if (isMainThread) main();
else {
  let turns = 0;
  traffic(
    () => {
      turns += 1;
      if (turns === 30) parentPort.postMessage('in the midst');
    },
    () => {},
  );
}
