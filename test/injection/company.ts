// The bystanders: connections of every face, compressed and plain, which nothing is injected into. They live through many plays,
// and every byte of theirs is compared. It knows nothing of what happens beside them.

import { DropInLine } from './drop-in-line';
import { FramingLine } from './framing-line';
import type { Library } from './library';
import { CallbackLine, type Line } from './lines';
import { StreamLine, WebLine } from './web-lines';

/** Turns of the event loop: what is compressed in turns, and streams of Node, take a few. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** More than make a run of messages (src/codec/runs.ts). */
const BURST = 9;
/** Those that come compressed are no run, and the peer takes 50 µs for each. */
const COMPRESSED_BURST = 2;

/** Where each message is compressed by itself, smaller ones are not compressed. */
const COMPRESSED_BYTES = 1_100;

/** 'within': out of the midst of the others' callbacks; 'behind': by themselves, which leaves other faults to be found. */
export type Delivery = 'within' | 'behind';

export class Company {
  readonly plain: CallbackLine;
  readonly early: CallbackLine;
  readonly compressed: readonly Line[];
  readonly framing: FramingLine;
  readonly lines: readonly Line[];
  private rounds = 0;

  private constructor(
    modules: Library,
    private readonly delivers: Delivery,
  ) {
    this.plain = new CallbackLine(modules, 'by-plain', { compression: 'none', holdsEvery: 3 });
    this.early = new CallbackLine(modules, 'by-early', { compression: 'alone', reading: 'early' });
    this.framing = new FramingLine(modules, 'by-framing', { compression: 'none' });
    const callback = new CallbackLine(modules, 'by-context', { compression: 'context', reading: 'own' });
    const web = new WebLine(modules, 'by-web', { compression: 'context' });
    const dropIn = new DropInLine(modules, 'by-ws', { compression: 'context' });
    this.compressed = [callback, web, dropIn, this.early];
    this.lines = [
      ...[this.plain, this.early, this.framing, callback, web, dropIn],
      new FramingLine(modules, 'by-framing-context', { compression: 'context' }),
      new StreamLine(modules, 'by-stream', { compression: 'none' }),
      new DropInLine(modules, 'by-ws-plain', { compression: 'none' }),
    ];
  }

  static async open(modules: Library, delivers: Delivery): Promise<Company> {
    const company = new Company(modules, delivers);
    for (const line of company.lines) line.open();
    await turns(12);
    const missing = company.lines.filter(({ isOpen }) => !isOpen).map(({ name }) => name);
    if (missing.length > 0) throw new Error(`They do not open: ${missing.join(', ')}`);
    // With the first send the library listens to 'exit', once for all connections (src/sending/flush-queue.ts).
    await company.everyone();
    return company;
  }

  /** From here on they take their turns as they did at first, so that a play can be played again by itself. */
  restart(): void {
    this.rounds = 0;
  }

  /** The next of them sends and receives, within this call as far as its pipe can do that. */
  exchange(): void {
    this.rounds += 1;
    const line = this.lines[this.rounds % this.lines.length]!;
    const isBinary = this.rounds % 2 === 0;
    if (this.delivers === 'within') this.talk(line, isBinary);
    else queueMicrotask(() => this.talk(line, isBinary));
  }

  /** All of them do, and it is waited for. */
  async everyone(): Promise<void> {
    this.rounds += 1;
    for (const [index, line] of this.lines.entries()) this.talk(line, (this.rounds + index) % 2 === 0);
    await turns(4);
  }

  /** What is wrong with any of them, when nothing is under way. */
  verdict(): string[] {
    const gone = this.lines.filter(({ closes, errors }) => closes > 0 || errors.length > 0);
    return [
      ...gone.map(({ name, errors }) => `${name} has been disturbed: ${errors.join('; ') || 'it was closed'}`),
      ...this.lines.flatMap((line) => line.verdict(true)),
    ];
  }

  async close(): Promise<void> {
    for (const line of this.lines) line.destroy();
    await turns(6);
  }

  private talk(line: Line, isBinary: boolean): void {
    const size = line.options.compression === 'alone' ? COMPRESSED_BYTES : 20;
    line.send(size, isBinary);
    line.deliver(line.options.compression === 'none' ? BURST : COMPRESSED_BURST, size, !isBinary);
    line.send(COMPRESSED_BYTES, !isBinary);
  }
}
