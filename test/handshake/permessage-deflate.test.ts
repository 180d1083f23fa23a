// The negotiation of permessage-deflate as pure functions (RFC 7692 §5, §7.1): what is offered, which answers are taken and what
// follows from them for either direction.

import { describe, expect, it } from 'vitest';
import { CONNECTION_FAULTS } from '../../src/base/faults';
import { type Agreement, agree, type DeflateOffer, offerHeader } from '../../src/handshake/permessage-deflate';
import { requestHead } from '../../src/handshake/request';
import { checkResponse } from '../../src/handshake/response-check';
import { ANSWER, fault, KEY, OFFER, parse, SWITCHING } from '../support/heads';

const offer = (changes: Partial<DeflateOffer> = {}): DeflateOffer => ({ ...OFFER, ...changes });
/** An answer with these parameters. */
const answer = (...parameters: string[]): string => ['permessage-deflate', ...parameters].join('; ');

describe('offerHeader', () => {
  it('says nothing without an offer', () => {
    expect(offerHeader(undefined)).toBeUndefined();
  });

  const HEADERS: readonly (readonly [header: string, ...offers: Partial<DeflateOffer>[]])[] = [
    ['permessage-deflate; client_max_window_bits', {}],
    ['permessage-deflate', { clientMaxWindowBits: undefined }],
    ['permessage-deflate', { clientMaxWindowBits: undefined, clientNoContextTakeover: false }],
    [
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=10; client_max_window_bits=9',
      { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 10, clientMaxWindowBits: 9 },
    ],
    [
      'permessage-deflate; server_max_window_bits=10; client_max_window_bits, permessage-deflate; client_max_window_bits',
      { serverMaxWindowBits: 10 },
      {},
    ],
  ];
  it.each(HEADERS.map(([header, ...offers]) => [header, offers] as const))('%s', (header, offers) => {
    expect(offerHeader(offers.map(offer))).toBe(header);
  });
});

describe('agree: what follows', () => {
  /** Windows and contexts of both directions: `in 15, out 9 alone`. */
  const summary = ({ inflate, deflate }: Agreement): string => {
    const [inward, outward] = [inflate, deflate].map(
      ({ options, keepsContext }) => `${options.windowBits}${keepsContext ? '' : ' alone'}`,
    );
    return `in ${inward}, out ${outward}`;
  };

  it('nothing without an answer', () => {
    expect([agree(undefined, undefined), agree([offer()], undefined)]).toEqual([undefined, undefined]);
  });

  const ANSWERS: readonly (readonly [outcome: string, answer: string, ...offers: Partial<DeflateOffer>[]])[] = [
    ['in 15, out 15', answer(), {}],
    ['in 15 alone, out 15', answer('server_no_context_takeover'), {}],
    ['in 15, out 15 alone', answer('client_no_context_takeover'), {}],
    ['in 8, out 15', answer('server_max_window_bits=8'), {}],
    ['in 15, out 8', answer('client_max_window_bits=8'), {}],
    ['in 15, out 15', answer('client_max_window_bits=15', 'server_max_window_bits=15'), {}],
    ['in 10, out 9', answer('server_max_window_bits="10"', 'client_max_window_bits="\\9"'), {}],
    [
      'in 11 alone, out 12 alone',
      'permessage-deflate;client_max_window_bits=12 ; server_max_window_bits=11;server_no_context_takeover;client_no_context_takeover',
      {},
    ],
    // What was asked for, kept or bettered.
    ['in 15 alone, out 15', answer('server_no_context_takeover'), { serverNoContextTakeover: true }],
    ['in 12, out 15', answer('server_max_window_bits=12'), { serverMaxWindowBits: 12 }],
    ['in 9, out 15', answer('server_max_window_bits=9'), { serverMaxWindowBits: 12 }],
    ['in 15, out 15', answer(), { serverMaxWindowBits: 15 }],
    // What we said of ourselves holds without the server's word.
    ['in 15, out 15 alone', answer(), { clientNoContextTakeover: true }],
    ['in 15, out 10', answer(), { clientMaxWindowBits: 10 }],
    ['in 15, out 10', answer('client_max_window_bits=10'), { clientMaxWindowBits: 10 }],
    ['in 15, out 9', answer('client_max_window_bits=9'), { clientMaxWindowBits: 10 }],
    ['in 15, out 15', answer(), { clientMaxWindowBits: undefined, clientNoContextTakeover: false }],
    // The first offer that it answers.
    ['in 10, out 15', answer('server_max_window_bits=10'), { serverMaxWindowBits: 10 }, {}],
    ['in 15, out 15', answer(), { serverMaxWindowBits: 10 }, {}],
    [
      'in 11, out 15 alone',
      answer('server_max_window_bits=11'),
      { serverMaxWindowBits: 10 },
      { clientNoContextTakeover: true },
    ],
    ['in 15, out 9', answer(), { clientMaxWindowBits: 9 }, { clientMaxWindowBits: 12 }],
    ['in 15, out 12', answer('client_max_window_bits=12'), { clientMaxWindowBits: 9 }, { clientMaxWindowBits: 12 }],
  ];
  it.each(ANSWERS.map(([outcome, header, ...offers]) => [outcome, header, offers] as const))(
    '%s from %j',
    (outcome, header, offers) => {
      expect(summary(agree(offers.map(offer), header)!)).toBe(outcome);
    },
  );

  it('zlib gets what the offer says of it, and the threshold goes along', () => {
    const offers = [
      offer({ serverMaxWindowBits: 8, threshold: 1, deflate: { level: 1 } }),
      offer({ threshold: 5, deflate: { level: 9, memLevel: 2 }, inflate: { level: 3 } }),
    ];
    expect(agree(offers, answer())).toEqual({
      inflate: { keepsContext: true, options: { level: 3, windowBits: 15 } },
      deflate: { keepsContext: true, options: { level: 9, memLevel: 2, windowBits: 15 }, threshold: 5 },
    });
  });
});

