// The contract: what each face does in whatever host it is. Values are the host's own: its Buffer, its Blob, its AbortSignal are
// whatever those names mean where this is evaluated.

import { FACES, type Face, type Line, type LineOptions, type Open } from './lines';
import {
  bytesOf,
  codesOf,
  encode,
  expectSame,
  expectTrue,
  type Host,
  Impossible,
  isBlob,
  type Modules,
  type Own,
  type Place,
  pattern,
  tagOf,
} from './stage';

/** A case on one face. */
export interface Turn {
  readonly face: Face;
  readonly open: Open;
  readonly place: Place;
  readonly modules: Modules;
  readonly host: Host;
  /** Opens it, and ends it with the case. */
  line(path?: string, options?: LineOptions): Promise<Line>;
}

export type Cases = Readonly<Record<string, (turn: Turn) => Promise<void>>>;

const TEXTS = ['hello', '', '안녕하세요, 세계', '👋🏽 🇰🇷 é한😀', 'x'.repeat(70_000), '웹소켓😀'.repeat(10_000)];

/** Which form binary messages have on each face. */
const FORMS: Readonly<Record<Face, string>> = {
  callback: 'Uint8Array',
  'drop-in': 'Uint8Array',
  'its events': 'ArrayBuffer',
  web: 'ArrayBuffer',
  stream: 'Uint8Array',
};

/** A class of the host, wherever that has it. */
function own<Name extends keyof Own>({ own = globalThis as Own }: Host, name: Name): Own[Name] {
  return own[name];
}

function need<Name extends keyof Own>(host: Host, name: Name): NonNullable<Own[Name]> {
  const Class = own(host, name);
  if (Class === undefined) throw new Impossible(`the host has no ${name}`);
  return Class;
}

/** What users of this face are told when it does not open. */
function failure(opening: Promise<Line>): Promise<unknown> {
  return opening.then(
    () => {
      throw new Error('it has opened');
    },
    (error) => error,
  );
}

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

async function talk(line: Line, texts: readonly string[], of = ''): Promise<void> {
  for (const text of texts) {
    line.send(text);
    expectSame(await line.next(), text, of);
  }
}

