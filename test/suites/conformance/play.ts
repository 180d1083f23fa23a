// Plays cases: a client program and the scripted server, over a TCP connection of its own for each case; light cases several
// at a time, heavy ones alone. It owns the deadlines and the order of results, which is that of the cases.

import { setImmediate as turn } from 'node:timers/promises';
import type { Case } from './case';
import { ClientLog, type ClientProgram } from './clients';
import { type Difference, judge, type Observation } from './judge';
import { ScriptServer } from './script-server';

export interface Verdict {
  readonly testCase: Case;
  /** None: passed. */
  readonly differences: readonly Difference[];
  readonly milliseconds: number;
}

export interface PlayOptions {
  /** Milliseconds of silence after which a client is taken to have nothing more to say. */
  readonly patience?: number;
  /** Light cases at a time. */
  readonly concurrency?: number;
  readonly onVerdict?: (verdict: Verdict) => void;
}

/** No case takes nearly as long; it only ends those that would never end. */
const DEADLINE = 120_000;

export async function playAll(
  program: ClientProgram,
  cases: readonly Case[],
  { patience = 5_000, concurrency = 12, onVerdict = () => {} }: PlayOptions = {},
): Promise<Verdict[]> {
  const server = await ScriptServer.listen(patience);
  const verdicts = new Map<Case, Verdict>();

  async function work(queue: Case[]): Promise<void> {
    for (let testCase = queue.shift(); testCase !== undefined; testCase = queue.shift()) {
      const start = performance.now();
      const observation = await observe(program, testCase, server);
      const differences = judge(testCase, observation);
      const verdict = { testCase, differences, milliseconds: performance.now() - start };
      verdicts.set(testCase, verdict);
      onVerdict(verdict);
    }
  }

  const light = cases.filter(({ isHeavy }) => !isHeavy);
  await Promise.all(Array.from({ length: concurrency }, () => work(light)));
  await work(cases.filter(({ isHeavy }) => isHeavy));
  server.close();
  return cases.map((testCase) => verdicts.get(testCase)!);
}

async function observe(program: ClientProgram, testCase: Case, server: ScriptServer): Promise<Observation> {
  const { id, cut, isJoined, limits, script } = testCase;
  const log = new ClientLog();
  const peerOfCase = server.peer(id);
  const session = program.start(server.url(id), limits, log);

  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), DEADLINE);
  });
  const peer = await Promise.race([peerOfCase, deadline]);
  let broken: string | undefined = 'no handshake';
  if (peer !== undefined) {
    log.onChange = () => peer.noteActivity();
    const play = async (): Promise<string | undefined> => {
      await peer.play(script(), cut, isJoined, async (action) => {
        await peer.until(() => log.isOpen);
        session.perform(action);
      });
      const isOver = await peer.until(() => log.ending !== undefined && peer.hasEnded);
      return isOver ? undefined : 'the client did not end the connection';
    };
    broken = await Promise.race([play(), deadline.then(() => `not after ${DEADLINE / 1000} s`)]);
  }
  clearTimeout(timer);
  // One more turn: a callback too many would come now.
  await turn();
  session.destroy();
  peer?.destroy();
  const { frames = [], complaints = [] } = peer?.received ?? {};
  return { log, frames, complaints, isLate: peer?.isLate ?? false, broken };
}
