// A transport that does what a user's stream may do while it is being written to: it calls whatever a test wants, and only then
// says whether it has taken the bytes, which must not have changed meanwhile. It knows no outbox.

import { expect } from 'vitest';
import { ScriptedTransport } from './outboxes';

export class BusyTransport extends ScriptedTransport {
  /** @param during called within each write, with its number from 1 on; what it throws, the write throws */
  constructor(private readonly during: (number: number) => void) {
    super();
  }

  override write(bytes: Uint8Array): boolean {
    const isTaken = super.write(bytes);
    this.during(this.writes.length);
    expect(this.writes.at(-1)!.equals(bytes) || 'a chunk was overwritten while the transport had it').toBe(true);
    return isTaken;
  }
}
