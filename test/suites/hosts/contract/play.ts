// Plays the contract in a host, one case after the other, and looks what it leaves. It must not know which host it is.

import { CASES, FACES, FRAMING, sayThereIsNone, type Turn } from './cases';
import type { Face, Line } from './lines';
import { expectSame, expectTrue, type Host, Impossible, type Modules } from './stage';

export interface Result {
  /** A face, or what the case is about in its place: a column of the table. */
  readonly about: string;
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'impossible';
  readonly reason?: string;
}

/** Milliseconds that a case may take on a machine that has much to do. */
const PATIENCE = 10_000;
const LATE = 'not done';
/** So many cases that are not done in time are enough of them. */
const MOST_LATE = 3;

/** A memory of WebAssembly is ten times as much; a thread's heap, or a library of the system, less. */
const MOST_RESERVED = 2 ** 30;

export async function play(host: Host): Promise<Result[]> {
  const results: Result[] = [];
  const before = surroundings();
  let modules: Modules | undefined;
  const one = async (about: string, name: string, run: () => unknown): Promise<void> => {
    const late = results.filter(({ reason }) => reason?.includes(LATE)).length;
    if (late >= MOST_LATE) return;
    host.beforeCase?.();
    results.push({ about, name, ...(await verdictOf(host, run)) });
  };
  const space = host.addressSpace?.() ?? 0;
  await one('import', 'nothing is thrown', async () => {
    modules = await host.load();
  });
  if (!modules) return results;
  const loaded = modules;
  await one('import', 'nothing is left, and no address space is reserved', async () => {
    await left(host, before);
    const reserved = (host.addressSpace?.() ?? space) - space;
    expectTrue(reserved < MOST_RESERVED, `${Math.round(reserved / 2 ** 20)} MiB of address space are reserved`);
  });
  for (const [name, run] of Object.entries(FRAMING)) await one('framing', name, () => run(loaded, host));
  for (const [face, make] of Object.entries(FACES)) {
    if (host.isPage && (face === 'drop-in' || face === 'its events')) continue;
    const open = make(loaded, host.place);
    for (const [name, run] of Object.entries(CASES)) {
      const lines: Line[] = [];
      const turn: Turn = {
        face: face as Face,
        open,
        place: host.place,
        modules: loaded,
        host,
        line: async (path = '/echo', options = {}) => {
          const line = await open(path.includes('://') ? path : `${host.place.ws}${path}`, options);
          lines.push(line);
          return line;
        },
      };
      await one(face, name, async () => {
        if (face === 'stream' && typeof ReadableStream === 'undefined') throw new Impossible('the host has no streams');
        try {
          await run(turn);
        } finally {
          for (const line of lines) line.close(1000, '');
        }
        await Promise.all(lines.map(({ ended }) => ended));
      });
    }
  }
  if (host.isPage) await one('drop-in', 'it says what there is instead', () => sayThereIsNone(loaded, host.place));
  await one('left', 'no listener, no handle, no connection', async () => {
    await left(host, before);
    expectSame(loaded.wsimd.AsyncTcpConnection.connections.size, 0, 'connections');
  });
  return results;
}

async function verdictOf(host: Host, run: () => unknown): Promise<Omit<Result, 'about' | 'name'>> {
  let timer: unknown;
  const late = new Promise((_, reject) => {
    timer = host.setTimeout(() => reject(new Error(`${LATE} after ${PATIENCE} ms`)), PATIENCE);
  });
  late.catch(() => {});
  try {
    await Promise.race([run(), late]);
    return { verdict: 'passed' };
  } catch (error) {
    if (error instanceof Impossible) return { verdict: 'impossible', reason: error.message };
    return { verdict: 'failed', reason: String((error as Error | undefined)?.stack ?? error) };
  } finally {
    host.clearTimeout(timer as never);
  }
}

/** What lives longer than a library: listeners of the process, by event, and what keeps it alive, by kind. */
interface Surroundings {
  readonly listeners: Readonly<Record<string, number>>;
  readonly resources: Readonly<Record<string, number>>;
}

/** Kinds that come and go with the host. */
const OF_THE_HOST = ['Timeout', 'Immediate', 'FSReqCallback', 'FSReqPromise', 'CloseReq', 'TickObject', 'Microtask'];

function surroundings(): Surroundings {
  const listeners: Record<string, number> = {};
  const resources: Record<string, number> = {};
  if (typeof process !== 'object') return { listeners, resources };
  for (const name of process.eventNames()) listeners[String(name)] = process.listenerCount(name);
  for (const kind of process.getActiveResourcesInfo()) {
    if (!OF_THE_HOST.includes(kind)) resources[kind] = (resources[kind] ?? 0) + 1;
  }
  return { listeners, resources };
}

/** Waits for sockets that are being closed. */
async function left(host: Host, before: Surroundings): Promise<void> {
  const more = (): string[] => {
    const now = surroundings();
    return (['listeners', 'resources'] as const).flatMap((kind) =>
      Object.entries(now[kind]).flatMap(([name, count]) => {
        const earlier = before[kind][name] ?? 0;
        return count > earlier ? [`${kind} ${name}: ${earlier} before, ${count} now`] : [];
      }),
    );
  };
  for (let turn = 0; turn < 100 && more().length > 0; turn += 1) {
    await new Promise<void>((resolve) => void host.setTimeout(resolve, 50));
  }
  expectTrue(more().length === 0, more().join('; '));
}
