// The program behind `npm run fuzz`; see command.ts.

import { PROPERTIES } from './all';
import { main } from './command';

process.exitCode = await main(process.argv.slice(2), PROPERTIES, console.log);
