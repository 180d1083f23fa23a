// The package, evaluated again and again, each time with a connection: `evaluated-again.cjs <URL of an echo server> <times>` prints
// how many more listeners `process` has then, and how much more address space, in KiB.

const { readFileSync } = require('node:fs');

const [url, times] = process.argv.slice(2);

const space = () => Number(/VmSize:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

function forget() {
  for (const key of Object.keys(require.cache)) if (key !== __filename) delete require.cache[key];
  // A module keeps all that it ever required.
  module.children.length = 0;
}

function talk() {
  const { WebSocket } = require('wsimd');
  /** @type {Promise<unknown>} */
  const ended = new Promise((resolve, reject) => {
    const socket = new WebSocket(String(url));
    socket.on('open', () => socket.send('x'));
    socket.on('message', () => socket.close());
    socket.on('close', resolve);
    socket.on('error', reject);
  });
  return ended;
}

(async () => {
  await talk();
  forget();
  const [listenersBefore, spaceBefore] = [listeners(), space()];
  for (let time = 1; time <= Number(times); time += 1) {
    await talk();
    forget();
    if (time % 10 > 0) continue;
    for (let i = 0; i < 5; i += 1) {
      await turn();
      globalThis.gc?.();
    }
  }
  console.log(JSON.stringify([listeners() - listenersBefore, space() - spaceBefore]));
})();