describe('agree: what is refused', () => {
  const refusal = (header: string, ...offers: Partial<DeflateOffer>[]): string => {
    const error = fault(() => agree(offers.map(offer), header));
    expect([error.fault, error.code]).toEqual([CONNECTION_FAULTS.extensionAnswer, 'WS_ERR_HANDSHAKE_EXTENSION']);
    expect(error.detail).toContain(', in "');
    return error.detail!.slice(0, error.detail!.indexOf(', in "'));
  };
  const BITS = 'must be a number from 8 to 15';

  const WRONG: readonly (readonly [answer: string, complaint: string, ...offers: Partial<DeflateOffer>[]])[] = [
    ['', 'it is no list of extensions (RFC 6455 §9.1)', {}],
    [',', 'it is no list of extensions (RFC 6455 §9.1)', {}],
    ['permessage-deflate;', 'it is no list of extensions (RFC 6455 §9.1)', {}],
    ['permessage-deflate=1', 'it is no list of extensions (RFC 6455 §9.1)', {}],
    ['permessage-deflate; server_max_window_bits=', 'it is no list of extensions (RFC 6455 §9.1)', {}],
    ['permessage-deflate, permessage-deflate', 'it is there twice', {}, {}],
    [answer('level'), '"level" is no parameter of it', {}],
    [answer('constructor'), '"constructor" is no parameter of it', {}],
    [answer('__proto__=8'), '"__proto__" is no parameter of it', {}],
    [answer('Server_No_Context_Takeover'), '"Server_No_Context_Takeover" is no parameter of it', {}],
    [
      answer('server_no_context_takeover', 'server_no_context_takeover'),
      '"server_no_context_takeover" is there twice',
      {},
    ],
    [
      answer('client_no_context_takeover', 'client_no_context_takeover'),
      '"client_no_context_takeover" is there twice',
      {},
    ],
    [answer('server_max_window_bits=9', 'server_max_window_bits=9'), '"server_max_window_bits" is there twice', {}],
    [answer('client_max_window_bits=9', 'client_max_window_bits=10'), '"client_max_window_bits" is there twice', {}],
    [answer('x', 'x'), '"x" is there twice', {}],
    [answer('server_no_context_takeover=true'), 'server_no_context_takeover has a value', {}],
    [answer('client_no_context_takeover=1'), 'client_no_context_takeover has a value', {}],
    [answer('client_no_context_takeover="1"'), 'client_no_context_takeover has a value', {}],
    // Of no offer, whatever came first.
    [answer(), 'server_no_context_takeover was asked for, and is missing', { serverNoContextTakeover: true }],
    [
      answer('client_no_context_takeover'),
      'client_no_context_takeover was not offered',
      { clientNoContextTakeover: false },
    ],
    [answer(), 'server_max_window_bits was asked for, with 12 at most', { serverMaxWindowBits: 12 }],
    [
      answer('server_max_window_bits=13'),
      'server_max_window_bits was asked for, with 12 at most',
      { serverMaxWindowBits: 12 },
    ],
    [answer('client_max_window_bits=15'), 'client_max_window_bits was not offered', { clientMaxWindowBits: undefined }],
    [answer('client_max_window_bits=11'), 'client_max_window_bits was offered with 10', { clientMaxWindowBits: 10 }],
    [
      answer('client_max_window_bits=11'),
      'client_max_window_bits was not offered',
      { clientMaxWindowBits: 10 },
      { clientMaxWindowBits: undefined },
    ],
    [
      answer('server_max_window_bits=14'),
      'server_no_context_takeover was asked for, and is missing',
      { serverMaxWindowBits: 10 },
      { serverNoContextTakeover: true },
    ],
  ];
  it.each(WRONG.map(([header, complaint, ...offers]) => [header, complaint, offers] as const))(
    '%j: %s',
    (header, complaint, offers) => {
      expect(refusal(header, ...offers)).toBe(complaint);
    },
  );

  describe.each(['server_max_window_bits', 'client_max_window_bits'])('%s', (name) => {
    it.each([
      '',
      '=0',
      '=7',
      '=16',
      '=08',
      '=015',
      '="08"',
      '=8.0',
      '=8.5',
      '=1e1',
      '=0x9',
      '=+9',
      '=-9',
      '=nine',
      '=Infinity',
    ])('with the value %j', (value) => {
      expect(refusal(answer(name + value), {})).toBe(`${name} ${BITS}`);
    });
  });

  it.each([
    'x-rot13',
    'permessage-deflate, x-rot13',
    'x-rot13, permessage-deflate',
    'Permessage-Deflate',
    'permessage-bzip2',
    'constructor',
  ])('%j: what was not offered', (header) => {
    const error = fault(() => agree([offer()], header));
    expect([error.fault, error.detail]).toEqual([CONNECTION_FAULTS.handshakeExtension, `"${header}"`]);
  });

  it.each(['', ',', 'permessage-deflate', 'a;;'])('%j, where nothing was offered', (header) => {
    const error = fault(() => agree(undefined, header));
    expect([error.fault, error.detail]).toEqual([CONNECTION_FAULTS.handshakeExtension, `"${header}"`]);
  });
});

