// Faults injected into each call out of a connection over loopback, to the server of the npm package `ws`: the n-th callback
// throws, or enters the library again. How it is judged is in injection/socket-play.ts.

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { turns } from './company';
import { type EchoLine, FACES } from './echo-line';
import { itInjected, noteInjected, watchdog } from './expectations';
import { replaceGlobals, type Watched } from './globals';
import { loadLibrary } from './library';
import { takeGlobalTimers } from './replaceable';
import { openBystanders, playOnSockets, SOCKET_ACTIONS, type SocketWorld } from './socket-play';

/** Turns of the event loop in which closed handles go. */
const MOST_TURNS = 1_000;

const watched: Watched = { calls: undefined, kinds: new Set() };
let world: SocketWorld;
let server: WebSocketServer;
let resourcesBefore: string[];
let lines: readonly EchoLine[];

/** Without timers: vitest has its own, and each play counts the library's. */
const resources = (): string[] =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'Timeout')
    .sort();

beforeAll(async () => {
  takeGlobalTimers();
  const modules = await loadLibrary();
  resourcesBefore = resources();
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: { threshold: 0 } });
  server.on('connection', (socket) => {
    // One that is destroyed here is no error there.
    socket.on('error', () => {});
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await once(server, 'listening');
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const globals = replaceGlobals(watched);
  lines = await openBystanders(modules, url);
  for (const line of lines) line.send(20, true);
  for (const line of lines) await line.until(() => line.ledger.missing === 0);
  world = { modules, url, watched, globals, bystanders: lines };
});

afterAll(() => world.globals.restore());

it.each(Object.entries(FACES))('A fault at each call out of: %s', { timeout: 120_000 }, async (name, face) => {
  const findings: string[] = [];
  const one = async (at: number, action?: (typeof SOCKET_ACTIONS)[number]): Promise<readonly string[]> => {
    const injection = action && { at, action };
    const play = `${name}, call ${at}: ${action?.name ?? 'nothing'}`;
    watchdog.begin(play);
    const { kinds, actedIn, faults } = await playOnSockets(world, face, injection);
    watchdog.end();
    if (actedIn.length > 0) noteInjected(1);
    if (faults.length > 0) findings.push([`${play} (${actedIn})`, ...faults].join('\n    '));
    return kinds;
  };
  for (const [index] of (await one(0)).entries()) {
    for (const action of SOCKET_ACTIONS) await one(index + 1, action);
  }
  expect(findings).toEqual([]);
});

it('leaves nothing that is active', async () => {
  for (const line of lines) line.close();
  for (const line of lines) await line.until(() => false);
  await new Promise((resolve) => server.close(resolve));
  for (let left = MOST_TURNS; left > 0 && resources().join() !== resourcesBefore.join(); left -= 1) await turns(1);
  expect(resources()).toEqual(resourcesBefore);
});

itInjected(240);