export const CASES: Cases = {
  async 'text comes back'({ line }) {
    await talk(await line(), TEXTS);
  },

  async 'bytes come back, of every kind'({ face, host, line }) {
    const Buffer = own(host, 'Buffer');
    const one = await line();
    const long = pattern(70_000);
    const kinds: Record<
      string,
      Uint8Array<ArrayBuffer> | ArrayBuffer | DataView<ArrayBuffer> | Float64Array<ArrayBuffer>
    > = {
      Uint8Array: pattern(5),
      'a long Uint8Array': long,
      'a part of one': long.subarray(3, 300),
      ArrayBuffer: pattern(300).buffer,
      DataView: new DataView(pattern(40).buffer, 2, 30),
      Float64Array: new Float64Array([1, 2, Math.PI]),
    };
    if (Buffer) kinds.Buffer = Buffer.from('버퍼') as Buffer<ArrayBuffer>;
    for (const [kind, data] of Object.entries(kinds)) {
      one.send(data);
      const back = await one.next();
      expectSame(tagOf(back), FORMS[face], kind);
      if (face === 'drop-in' && Buffer) expectTrue(Buffer.isBuffer(back), `${kind}: what came is no Buffer`);
      expectSame(await bytesOf(back), await bytesOf(data), kind);
    }
  },

  async 'a Blob comes back'({ face, host, line }) {
    const Blob = need(host, 'Blob');
    if (face === 'stream') throw new Impossible('streams of the standard take no Blob');
    const one = await line();
    const blob = new Blob([pattern(3_000), '블롭']);
    if (typeof blob.arrayBuffer === 'function') {
      one.send(blob);
      one.send('behind it');
      expectSame(await bytesOf(await one.next()), [...pattern(3_000), ...encode('블롭')]);
      expectSame(await one.next(), 'behind it');
    } else {
      // jsdom's: nobody can read them who does not know how jsdom is made.
      expectTrue(/^TypeError\b/.test(`${thrownBy(() => one.send(blob))}`), 'a Blob that cannot be read was taken');
    }
    const socket = one.object as { binaryType?: string };
    if (socket.binaryType === undefined) return;
    socket.binaryType = 'blob';
    one.send(pattern(300));
    const back = await one.next();
    expectTrue(isBlob(back), `what came is a ${tagOf(back)}`);
    expectSame(await bytesOf(back), [...pattern(300)]);
  },

  async 'messages are compressed'({ line }) {
    const one = await line('/deflate', { perMessageDeflate: true });
    expectTrue(one.extensions?.includes('permessage-deflate'), `agreed: ${one.extensions}`);
    const text = '압축 compression '.repeat(3_000);
    await talk(one, [text, 'short', text]);
    one.send('!received');
    // Three messages of 102,000 bytes in all.
    const received = Number(await one.next());
    expectTrue(received < 20_000, `the server has received ${received} bytes`);
  },

  async 'pings and pongs carry bytes'({ face, host, line }) {
    const Buffer = own(host, 'Buffer');
    const one = await line();
    one.send('!ping');
    if (one.nextPing) expectSame(await bytesOf(await one.nextPing()), [...encode('핑')]);
    expectSame(await one.next(), 'pong: 핑');
    if (!one.ping || !one.nextPong) return;
    const payloads = [pattern(125), Buffer ? Buffer.from('버퍼') : encode('버퍼')];
    for (const payload of payloads) {
      one.ping(payload);
      const back = await one.nextPong();
      expectSame(await bytesOf(back), await bytesOf(payload));
      if (face === 'drop-in' && Buffer) expectTrue(Buffer.isBuffer(back), 'what came is no Buffer');
    }
  },

  async 'it closes with a code'({ line }) {
    const one = await line();
    one.close(4321, '까닭');
    expectSame(await one.ended, { code: 4321, reason: '까닭' });
  },

  async 'the server closes with a code'({ line }) {
    const one = await line();
    one.send('!close');
    expectSame(await one.ended, { code: 4002, reason: '그만' });
  },

  async 'refused is ECONNREFUSED'({ open, place }) {
    const error = await failure(open(place.closed));
    const codes = codesOf(error);
    expectTrue(codes.includes('ECONNREFUSED'), `codes ${JSON.stringify(codes)} of ${error}`);
  },

  async 'TLS trusts whom it is told to'({ host, line, open, place }) {
    const Buffer = own(host, 'Buffer');
    const cas = Buffer ? [place.ca, Buffer.from(place.ca)] : [place.ca];
    for (const ca of cas) await talk(await line(`${place.wss}/echo`, { ca }), ['secret']);
    const codes = codesOf(await failure(open(`${place.wss}/echo`)));
    const expected = [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    ];
    expectTrue(
      codes.some((code) => expected.includes(code as string)),
      `codes ${JSON.stringify(codes)}`,
    );
  },

  async 'a URL of the host, and headers'({ face, host, open, place }) {
    const plain = { 'x-host': 'a header' };
    const URL = own(host, 'URL');
    const Headers = host.hasFetch === false ? undefined : own(host, 'Headers');
    const headers = Headers && (face === 'web' || face === 'stream') ? new Headers(plain) : plain;
    const url = URL ? new URL(`${place.ws}/echo?a=b`) : `${place.ws}/echo`;
    const one = await open(url, { headers });
    one.send('!header x-host');
    expectSame(await one.next(), 'a header');
    one.close(1000, '');
    await one.ended;
  },

  async 'an AbortSignal of the host'({ face, host, open, place }) {
    const AbortController = need(host, 'AbortController');
    const controller = new AbortController();
    const opening = failure(open(`${place.ws}/echo`, { signal: controller.signal }));
    controller.abort();
    await opening;
    if (face !== 'callback' && face !== 'stream') return;
    const aborted = new AbortController();
    aborted.abort();
    await failure(open(`${place.ws}/echo`, { signal: aborted.signal }));
  },

  async 'is an instance of its classes'({ face, line, modules }) {
    const { wsimd, web } = modules;
    const classes = {
      callback: wsimd.AsyncTcpConnection,
      'drop-in': wsimd.WebSocket,
      'its events': wsimd.WebSocket,
      web: web.WebSocket,
      stream: web.WebSocketStream,
    };
    const Class = classes[face];
    expectTrue((await line()).object instanceof Class, 'the connection is no instance of its class');
    const wrong = (): unknown => (face === 'callback' ? new Class('http://[') : new Class('ws://[', ['a', 'a']));
    const error = thrownBy(wrong);
    // A DOMException may be that of the runtime, whose Error is another one in a host with a realm of its own.
    const isDomException = tagOf(error) === 'DOMException';
    expectTrue(isDomException || error instanceof Error, `what a wrong URL throws is no Error: ${error}`);
  },

  async 'events are the host’s'({ face, host, line }) {
    const Event = own(host, 'Event');
    if (face !== 'web' && face !== 'its events') throw new Impossible('this face has no events');
    const one = await line();
    const socket = one.object as WebSocket;
    const seen: unknown[] = [];
    const listener = {
      handleEvent: (event: { type: string; target: unknown }) => void seen.push([event.type, event.target === socket]),
    };
    const told = new Promise<void>((resolve) => {
      socket.addEventListener('message', listener);
      socket.addEventListener('message', () => resolve(), { once: true });
    });
    one.send('an event');
    await told;
    socket.removeEventListener('message', listener);
    expectSame(seen.splice(0), [['message', true]]);
    if (face !== 'web' || !Event) return;
    socket.addEventListener('custom', listener);
    socket.dispatchEvent(new Event('custom'));
    expectSame(seen, [['custom', true]]);
  },

  // What is replaced while one connection sends must stop nobody: neither meanwhile nor, once it is real again, anybody else.
  async 'fake timers and tasks stop nobody'({ line, host }) {
    const bystander = await line();
    await talk(bystander, ['before']);
    const restore = (host.fake ?? replaceGlobals)();
    try {
      await talk(bystander, ['while they are fake', 'again']);
      const within = await line();
      await talk(within, TEXTS.slice(0, 4));
      bystander.send('across');
      restore();
      expectSame(await bystander.next(), 'across');
      await talk(bystander, ['they are real again']);
      await talk(within, ['here too']);
      await talk(await line(), ['a new one']);
      within.close(3001, '');
      expectSame((await within.ended).code, 3001);
    } finally {
      restore();
    }
  },
};

