// The parser of response heads against the slow one, and the verdict of the whole reader against the list of RFC 6455 §4.1.
// Nothing but WsimdError is thrown, and nothing depends on where the bytes are cut.

import { WsimdError } from '../../../src/base/faults';
import { HandshakeError, HandshakeReader } from '../../../src/handshake/reader';
import { type HandshakeResponse, ResponseParser } from '../../../src/handshake/response-parser';
import { KEY, latin1 } from '../../support/heads';
import { chunksOf } from '../../support/streams';
import { type HeadCase, handshakes, heads as headCases } from './head-cases';
import { asSource, claim, expect } from './property';
import { brokenRules, type ReferenceHead, readHead, type Verdict } from './reference-head';

// The parser.

/** A response in plain values, as the reference has it. */
function plain(response: HandshakeResponse, taken: number): ReferenceHead {
  const { status, statusText, headers, setCookie, protocol, extensions } = response;
  expect(Object.getPrototypeOf(headers) === null, 'the headers have a prototype');
  expect(protocol === (headers['sec-websocket-protocol'] ?? ''), `the protocol is ${protocol}`);
  expect(extensions === (headers['sec-websocket-extensions'] ?? ''), `the extensions are ${extensions}`);
  return { status, statusText, headers: new Map(Object.entries(headers)), setCookie, text: String(response), taken };
}

const CODES = { WS_ERR_HANDSHAKE_SYNTAX: 'syntax', WS_ERR_HANDSHAKE_TOO_LARGE: 'size' } as const;

function verdictOf(error: unknown): string {
  if (!(error instanceof WsimdError)) throw error;
  return CODES[error.code as keyof typeof CODES] ?? error.code;
}

/** In one order: an object puts names that are numbers first. */
function show(verdict: Verdict | string): string {
  if (typeof verdict === 'string') return verdict;
  const { status, statusText, headers, setCookie, text, taken } = verdict;
  const sorted = [...headers].sort(([one], [other]) => (one < other ? -1 : 1));
  return asSource({ status, statusText, headers: sorted, setCookie, text, taken });
}

function parsesAsReference({ received, splits }: HeadCase): void {
  const stream = latin1(received);
  const parser = new ResponseParser();
  let [fed, taken, told] = [0, 0, 'more'];
  for (const chunk of chunksOf({ stream, splits })) {
    fed += chunk.length;
    // At an offset inside something larger, as a read window has it; line feeds around it would end lines.
    const window = Buffer.concat([Buffer.from('\n\n\n'), chunk, Buffer.from('\n\n\n')]);
    if (told === 'more') {
      try {
        taken += parser.push(window, 3, 3 + chunk.length);
        if (parser.response !== undefined) told = show(plain(parser.response, taken));
        else expect(taken === fed, `${taken} bytes of ${fed} taken, and no response`);
      } catch (error) {
        told = verdictOf(error);
      }
    }
    const expected = show(readHead(stream.subarray(0, fed)));
    expect(told === expected, `with ${fed} bytes: told ${told}, expected ${expected}`);
  }
}

export const heads = claim(
  {
    name: 'heads',
    sentence: 'The heads of responses, lawful and not, are read or refused as the slow parser does it.',
    runs: 300,
  },
  headCases,
  parsesAsReference,
);

// The reader.

type Outcome = { readonly response: HandshakeResponse; readonly taken: number } | { readonly error: WsimdError };

function read(stream: Uint8Array, splits: readonly number[], protocols: readonly string[]): Outcome {
  const reader = new HandshakeReader('', { key: KEY, protocols });
  let taken = 0;
  let hasRefused = false;
  for (const chunk of chunksOf({ stream, splits })) {
    // What lies behind the chunk in the window is none of the reader's business.
    const result = reader.read(Buffer.concat([chunk, Buffer.from('\r\n\r\n')]), chunk.length);
    taken += reader.headLength;
    if (result === 'body') {
      expect(!hasRefused, 'the beginning of a body is told twice');
      hasRefused = true;
    } else if (result instanceof WsimdError) return { error: result };
    else if (result !== 'more') return { response: result, taken };
  }
  return { error: reader.verdictAtEnd() };
}

const describeOutcome = (outcome: Outcome): string => {
  if ('response' in outcome) return `taken ${outcome.taken}: ${outcome.response}`;
  const { error } = outcome;
  return `${error.code}: ${error instanceof HandshakeError ? `${error.response} with ${JSON.stringify(error.body)}` : ''}`;
};

/** The first KiB of a body that is not chunked (RFC 9112 §6.3), without a character that is cut. */
function bodyOf({ status, headers, taken }: ReferenceHead, stream: Uint8Array): string | undefined {
  if (headers.has('transfer-encoding')) return undefined;
  const length = headers.get('content-length') ?? '';
  const bytes = /^\d+$/.test(length) ? stream.subarray(taken, taken + Number(length)) : stream.subarray(taken);
  const isEmpty = status < 200 || status === 204;
  return new TextDecoder().decode(isEmpty ? new Uint8Array() : bytes.subarray(0, 1_024), { stream: true });
}

export const handshake = claim(
  {
    name: 'handshake',
    sentence:
      'An answer to a handshake is accepted if it keeps every rule of RFC 6455 §4.1, else refused by one it breaks.',
    runs: 300,
  },
  handshakes,
  ({ received, splits, protocols }) => {
    const stream = latin1(received);
    const outcome = read(stream, splits, protocols);
    const whole = describeOutcome(read(stream, [], protocols));
    expect(describeOutcome(outcome) === whole, `in chunks ${describeOutcome(outcome)}, whole ${whole}`);

    const verdict = readHead(stream);
    if (typeof verdict === 'string') {
      const code = {
        more: 'WS_ERR_HANDSHAKE_ENDED',
        syntax: 'WS_ERR_HANDSHAKE_SYNTAX',
        size: 'WS_ERR_HANDSHAKE_TOO_LARGE',
      }[verdict];
      const isTold = 'error' in outcome && outcome.error.code === code && !(outcome.error instanceof HandshakeError);
      expect(isTold, `${describeOutcome(outcome)}, expected ${code} without a response`);
      return;
    }
    const broken = brokenRules(verdict, { key: KEY, protocols });
    if ('response' in outcome) {
      expect(broken.length === 0, `accepted, but ${broken}`);
      expect(show(plain(outcome.response, outcome.taken)) === show(verdict), 'another response');
      return;
    }
    const { error } = outcome;
    expect(broken.includes(error.code), `${error.code}, expected one of: ${broken}`);
    expect(error instanceof HandshakeError, 'a refusal without its response');
    expect(show(plain(error.response, verdict.taken)) === show(verdict), 'another response');
    const body = bodyOf(verdict, stream);
    expect(
      body === undefined || error.body === body,
      `the body ${JSON.stringify(error.body)}, expected ${JSON.stringify(body)}`,
    );
    // A byte that is not UTF-8 is shown as U+FFFD, which has three.
    expect(Buffer.byteLength(error.body) <= 3 * 1_024, 'a body of more than 1,024 bytes');
  },
);
