// Plays the cases, one behind the other, and tells of each what came of it. It runs on every runtime.

import { CASES } from './cases';
import { Impossible, type Modules, type Place, Stage } from './stage';

export interface Result {
  readonly name: string;
  readonly verdict: 'passed' | 'failed' | 'impossible';
  readonly reason?: string | undefined;
  readonly seconds: number;
}

export async function playOne(name: string, place: Place, modules: Modules): Promise<Result> {
  const stage = new Stage(place, modules);
  const begun = Date.now();
  const seconds = (): number => (Date.now() - begun) / 1000;
  try {
    await CASES[name]!(stage);
    return { name, verdict: 'passed', seconds: seconds() };
  } catch (error) {
    if (error instanceof Impossible) return { name, verdict: 'impossible', reason: error.message, seconds: seconds() };
    const reason = error instanceof Error ? error.stack : String(error);
    return { name, verdict: 'failed', reason, seconds: seconds() };
  } finally {
    stage.clear();
  }
}

export const NAMES = Object.keys(CASES);
