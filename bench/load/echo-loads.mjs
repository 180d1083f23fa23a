// The loads that `--url` puts on a server, as data. This file must not know how they are measured.

import { rowByName } from '../rows.mjs';
import { payloadData } from '../wire/payloads.mjs';

/** Of each load, before it is measured. */
export const WARM_UP_SECONDS = 0.5;
/** How long an answer may take. */
export const SILENCE_SECONDS = 5;

const MANY = 100;

/** @typedef {import('./load.mjs').Load & { title: string }} EchoLoad */

/** @type {{ title: string, row: string }[]} */
const messages = [
  { title: '32-byte text', row: 'echo-32-text-1-in-flight' },
  { title: '1 KiB binary', row: 'echo-1k-binary' },
  { title: '16 KiB binary', row: 'echo-16k-binary' },
];

/**
 * @param {number} seconds
 * @returns {EchoLoad[]}
 */
export function echoLoads(seconds) {
  return [1, MANY].flatMap((inFlight) =>
    messages.map(({ title, row }) => ({
      title: `${title}, ${inFlight === 1 ? 'one' : inFlight} in flight`,
      connections: 1,
      inFlight,
      seconds,
      payload: payloadData(rowByName(row))[0] ?? '',
    })),
  );
}
