// The plan of one life, all of it drawn from one seed: how it ends, what the network is like, what each side does. Whoever
// carries a plan out draws the details from generators of their own (`randomOf`), so that a life can be repeated from its
// seed as far as timing allows.

import { BREACHES, type Breach } from './breaches';
import { LARGEST } from './messages';
import { Random } from './random';

/** Who ends a life, and how; and what it waits for: so many messages, so many bytes, or nothing of either. */
const WHEN = {
  'the client closes': 'messages told',
  'the client closes with a last message': 'messages told',
  'the client closes when all is back': 'all echoes told',
  'the client destroys': 'messages told',
  'the client gives up while it connects': 'connecting',
  'the client connects anew while it closes': 'messages told',
  'the server closes': 'messages echoed',
  'both sides close at once': 'messages told',
  'the server ends TCP without a close frame': 'messages echoed',
  'the server breaks the protocol': 'messages echoed',
  'the relay resets': 'bytes',
  'the relay resets while they connect': 'bytes',
  'the relay ends TCP in mid-frame': 'bytes',
  'the relay ends TCP and reads no more': 'bytes',
  'the relay falls silent': 'bytes',
  'the relay falls silent while they connect': 'bytes',
} as const;

export type Ending = keyof typeof WHEN;
export const ENDINGS = Object.keys(WHEN) as Ending[];

export type Direction = 'to the client' | 'to the server';

/** What a relay does with the bytes of one direction, apart from faults that end the life. */
export interface Weather {
  /** Sizes of the pieces; undefined: as they come. */
  readonly chop: readonly [low: number, high: number] | undefined;
  /** How likely it is, for each piece, to wait; to wait and then send everything at once; to stop reading for a while. */
  readonly delay: number;
  readonly hold: number;
  readonly stall: number;
  /** Milliseconds that all of this may take. */
  readonly patience: number;
}

export interface Plan {
  readonly seed: number;
  readonly ending: Ending;
  readonly when: (typeof WHEN)[Ending];
  readonly isSecure: boolean;
  /** When the end is brought about: after so many messages, or bytes in this direction, or at last after this time. */
  readonly moment: {
    readonly messages: number;
    readonly bytes: number;
    readonly direction: Direction;
    readonly milliseconds: number;
  };
  /** Whether a silent relay swallows what comes, or leaves it to the kernel. */
  readonly isSwallowing: boolean;
  readonly breach: Breach;
  readonly code: number;
  readonly reason: string;
  readonly weather: Readonly<Record<Direction, Weather>>;
  /** In seconds. */
  readonly connectTimeout: number;
  readonly closeTimeout: number;
  readonly lingerTimeout: number;
  readonly heartbeat: readonly [interval: number, timeout: number] | undefined;
  /** What the client sends: so many messages, or so many bytes, at most `window` of them on their way at a time. */
  readonly messages: number;
  readonly bytes: number;
  readonly largest: number;
  readonly window: number;
  readonly isFlood: boolean;
  readonly stringsAreBinary: boolean;
  readonly maxSendBufferSize: number;
  /** How likely the client pauses at a message, and a callback throws. */
  readonly pause: number;
  readonly exception: number;
  readonly answersPingsItself: boolean;
  /** How likely the server, at a message, echoes it in fragments, sends a ping, sends a message of its own. */
  readonly fragments: number;
  readonly ping: number;
  readonly push: number;
  /** Seconds before the same object connects again. */
  readonly reconnectDelay: number;
}

/** The end of TCP while what the client still has to send cannot leave. */
const DEAF: Ending = 'the relay ends TCP and reads no more';

const OPENING: readonly Ending[] = ['the relay resets while they connect', 'the relay falls silent while they connect'];
const SILENCES: readonly Ending[] = ['the relay falls silent', 'the relay falls silent while they connect'];

/** A seed whose plan is like this, so that a short soak has all of it, too. */
export function drawSeed(random: Random, ending: Ending, isFlood: boolean): number {
  for (;;) {
    const seed = random.next();
    if (drawEnding(new Random(seed)) !== ending) continue;
    const plan = drawPlan(seed);
    // Without a flood everything could leave.
    if (plan.isFlood === isFlood || ending === DEAF) return seed;
  }
}

