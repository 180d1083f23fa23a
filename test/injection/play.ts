// One play: a scenario, with one thing done at one call out of it, and the verdict on everybody who was there. It owns what is
// counted and what is compared; it must not know what the scenarios are about.

import { type NamedAction, REENTRIES, type Scene, THROWS } from './actions';
import { Calls, type Kind } from './calls';
import { type Company, turns } from './company';
import { FramingLine } from './framing-line';
import type { Globals, Watched } from './globals';
import type { Library } from './library';
import { CallbackLine, type Line } from './lines';
import { nameOf } from './pipes';

/** What a scenario plays on. */
export interface Stage {
  readonly modules: Library;
  readonly calls: Calls;
  /** Takes part in the verdict; the first one is what the re-entries do something to. */
  add<Subject extends Line>(line: Subject): Subject;
  /** A bystander's turn: to be called from inside of callbacks, and between them. */
  during(): void;
  turns(count: number): Promise<void>;
}

export interface Scenario {
  readonly name: string;
  /** What counts of the platform's own; default: none of it. */
  readonly kinds?: readonly Kind[];
  /** Whether errors of callbacks are thrown where nobody can catch them, as emitters and event targets do. */
  readonly throwsUncaught?: boolean;
  /**
   * The kinds of calls that Node itself reads the stack of what they throw, and so its message: one that cannot be read is
   * uncaught.
   */
  readonly printableOnly?: readonly Kind[];
  play(stage: Stage): Promise<void>;
}

/** The library and all that lives through many plays. */
export interface World {
  readonly modules: Library;
  readonly company: Company;
  readonly watched: Watched;
  readonly globals: Globals;
}

export interface Outcome {
  /** Of each call out, in order. */
  readonly kinds: readonly Kind[];
  /** The kinds of the calls at which something was done. */
  readonly actedIn: readonly Kind[];
  /** What is wrong; empty if nothing is. */
  readonly faults: readonly string[];
}

/** Turns after which nothing is under way in memory. */
const SETTLED = 10;

/** Callbacks of these kinds are called by the platform, which tells nobody else what they throw. */
const UNCAUGHT: readonly Kind[] = ['callback', 'channel', 'http', 'console', 'timer'];

/** What is done, and at which call out of the library. */
export interface Injection {
  readonly at: number;
  readonly action: NamedAction;
}

export async function play(world: World, scenario: Scenario, injections: readonly Injection[] = []): Promise<Outcome> {
  const { modules, company, watched, globals } = world;
  const subjects: Line[] = [];
  const extras: Line[] = [];
  const faults: string[] = [];
  company.restart();
  const timersBefore = globals.timers.size;
  const before = { ...modules.census?.(), ...listenerCounts() };
  const victim = new CallbackLine(modules, 'victim', { compression: 'context' });
  if (injections.some(({ action }) => action.name === 'destroy another')) {
    victim.open();
    await turns(3);
  }
  const targets = {
    // Their peers take nothing within a write, where the stack may be at its end.
    plain: new CallbackLine(modules, 'target-plain', { compression: 'none', holdsEvery: 1 }),
    compressed: new CallbackLine(modules, 'target-alone', { compression: 'alone', holdsEvery: 1 }),
    framing: new FramingLine(modules, 'target-framing', { compression: 'none' }),
  };
  if (injections.some(({ action }) => action.needsTargets)) await openTargets(Object.values(targets));
  else targets.framing.destroy();
  const scene: Scene = {
    company,
    victim,
    targets,
    get subject() {
      return subjects[0];
    },
    dial: () => {
      const line = new CallbackLine(modules, `extra${extras.length}`, { compression: 'context' });
      extras.push(line);
      line.open();
    },
  };
  const doing = (action: NamedAction) => (kind: Kind) =>
    action.isPrintable === false && scenario.printableOnly?.includes(kind) ? undefined : () => action.does(scene);
  const calls = new Calls(new Map(injections.map(({ at, action }) => [at, doing(action)])));
  const stage: Stage = {
    modules,
    calls,
    add: (line) => {
      subjects.push(line);
      return line;
    },
    during: () => calls.aside(() => company.exchange()),
    turns,
  };
  const strays = catchStrays((value) => {
    const mayBeUncaught = scenario.throwsUncaught === true && calls.actedIn.some((kind) => UNCAUGHT.includes(kind));
    if (!(calls.isThrown(value) && (mayBeUncaught || calls.actedIn.includes('channel')))) {
      faults.push(`uncaught${calls.isThrown(value) ? ' what was injected' : ''}: ${nameOf(value)}`);
    }
  });
  watched.calls = calls;
  watched.kinds = new Set(scenario.kinds ?? ['console']);
  try {
    calls.begin();
    await scenario.play(stage).catch((error) => {
      if (!calls.isThrown(error)) faults.push(`the scenario failed: ${nameOf(error)}`);
    });
    await turns(SETTLED);
    calls.end();
    // A scenario that does nothing would find nothing.
    if (injections.length === 0 && subjects.some(({ isOpen }) => !isOpen)) faults.push('the subject did not open');
    const opened = [victim, ...Object.values(targets)].filter(({ isOpen, closes }) => isOpen && closes === 0);
    faults.push(...(await endAll(subjects, [...extras, ...opened])));
    faults.push(...Object.values(targets).flatMap((line) => line.verdict(false)));
    await company.everyone();
    faults.push(...company.verdict());
  } finally {
    watched.calls = undefined;
    strays.restore();
  }
  if (globals.timers.size > timersBefore) faults.push(`${globals.timers.size - timersBefore} timers are left`);
  faults.push(...differences(before, { ...modules.census?.(), ...listenerCounts() }));
  return { kinds: calls.kinds, actedIn: calls.actedIn, faults };
}