describe('the request', () => {
  const head = (extensions: string | undefined): string =>
    requestHead({ path: '/', host: 'a', key: KEY, protocols: [], headers: {}, extensions });

  it('has the offers in a header of its own, and none without them', () => {
    expect(head(offerHeader([offer(), offer({ clientMaxWindowBits: 9 })]))).toContain(
      '\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, permessage-deflate; client_max_window_bits=9\r\n',
    );
    expect(head(offerHeader(undefined))).not.toMatch(/extensions/i);
  });
});

describe('the response', () => {
  const check = (...lines: string[]) =>
    checkResponse(
      parse(`${SWITCHING}${ANSWER}${lines.map((line) => `Sec-WebSocket-Extensions: ${line}\r\n`).join('')}\r\n`),
      {
        key: KEY,
        protocols: [],
        offers: [offer()],
      },
    );

  it('may have the header, once', () => {
    expect(check()).toBeUndefined();
    expect(check('permessage-deflate; server_no_context_takeover')?.inflate.keepsContext).toBe(false);
  });

  it('has one answer, though its headers be two', () => {
    expect(fault(() => check('permessage-deflate', 'permessage-deflate')).detail).toMatch(/^it is there twice/);
    expect(fault(() => check('permessage-deflate', 'x-rot13')).fault).toBe(CONNECTION_FAULTS.handshakeExtension);
    expect(fault(() => check('permessage-deflate; server_max_window_bits', '=9')).detail).toMatch(/^it is no list/);
    // An empty line of a list adds nothing to it (RFC 9110 §5.6.1.2).
    check('', 'permessage-deflate', '');
  });

  it('that came so is told as it was spelt', () => {
    const { extensions } = parse(
      `${SWITCHING}${ANSWER}Sec-WebSocket-Extensions: a; b="1"\r\nSec-WebSocket-Extensions: c\r\n\r\n`,
    );
    expect(extensions).toBe('a; b="1", c');
  });
});
