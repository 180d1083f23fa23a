// A program in which a global is missing, or a stand-in that does nothing, from before or from behind the import: its arguments.

const { common, load, report } = require('./host.cjs');
const { play } = require('./contract.cjs');

const [, , name, kind, moment] = process.argv;
const STAND_INS = {
  crypto: {},
  queueMicrotask() {},
  setImmediate() {},
  TextEncoder: class TextEncoder {},
  performance: { now: () => 0 },
  Blob: class Blob {},
  URL: class URL {},
  Event: class Event {},
  AbortSignal: class AbortSignal {},
};
const { AbortController, Blob, Buffer, Event, Headers, URL } = globalThis;
const own = { AbortController, Blob, Buffer, Event, Headers, URL };

function replace() {
  if (kind === 'missing') Reflect.deleteProperty(globalThis, name);
  else Object.defineProperty(globalThis, name, { value: STAND_INS[name], configurable: true, writable: true });
}

play({
  ...common,
  own,
  load() {
    if (moment === 'before') replace();
    const modules = load();
    if (moment === 'behind') replace();
    return modules;
  },
}).then((results) => report(results));
