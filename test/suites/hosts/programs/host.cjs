// What the programs of all hosts share: where the servers are, functions of time that nobody has replaced, and where the results
// go. To be loaded before anything is replaced.

const { readFileSync, writeFileSync } = require('node:fs');
const { clearTimeout, setTimeout } = require('node:timers');
const process = require('node:process');

// They are made when they are first asked for, which the results of others must not depend on.
for (const stream of [process.stdout, process.stderr]) stream.writable;

const { WSIMD_PLACE = '', WSIMD_RESULTS = '' } = process.env;

module.exports = {
  /** What a Host is made of. */
  common: {
    place: JSON.parse(WSIMD_PLACE),
    setTimeout,
    clearTimeout,
    addressSpace() {
      try {
        return Number(/VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
      } catch {
        return undefined;
      }
    },
  },

  load: () => ({ wsimd: require('wsimd'), web: require('wsimd/web'), framing: require('wsimd/framing') }),

  /** @param {readonly { verdict: string, about: string, name: string, reason?: string }[]} results */
  report(results, name = 'results') {
    writeFileSync(`${WSIMD_RESULTS}/${name}.json`, JSON.stringify(results));
  },
};
