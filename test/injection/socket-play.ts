// One play over real sockets: a connection to the server of the npm package `ws`, with one thing done at one call out of it,
// beside one of each face. It owns the verdict; whatever is waited for is an event.

import { type NamedAction, THROWS } from './actions';
import { Calls } from './calls';
import { turns } from './company';
import { EchoLine, FACES, type Face } from './echo-line';
import type { Globals, Watched } from './globals';
import type { Library } from './library';
import { nameOf } from './pipes';
import { catchStrays, differences, listenerCounts, type Outcome } from './play';

/** Messages in either way, and what is sent of which size. */
const SIZES: readonly number[] = [20, 1_200, 60, 70_000, 30, 1_300, 40, 20];

/** What lives through all plays. */
export interface SocketWorld {
  readonly modules: Library;
  readonly url: string;
  readonly watched: Watched;
  readonly globals: Globals;
  readonly bystanders: readonly EchoLine[];
}

/** What a re-entry finds. */
interface Around {
  readonly subject: EchoLine;
  readonly bystanders: readonly EchoLine[];
  dial(): void;
}

export interface SocketAction {
  readonly name: string;
  does(around: Around): void;
}

const thrown = THROWS.map(
  ({ name, does }: NamedAction): SocketAction => ({ name, does: () => does(undefined as never) }),
);

export const SOCKET_ACTIONS: readonly SocketAction[] = [
  ...thrown,
  { name: 'send on itself', does: ({ subject }) => subject.send(1_300, true) },
  {
    name: 'send on the others',
    does: ({ bystanders }) => {
      for (const line of bystanders) {
        line.send(1_200, true);
        line.send(30, false);
      }
    },
  },
  { name: 'destroy itself', does: ({ subject }) => subject.destroy() },
  { name: 'close itself', does: ({ subject }) => subject.close() },
  { name: 'dial', does: (around) => around.dial() },
];

/** One of each face, open. */
export async function openBystanders(modules: Library, url: string): Promise<EchoLine[]> {
  const lines = Object.entries(FACES).map(([name, face]) => {
    const line = new EchoLine(`by-${name}`);
    line.open(face, modules, url);
    return line;
  });
  for (const line of lines) await line.until(() => true);
  return lines;
}

export async function playOnSockets(
  { modules, url, watched, globals, bystanders }: SocketWorld,
  face: Face,
  injection?: { readonly at: number; readonly action: SocketAction },
): Promise<Outcome> {
  const faults: string[] = [];
  const extras: EchoLine[] = [];
  const before = { ...modules.census?.(), ...listenerCounts(), timers: globals.timers.size };
  const dial = (): void => {
    const line = new EchoLine(`extra${extras.length}`);
    extras.push(line);
    line.open(FACES.callback!, modules, url);
  };
  const around: Around = {
    get subject() {
      return subject;
    },
    bystanders,
    dial,
  };
  const actions = injection === undefined ? [] : [[injection.at, () => () => injection.action.does(around)] as const];
  const calls = new Calls(new Map(actions));
  const subject = new EchoLine('subject', calls);
  let turn = 0;
  subject.onReceived = () => {
    turn += 1;
    calls.aside(() => bystanders[turn % bystanders.length]!.send(SIZES[turn % 3]!, turn % 2 === 0));
  };
  const strays = catchStrays((value) => {
    if (!calls.isThrown(value)) faults.push(`uncaught: ${nameOf(value)}`);
  });
  watched.calls = calls;
  // Allocations are not counted: those of the server, in the same process, would be the same calls.
  watched.kinds = new Set();
  try {
    calls.begin();
    subject.open(face, modules, url);
    await subject.until(() => true);
    for (const [place, size] of SIZES.entries()) if (subject.isOpen) subject.send(size, place % 2 === 0);
    await subject.until(() => subject.ledger.missing === 0);
    if (subject.closes === 0) subject.close();
    await subject.until(() => false);
    calls.end();
    for (const line of extras) {
      await line.until(() => true);
      line.send(40, true);
      await line.until(() => line.ledger.missing === 0);
      line.close();
      await line.until(() => false);
    }
    for (const line of bystanders) await line.until(() => line.ledger.missing === 0);
    await turns(2);
  } catch (error) {
    if (!calls.isThrown(error)) faults.push(`the play failed: ${nameOf(error)}`);
  } finally {
    watched.calls = undefined;
    strays.restore();
  }
  for (const line of [subject, ...extras, ...bystanders]) faults.push(...line.verdict());
  for (const { name, closes } of bystanders) if (closes > 0) faults.push(`${name} has been disturbed`);
  for (const { name, errors } of extras) faults.push(...errors.map((error) => `${name}: ${error}`));
  const after = { ...modules.census?.(), ...listenerCounts(), timers: globals.timers.size };
  faults.push(...differences(before, after));
  return { kinds: calls.kinds, actedIn: calls.actedIn, faults };
}
