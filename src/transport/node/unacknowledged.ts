// What the peer's TCP has not acknowledged of what the kernel took to send. Node.js does not say it; on Linux the kernel's own
// table does. It is asked for where a peer is about to be given up, and knows no connection.

import { readFileSync } from 'node:fs';
import { platform } from 'node:process';
import { now } from '../../runtime/tasks';
import { isBun, isDeno } from '../../runtime/which';

/** One file for IPv4 and one for IPv6. Deno asks the user before a file is read, and this is not worth a question. */
const TABLES = platform === 'linux' && !isBun && !isDeno ? ['/proc/self/net/tcp', '/proc/self/net/tcp6'] : [];

/** Milliseconds for which the table is believed: with 10,000 sockets it takes some to read. */
const LIFETIME = 100;

/**
 * A line of it: `sl local_address rem_address st tx_queue:rx_queue …`, all in hexadecimal digits. TIME_WAIT (06), of which a busy
 * machine has thousands, and LISTEN (0A) are no connections.
 */
const LINE = /^ *\d+: [\dA-F]+:([\dA-F]{4}) [\dA-F]+:([\dA-F]{4}) (?!06|0A)[\dA-F]{2} ([\dA-F]{8}):/gm;

type Table = ReadonlyMap<string, number | undefined>;

/** For the next who asks; some MB, with the sockets of the whole machine, are not kept for nobody. */
let last: WeakRef<Table> | undefined;
let readAt = 0;

/** In bytes; undefined: nobody knows. */
export function unacknowledgedBytes(localPort: number, remotePort: number): number | undefined {
  const table = (now() - readAt > LIFETIME ? undefined : last?.deref()) ?? readTables();
  return table.get(keyOf(localPort, remotePort));
}

function readTables(): Table {
  const found = new Map<string, number | undefined>();
  for (const path of TABLES) {
    for (const [, local, remote, queue] of textOf(path).matchAll(LINE)) {
      const key = `${local}:${remote}`;
      // Connections to several hosts may have the same ports: which is which is not worth the trouble.
      found.set(key, found.has(key) ? undefined : Number.parseInt(queue!, 16));
    }
  }
  last = new WeakRef(found);
  readAt = now();
  return found;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // There is no IPv6, or no /proc, or a program may not read files: then nobody knows.
    return '';
  }
}

function keyOf(localPort: number, remotePort: number): string {
  return [localPort, remotePort].map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join(':');
}
