// One direction of one connection: the LZ77 window that its messages share, or one for each message (RFC 7692 §7.1.1). Memory is
// taken when the first message comes. It knows what zlib is told, not what goes through it.

import { openZlib, type Zlib, type ZlibOptions } from './zlib';

export interface ContextSettings {
  /** Whether a message may refer to those before it ("context takeover"). */
  readonly keepsContext: boolean;
  /** `windowBits` as agreed: 8 to 15. */
  readonly options: ZlibOptions & { readonly windowBits: number };
}

/**
 * zlib's raw streams of 8 bits would be compressed with a wrong window, so it refuses them. With 9 bits it never refers back
 * further than 512 - 262 bytes (the window, less what it looks ahead), which the 256 of 8 bits hold.
 */
const LEAST_DEFLATE_BITS = 9;

/** Streams of each kind that wait for a message of a connection without context. */
const MOST_IDLE = 4;

/** By kind and options. Whoever keeps no context needs no stream between two messages: connections share a few. */
const idle = new Map<string, Zlib[]>();

export class Context {
  private present: Zlib | undefined;
  private readonly options: ZlibOptions;
  private readonly shared: Zlib[] | undefined;
  private isClosed = false;

  constructor(
    private readonly kind: 'deflate' | 'inflate',
    { keepsContext, options }: ContextSettings,
  ) {
    const { windowBits } = options;
    this.options = kind === 'deflate' ? { ...options, windowBits: Math.max(windowBits, LEAST_DEFLATE_BITS) } : options;
    if (!keepsContext) this.shared = sharedBy(`${kind} ${JSON.stringify(this.options)}`);
  }

  /** For the message in progress, or the next one. @throws what zlib says of the options, or of the memory that there is */
  get stream(): Zlib {
    this.present ??= this.shared?.pop() ?? openZlib(this.kind, this.options);
    return this.present;
  }

  /** The message is complete. A stream that has thrown is of no use to the next one. */
  messageEnded(): void {
    const { present, shared } = this;
    if (present === undefined || (shared === undefined && !this.isClosed)) return;
    this.present = undefined;
    let isClean = false;
    try {
      if (this.isClosed || present.hasFailed || shared!.length === MOST_IDLE) return;
      present.reset();
      isClean = true;
    } finally {
      // Whoever takes it from here on finds nothing of this message.
      if (isClean) shared!.push(present);
      else present.close();
    }
  }

  /** Gives back what it has; a message in progress has to be given up first. */
  release(): void {
    const { present } = this;
    this.isClosed = true;
    this.present = undefined;
    present?.close();
  }
}

function sharedBy(key: string): Zlib[] {
  let streams = idle.get(key);
  if (streams === undefined) {
    streams = [];
    idle.set(key, streams);
  }
  return streams;
}
