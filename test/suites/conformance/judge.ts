// What was expected against what was seen: every difference as a line with both sides. It knows nothing of sockets.

import type { Case, ClientClose, Item } from './case';
import type { ReceivedFrame } from './client-frames';
import type { ClientLog } from './clients';

export interface Observation {
  readonly log: ClientLog;
  readonly frames: readonly ReceivedFrame[];
  readonly complaints: readonly string[];
  /** What was held back had to be sent without the close frame that it waited for. */
  readonly isLate: boolean;
  /** Why the case did not come to its end, if it did not. */
  readonly broken: string | undefined;
}

export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** What is wrong with a refusal that is right but for its time. */
const LATENESS = 'refusal';

const KINDS: Readonly<Record<number, Item['kind']>> = { 1: 'text', 2: 'binary', 9: 'ping', 10: 'pong' };

export function judge(testCase: Case, { log, frames, complaints, isLate, broken }: Observation): Difference[] {
  const expected = testCase.expected();
  const differences: Difference[] = [];
  const compare = (what: string, one: string, other: string): void => {
    if (one !== other) differences.push({ what, expected: one, actual: other });
  };

  compare('end of the case', 'in time', broken ?? 'in time');
  const isClose = ({ first }: ReceivedFrame): boolean => (first & 15) === 8;
  const returned = frames
    .filter((frame) => !isClose(frame))
    .map(({ first, payload }): Item => ({ kind: KINDS[first & 15] ?? 'binary', bytes: payload }));
  differences.push(...compareItems('told to the program', expected.told, log.told));
  differences.push(...compareItems('sent back', expected.returned, returned));
  compare('close frame of the client', String(expected.close), String(closeOf(frames.find(isClose))));
  compare('errors', expected.errors.join(', ') || 'none', log.errors.join(', ') || 'none');
  compare('onClose', JSON.stringify(expected.ending), JSON.stringify(log.ending) ?? 'not called');
  compare(LATENESS, 'before the rest has come', isLate ? 'not before the rest has come' : 'before the rest has come');
  for (const complaint of complaints) compare('frames of the client', 'as RFC 6455 has them', complaint);
  return differences;
}

/** Whether nothing is wrong but that more bytes were needed than show the fault. */
export function isOnlyLate(differences: readonly Difference[]): boolean {
  return differences.length > 0 && differences.every(({ what }) => what === LATENESS);
}

function closeOf(frame: ReceivedFrame | undefined): ClientClose {
  if (frame === undefined) return 'no close frame';
  return frame.payload.length < 2 ? 'no status' : frame.payload.readUInt16BE(0);
}

/** The first difference says it all: what follows it is mostly shifted. */
function compareItems(what: string, expected: readonly Item[], actual: readonly Item[]): Difference[] {
  const length = Math.max(expected.length, actual.length);
  for (let i = 0; i < length; i += 1) {
    const [one, other] = [expected[i], actual[i]];
    if (one === undefined || other === undefined || !isSame(one, other)) {
      const place = length === 1 ? what : `${what}, ${i + 1} of ${expected.length}`;
      return [{ what: place, ...described(one, other) }];
    }
  }
  return [];
}

function isSame(one: Item, other: Item): boolean {
  return one.kind === other.kind && Buffer.compare(one.bytes, other.bytes) === 0;
}

/** Both sides, from a little in front of the first byte in which they differ. */
function described(one: Item | undefined, other: Item | undefined): { expected: string; actual: string } {
  let at = 0;
  if (one !== undefined && other !== undefined) {
    const end = Math.min(one.bytes.length, other.bytes.length);
    while (at < end && one.bytes[at] === other.bytes[at]) at += 1;
  }
  const start = Math.max(0, at - 8);
  return { expected: describeItem(one, start), actual: describeItem(other, start) };
}

function describeItem(item: Item | undefined, start: number): string {
  if (item === undefined) return 'nothing';
  const { kind, bytes } = item;
  const piece = Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(24, bytes.length - start));
  const shown = kind === 'text' ? JSON.stringify(piece.toString()) : piece.toString('hex');
  const dots = start + piece.length < bytes.length ? '…' : '';
  return `${kind} of ${bytes.length} bytes, ${start === 0 ? '' : `from ${start} on `}${shown}${dots}`;
}
