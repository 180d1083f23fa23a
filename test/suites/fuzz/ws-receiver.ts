// The receiver of the npm package `ws`, told to write down what it tells in the same words as the decoder of this package.
// A fault is a code and a close status here: those two are shared, names and sentences are not.

import type { Writable } from 'node:stream';
import * as ws from 'ws';
import type { WsimdError } from '../../../src/base/faults';
import { type Limits, line, type Role, recorder } from '../../support/reference';

interface ReceiverOptions {
  readonly isServer: boolean;
  readonly maxPayload: number;
  readonly maxFragments: number;
  readonly maxBufferedChunks: number;
  readonly allowSynchronousEvents: boolean;
}

/** Exported by the package, but not by its types. */
const { Receiver } = ws as unknown as { Receiver: new (options: ReceiverOptions) => Writable };

export interface WsLimits extends Limits {
  readonly maxBufferedChunks?: number;
}

const { maxPayload, maxFragments, maxBufferedChunks } = new ws.WebSocketServer({ noServer: true })
  .options as Required<ws.ServerOptions>;

/** What a connection of `ws` is limited to unless told otherwise. */
export const WS_DEFAULTS = { maxMessageSize: maxPayload, maxFragments, maxBufferedChunks } as Required<WsLimits>;

export const faultLine = (code: string, status: number | undefined): string => `fault ${code} ${status}`;

/** Like the recorder of reference.ts, but for how it writes a fault. */
export function codeRecorder(tell: (entry: string) => void): ReturnType<typeof recorder> {
  return { ...recorder(tell), onError: ({ code, status }: WsimdError) => tell(faultLine(code, status)) };
}

export class WsDecoder {
  readonly log: string[] = [];
  private readonly receiver: Writable;
  private isEnded = false;

  constructor(role: Role, { maxMessageSize, maxFragments, maxBufferedChunks = 0 }: WsLimits) {
    this.receiver = new Receiver({
      isServer: role === 'server',
      maxPayload: maxMessageSize,
      maxFragments,
      maxBufferedChunks,
      allowSynchronousEvents: true,
    });
    const tell = (entry: string): unknown => this.log.push(entry);
    this.receiver
      .on('message', (data: Buffer, isBinary: boolean) => tell(isBinary ? line.binary(data) : line.text(String(data))))
      .on('ping', (data: Buffer) => tell(line.ping(data)))
      .on('pong', (data: Buffer) => tell(line.pong(data)))
      .on('conclude', (code: number, reason: Buffer) => {
        tell(line.close(code, String(reason)));
        this.isEnded = true;
      })
      // It comes a tick later; `errored` has it at once.
      .on('error', () => {});
  }

  feed(chunk: Uint8Array): void {
    if (this.isEnded) return;
    // It unmasks in place.
    this.receiver.write(Buffer.from(chunk));
    const error = this.receiver.errored as (Error & { code: string }) | null;
    if (error === null) return;
    this.isEnded = true;
    this.log.push(faultLine(error.code, statusOf(error)));
  }
}

/** `ws` keeps the close status of an error under a symbol of its own. */
function statusOf(error: Error): number | undefined {
  const key = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code');
  return key === undefined ? undefined : (error as unknown as Record<symbol, number>)[key];
}
