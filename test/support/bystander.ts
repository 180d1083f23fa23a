// A healthy connection on the same thread as one that fails: nothing that happens there may reach it.

import { expect } from 'vitest';
import { agreedTo } from './agreed-peer';
import { PeerDeflate } from './compressed-frames';
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

/** The same where messages are compressed: each that comes refers to the one before it. */
export async function compressedBystander(): Promise<() => Promise<void>> {
  const { log, peer } = await agreedTo();
  const deflate = new PeerDeflate();
  peer.write(deflate.frame(1, 'a sentence that comes again'));
  await log.until('message a sentence that comes again');
  return async () => {
    const again = deflate.frame(1, 'a sentence that comes again');
    expect(again.length).toBeLessThan(12);
    peer.write(again);
    await log.until('message a sentence that comes again', 2);
    expect(log.errors).toEqual([]);
  };
}
