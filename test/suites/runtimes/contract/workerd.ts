// The contract on workerd, through miniflare: `workerd.ts <place as JSON> <bundle> <nodejs_compat or nothing>` prints a line of
// JSON for each case. A process of its own, since workerd trusts the certificates that NODE_EXTRA_CA_CERTS names.

import { join } from 'node:path';
import { Miniflare } from 'miniflare';
import { NAMES, type Result } from './play';
import type { Place } from './stage';

const [placeText = '', bundle = '', flag] = process.argv.slice(2);
const place = JSON.parse(placeText) as Place;
// The platform's own list of authorities: there is no option for it.
const { ca: _, ...inside } = place;

const miniflare = new Miniflare({
  modules: [
    { type: 'ESModule', path: join(bundle, 'worker.js') },
    { type: 'CompiledWasm', path: join(bundle, 'core.wasm') },
  ],
  modulesRoot: bundle,
  compatibilityDate: '2026-04-01',
  compatibilityFlags: flag === undefined ? [] : [flag],
  durableObjects: { HOLDER: 'Holder' },
});

async function ask(path: string, body?: object): Promise<unknown> {
  const response = await miniflare.dispatchFetch(`http://worker.test${path}`, {
    method: 'POST',
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

const print = (result: Result): void => console.log(JSON.stringify(result));

async function play(name: string, run: () => Promise<unknown>): Promise<void> {
  if (place.only !== undefined && !name.includes(place.only)) return;
  const begun = Date.now();
  try {
    const result = (await run()) as Result | undefined;
    print(result ?? { name, verdict: 'passed', seconds: (Date.now() - begun) / 1000 });
  } catch (error) {
    print({ name, verdict: 'failed', reason: (error as Error).stack, seconds: (Date.now() - begun) / 1000 });
  }
}

function expect(found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${JSON.stringify(found)} is not ${JSON.stringify(expected)}`);
}

for (const name of NAMES) await play(name, () => ask('/case', { ...inside, name }) as Promise<Result>);

await play('two requests at once, each with connections of its own', async () => {
  const names = NAMES.filter((name) => /echo, close|UTF-8|at once|by the policy/.test(name));
  const results = await Promise.all([...names, ...names].map((name) => ask('/case', { ...inside, name })));
  for (const { verdict, reason } of results as Result[]) if (verdict !== 'passed') throw new Error(reason);
});

await play('a Durable Object that holds a connection, loses it and comes back', async () => {
  const url = encodeURIComponent(`${inside.ws}/comeback?id=held-${flag}`);
  expect(await ask(`/hold?holder=one&url=${url}`), 'connection 1');
  expect(await ask('/send?holder=one&text=echo'), 'echo');
  expect(await ask('/send?holder=one&text=cut'), 'lost, comes back');
  expect(await ask('/next?holder=one'), 'connection 2');
  expect(await ask('/send?holder=one&text=again'), 'again');
  expect(await ask('/close?holder=one'), 'closed');
});

await miniflare.dispose();
