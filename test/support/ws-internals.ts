// The two ends of `ws` that read frames and compress them. The package exports them and its types do not know them.

import type { Writable } from 'node:stream';
import * as ws from 'ws';

interface Internals {
  readonly Receiver: new (options: object) => Writable;
  readonly PerMessageDeflate: new (
    options: object,
  ) => {
    accept(configurations: readonly object[]): object;
    cleanup(): void;
  };
}

export const { PerMessageDeflate, Receiver } = ws as unknown as Internals;
