// The decoder beside the receiver of `ws`, on the same streams: the same messages in the same chunk, or the same refusal.
// Where they differ, ws-differences.ts must say how, and then `ws` has to tell exactly that.

import type { WsimdError } from '../../../src/base/faults';
import { type Limits, type Role, recorder } from '../../support/reference';
import { chunksOf, mostly, noise, type StreamCase, streams } from '../../support/streams';
import { ending, walk } from './frame-walk';
import { claim, expectSame } from './property';
import { makeDecoder } from './subjects';
import { DIFFERENCES, type Difference, type Refusal } from './ws-differences';
import { codeRecorder, WsDecoder } from './ws-receiver';

/** Faults are finished up to this size: more would be time spent on zeros. */
const LARGEST = 200_000;

export const wsCases = mostly(streams, noise, 2).map(({ limits, ...rest }): StreamCase => {
  return { ...rest, limits: { ...limits, maxMessageSize: Math.min(limits.maxMessageSize, LARGEST) } };
});

const isRefused = (log: readonly string[]): boolean => log.at(-1)?.startsWith('fault ') ?? false;

/** What the decoder tells of a stream, fed frame by frame, and its refusal, if it refuses. */
function readFrames(role: Role, limits: Limits, stream: Uint8Array): { log: string[]; refusal?: Refusal } {
  const frames = walk(stream);
  const log: string[] = [];
  let fault = '';
  const handlers = codeRecorder((entry) => log.push(entry));
  const names = recorder((entry) => {
    fault = entry.split(' ')[1]!;
  });
  const onError = (error: WsimdError): void => {
    names.onError(error);
    handlers.onError(error);
  };
  const decoder = makeDecoder({ role, ...limits, ...handlers, onError });
  try {
    for (const [index, { at, end }] of frames.entries()) {
      decoder.feed(stream.subarray(at, end));
      if (!isRefused(log)) continue;
      return {
        log,
        refusal: { role, limits, stream, fault, told: log.slice(0, -1), frames: frames.slice(0, index + 1) },
      };
    }
  } finally {
    decoder.close();
  }
  return { log };
}

/** What `ws` has to tell of a stream that leaves nothing unfinished: what the decoder tells, but for the differences. */
function readAsWs(
  { role, limits, stream }: Pick<StreamCase, 'role' | 'limits' | 'stream'>,
  differences: readonly Difference[],
): readonly string[] {
  const { log, refusal } = readFrames(role, limits, stream);
  if (refusal === undefined) return log;
  for (const { reread } of differences) {
    const other = reread?.(refusal);
    if (other === undefined) continue;
    const rest = readAsWs({ role, limits, ...other }, differences);
    return other.translate?.(rest) ?? rest;
  }
  return log;
}

export function holdAgainstWs({ role, limits, stream, splits }: StreamCase, differences = DIFFERENCES): void {
  const log: string[] = [];
  const decoder = makeDecoder({ role, ...limits, ...codeRecorder((entry) => log.push(entry)) });
  const ws = new WsDecoder(role, limits);
  const last = ending(stream, role, limits);
  try {
    let compared = 0;
    for (const [index, chunk] of [...chunksOf({ stream, splits }), last].entries()) {
      decoder.feed(chunk);
      ws.feed(chunk);
      if (isRefused(log)) continue;
      expectSame(log, ws.log, compared, `, in chunk ${index + 1}, where ws is expected`);
      compared = log.length;
    }
  } finally {
    decoder.close();
  }
  if (!isRefused(log)) return;
  const whole = Buffer.concat([stream, last]);
  expectSame(ws.log, readAsWs({ role, limits, stream: whole }, differences), 0, ' of ws');
}

export const besideWs = claim(
  {
    name: 'ws',
    sentence: 'The decoder and the receiver of ws tell the same, or differ in a way that is written down.',
    runs: 100,
  },
  wsCases,
  (found) => holdAgainstWs(found),
);
