// A program that requires the package. Its argument: whether what Node.js has for fetch can be loaded, which needs WebAssembly.

const { common, load, report } = require('./host.cjs');
const { play } = require('./contract.cjs');

play({ ...common, load, hasFetch: process.argv[2] !== 'no-fetch' }).then((results) => report(results));