/** What is entered near the end of the stack may fail. */
async function openTargets(lines: readonly Line[]): Promise<void> {
  for (const line of lines) {
    line.open();
    line.toClient.mayLose = true;
    line.toServer.mayLose = true;
    line.mayLack = () => true;
    line.mayOverflow = true;
  }
  await turns(4);
}

/** The connections of the play are judged, and ended. */
async function endAll(subjects: readonly Line[], extras: readonly Line[]): Promise<string[]> {
  const faults: string[] = [];
  for (const line of extras) {
    if (line.closes > 0) continue;
    if (!line.isOpen) faults.push(`${line.name} did not open`);
    line.send(1_200, false);
    line.deliver(9, 20, false);
  }
  await turns(4);
  for (const line of [...subjects, ...extras]) {
    faults.push(...line.verdict(true));
    if (line.closes > 0 && !line.isEndExpected && line.errors.length === 0 && !line.mayLack()) {
      faults.push(`${line.name} ended, and nothing said why`);
    }
    if (line.closes === 0) line.destroy();
  }
  await turns(SETTLED);
  for (const line of [...subjects, ...extras]) {
    if (line.closes > 0) faults.push(...line.leftovers());
    const mayBeUntold = line.mayOverflow && line.isEndExpected;
    if (line.closes !== 1 && (line.isOpen || line.closes > 1) && !(mayBeUntold && line.closes === 0))
      faults.push(`${line.name} was told ${line.closes} ends`);
  }
  return faults;
}

export function differences(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): string[] {
  return Object.keys(after)
    .filter((name) => after[name] !== before[name])
    .map((name) => `${name} was ${before[name]} and is ${after[name]}`);
}

/** Of what a library may listen to of the process. */
export function listenerCounts(): Record<string, number> {
  const events = ['exit', 'beforeExit', 'uncaughtException', 'unhandledRejection', 'warning'];
  return Object.fromEntries(events.map((event) => [`listeners to '${event}'`, process.listenerCount(event)]));
}

/** What nobody caught, for as long as a play lasts. */
export function catchStrays(caught: (value: unknown) => void): { restore(): void } {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', caught);
  process.setUncaughtExceptionCaptureCallback(caught);
  return {
    restore: () => {
      process.setUncaughtExceptionCaptureCallback(null);
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    },
  };
}

/** All that may be done at a call of this kind. */
export function actionsFor(kind: Kind): readonly NamedAction[] {
  const isLoud = kind === 'callback' || kind === 'console' || kind === 'channel';
  return [...(isLoud ? THROWS : THROWS.slice(0, 2)), ...REENTRIES];
}
