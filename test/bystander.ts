// A healthy connection on the same thread as one that fails: nothing that happens there may reach it.

import { expect } from 'vitest';
import { record } from './event-log';
import { echoServer, type Scheme } from './servers';

/** Opens it; what is returned proves that it has heard nothing, and still works. */
export async function bystander(scheme: Scheme): Promise<() => Promise<void>> {
  const connection = (await echoServer(scheme)).client();
  const log = record(connection);
  connection.connect();
  await log.until('open 101');
  return async () => {
    connection.send('still here');
    await log.until('message still here');
    expect(log.events).toEqual(['connect', 'open 101', 'message still here']);
  };
}
