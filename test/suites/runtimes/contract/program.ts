// The contract on Node.js, Bun and Deno: `program.ts <place as JSON>` prints a line of JSON for each case.

import * as wsimd from 'wsimd';
import * as framing from 'wsimd/framing';
import * as web from 'wsimd/web';
import { NAMES, playOne } from './play';
import type { Place } from './stage';

const place = JSON.parse(process.argv[2]!) as Place;
for (const name of NAMES) {
  if (place.only !== undefined && !name.includes(place.only)) continue;
  console.log(JSON.stringify(await playOne(name, place, { wsimd, web, framing })));
}
// Whatever a case left behind must not keep the process: a runtime whose process hangs has failed.
setTimeout(() => {
  console.log(
    JSON.stringify({ name: 'the process ends by itself', verdict: 'failed', reason: 'it does not', seconds: 5 }),
  );
  process.exit(1);
}, 5_000).unref();