export function drawPlan(seed: number): Plan {
  const random = new Random(seed);
  const ending = drawEnding(random);
  // `close(data)` has no room for a status of one's own.
  const isPlainClose = ending === 'the client closes with a last message' || random.chance(0.5);
  const isSecure = random.chance(0.4);
  const isOpening = OPENING.includes(ending);
  const isDeaf = ending === DEAF;
  const isFlood = isDeaf || random.chance(0.03);
  const needsHeartbeat = SILENCES.includes(ending);
  const isCrumbs = !isFlood && random.chance(0.12);
  return {
    seed,
    ending,
    when: WHEN[ending],
    isSecure,
    moment: {
      messages: random.scaled(1, 5000),
      // A handshake has some hundred bytes, with TLS below it some thousand.
      bytes: isOpening ? random.between(0, isSecure ? 1500 : 125) : random.scaled(500, 400_000),
      direction: isDeaf ? 'to the server' : random.pick(['to the client', 'to the server'] as const),
      milliseconds: isFlood ? random.between(200, 900) : random.scaled(10, 1200),
    },
    isSwallowing: random.chance(0.5),
    breach: random.pick(BREACHES),
    code: isPlainClose ? 1000 : random.between(3000, 4999),
    reason: isPlainClose ? '' : random.pick(['', 'done', '다람쥐']),
    weather: {
      'to the client': drawWeather(random, isCrumbs),
      'to the server': isFlood
        ? { ...drawWeather(random, false), stall: 0.5, patience: 300 }
        : drawWeather(random, isCrumbs),
    },
    connectTimeout: isOpening ? random.between(3, 10) / 10 : 3,
    closeTimeout: 0.6,
    lingerTimeout: random.between(1, 3) / 10,
    heartbeat: needsHeartbeat || random.chance(0.7) ? [random.between(5, 25) / 100, 0.5] : undefined,
    messages: isFlood ? 500 : random.scaled(5, 20_000),
    bytes: isFlood ? 8_000_000 : isCrumbs ? random.scaled(1000, 30_000) : random.scaled(2000, 1_500_000),
    largest: isFlood ? LARGEST : isCrumbs ? 2000 : random.pick([40, 300, 3000, 70_000, LARGEST]),
    window: random.scaled(1, 1000),
    isFlood,
    stringsAreBinary: random.chance(0.15),
    maxSendBufferSize: isFlood ? random.between(200_000, 2_000_000) : 4 * 1024 * 1024,
    // An end that comes during a pause is rare otherwise.
    pause: ending === 'the server ends TCP without a close frame' ? 0.2 : random.pick([0, 0.005, 0.05]),
    exception: random.pick([0, 0, 0.02, 0.1]),
    answersPingsItself: random.chance(0.2),
    fragments: random.pick([0, 0.1, 0.5]),
    ping: random.pick([0, 0.05, 0.2]),
    push: random.pick([0, 0.05, 0.2]),
    reconnectDelay: random.pick([0, 0, 0.005]),
  };
}

/** The first number of a seed. */
function drawEnding(random: Random): Ending {
  return random.pick(ENDINGS);
}

function drawWeather(random: Random, isCrumbs: boolean): Weather {
  const chop = random.pick([undefined, [1, 65_536], [1, 1500], [1000, 20_000]] as const);
  return {
    chop: isCrumbs ? [1, random.pick([1, 7, 64])] : chop,
    delay: random.pick([0, 0.01, 0.1]),
    hold: random.pick([0, 0.01, 0.05]),
    stall: random.pick([0, 0, 0.01]),
    patience: random.scaled(20, 300),
  };
}

/** A generator for one of those who carry the plan out. */
export function randomOf(plan: Plan, actor: 'client' | 'server' | Direction): Random {
  const index = ['client', 'server', 'to the client', 'to the server'].indexOf(actor);
  return new Random(plan.seed ^ Math.imul(index + 1, 0x6455_6455));
}
