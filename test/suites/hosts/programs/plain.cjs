// A program that requires the package.

const { common, load, report } = require('./host.cjs');
const { play } = require('./contract.cjs');

play({ ...common, load }).then((results) => report(results));