const REPLACED = [
  ...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
  ...['queueMicrotask', 'requestAnimationFrame', 'performance', 'Date'],
];

/** As a library of fake timers does it, whose time never passes. */
function replaceGlobals(): () => void {
  const globals = globalThis as Record<string, unknown>;
  const there = REPLACED.filter((name) => globals[name] !== undefined);
  const kept = there.map((name) => Object.getOwnPropertyDescriptor(globals, name));
  for (const name of there) {
    const value = name === 'performance' ? { now: () => 0 } : name === 'Date' ? { now: () => 0 } : () => 0;
    Object.defineProperty(globals, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [at, name] of there.entries()) {
      const descriptor = kept[at];
      if (descriptor) Object.defineProperty(globals, name, descriptor);
      else Reflect.deleteProperty(globals, name);
    }
  };
}

/** What needs no connection. */
export const FRAMING: Readonly<Record<string, (modules: Modules, host: Host) => Promise<void> | void>> = {
  'an encoder and a decoder'({ framing: { Decoder, Encoder } }) {
    const encoder = new Encoder({ role: 'client' });
    const told: unknown[] = [];
    const decoder = new Decoder({
      role: 'server',
      onMessage: (data) => told.push(typeof data === 'string' ? data : [...data]),
      onPing: (payload) => told.push([...payload]),
      onClose: (code, reason) => told.push(code, reason),
    });
    const frames = TEXTS.map((text) => encoder.text(text));
    frames.push(encoder.binary(pattern(300)), encoder.ping(pattern(5)), encoder.close(4000, '끝'));
    for (const frame of frames)
      for (let at = 0; at < frame.length; at += 999) decoder.feed(frame.subarray(at, at + 999));
    decoder.close();
    expectSame(told, [...TEXTS, [...pattern(300)], [...pattern(5)], 4000, '끝']);
  },

  'bytes of the host'({ framing: { Decoder, Encoder } }, host) {
    const Buffer = own(host, 'Buffer');
    const encoder = new Encoder({ role: 'server' });
    const told: unknown[] = [];
    const decoder = new Decoder({
      role: 'client',
      onMessage: (data) => told.push([...(data as Uint8Array)]),
      onClose: (_, reason) => told.push(reason),
    });
    const kinds = [pattern(20), pattern(20).buffer, new DataView(pattern(20).buffer)];
    if (Buffer) kinds.push(Buffer.from(pattern(20)) as Buffer<ArrayBuffer>);
    for (const data of kinds) decoder.feed(encoder.binary(data));
    decoder.feed(encoder.close(4000, '바이트'));
    decoder.close();
    expectSame(told, [...kinds.map(() => [...pattern(20)]), '바이트']);
  },

  'an error that says why'({ framing: { Decoder, Encoder, WsimdError } }) {
    let told: unknown;
    const decoder = new Decoder({ role: 'server', onError: (error) => (told = error) });
    decoder.feed(new Encoder({ role: 'server' }).text('not masked'));
    decoder.close();
    expectTrue(told instanceof WsimdError, `told ${told}`);
    expectTrue(told instanceof Error, 'it is no Error of the host');
    expectSame([told.code, told.status], ['WS_ERR_EXPECTED_MASK', 1002]);
  },
};

/** The drop-in in a build for pages, which in Jest's jsdom has sockets all the same. */
export function sayThereIsNone({ wsimd: { WebSocket } }: Modules, place: Place): void {
  const told = thrownBy(() => new WebSocket(place.ws));
  expectTrue(told instanceof Error && told.message.startsWith('The drop-in for ws needs Node.js'), `told ${told}`);
}

export { FACES };
