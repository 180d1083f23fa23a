// The setting `perMessageDeflate` of AsyncTcpConnection and the WHATWG class: which offers it means, and what is wrong with it.
// How they are negotiated is in handshake/permessage-deflate.test.ts.

import { describe, expect, it } from 'vitest';
import { type DeflateOffer, offerHeader } from '../../src/handshake/permessage-deflate';
import { offersOf, type PerMessageDeflateSetting } from '../../src/options/per-message-deflate';
import { OFFER } from '../support/heads';

const offers = (setting: unknown): readonly DeflateOffer[] | undefined =>
  offersOf(setting as PerMessageDeflateSetting, 'perMessageDeflate');

describe('the offers', () => {
  it.each<readonly [setting: unknown, ...offers: Partial<DeflateOffer>[]]>([
    [true, {}],
    [{}, {}],
    [[{}], {}],
    [{ serverNoContextTakeover: undefined, clientMaxWindowBits: undefined, threshold: undefined }, {}],
    [
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
    [{ serverNoContextTakeover: false, clientNoContextTakeover: false }, { clientNoContextTakeover: false }],
    [
      { serverMaxWindowBits: 8, clientMaxWindowBits: 15 },
      { serverMaxWindowBits: 8, clientMaxWindowBits: 15 },
    ],
    [{ clientMaxWindowBits: true }, {}],
    [{ clientMaxWindowBits: false }, { clientMaxWindowBits: undefined }],
    [{ threshold: 0 }, { threshold: 0 }],
    [{ threshold: Number.MAX_SAFE_INTEGER }, { threshold: Number.MAX_SAFE_INTEGER }],
    [
      { zlibDeflateOptions: { level: 9, memLevel: 1, strategy: 4 } },
      { deflate: { level: 9, memLevel: 1, strategy: 4 } },
    ],
    [
      { zlibDeflateOptions: { level: -1, memLevel: 9, strategy: 0 } },
      { deflate: { level: -1, memLevel: 9, strategy: 0 } },
    ],
    [{ zlibDeflateOptions: { memLevel: 5 } }, { deflate: { level: 4, memLevel: 5 } }],
    [{ zlibDeflateOptions: { level: undefined } }, {}],
    [{ zlibDeflateOptions: undefined, zlibInflateOptions: undefined, concurrencyLimit: undefined }, {}],
    [{ zlibInflateOptions: { level: 1, memLevel: undefined } }, { inflate: { level: 1 } }],
    [{ concurrencyLimit: 10 }, {}],
    [{ concurrencyLimit: Number.POSITIVE_INFINITY }, {}],
    [[{ serverMaxWindowBits: 9 }, { threshold: 5 }], { serverMaxWindowBits: 9 }, { threshold: 5 }],
  ])('of %j', (setting, ...expected) => {
    expect(offers(setting)).toEqual(expected.map((changes) => ({ ...OFFER, ...(changes as object) })));
  });

  it('none of false', () => {
    expect(offers(false)).toBeUndefined();
  });

  it('keep the order of the list in the header', () => {
    expect(offerHeader(offers([{ serverMaxWindowBits: 9 }, { clientMaxWindowBits: false }]))).toBe(
      'permessage-deflate; server_max_window_bits=9; client_max_window_bits, permessage-deflate',
    );
  });
});

describe('what is wrong', () => {
  const WHOLE = 'must be a whole number from';
  it.each<readonly [setting: unknown, type: typeof TypeError | typeof RangeError, message: string]>([
    [null, TypeError, ' must be true, false, an object of options or a list of these, not null.'],
    ['true', TypeError, ' must be true, false, an object of options or a list of these, not a value of type string.'],
    [1, TypeError, ' must be true, false, an object of options or a list of these, not a value of type number.'],
    [[], TypeError, ' must have an offer in its list, or be false.'],
    [[[]], TypeError, '[0] must be an object of options, not an array.'],
    [[true], TypeError, '[0] must be an object of options, not a value of type boolean.'],
    [[{}, { level: 1 }], TypeError, '[1] has no level.'],
    [{ severMaxWindowBits: 9 }, TypeError, ' has no severMaxWindowBits. Did you mean serverMaxWindowBits?'],
    [{ constructor: 9 }, TypeError, ' has no constructor.'],
    [
      { serverNoContextTakeover: 1 },
      TypeError,
      '.serverNoContextTakeover must be true or false, not a value of type number.',
    ],
    [{ clientNoContextTakeover: null }, TypeError, '.clientNoContextTakeover must be true or false, not null.'],
    [{ serverMaxWindowBits: true }, TypeError, '.serverMaxWindowBits must be a number, not a value of type boolean.'],
    [{ serverMaxWindowBits: 7 }, RangeError, `.serverMaxWindowBits ${WHOLE} 8 to 15; it is 7.`],
    [{ serverMaxWindowBits: 16 }, RangeError, `.serverMaxWindowBits ${WHOLE} 8 to 15; it is 16.`],
    [{ serverMaxWindowBits: 9.5 }, RangeError, `.serverMaxWindowBits ${WHOLE} 8 to 15; it is 9.5.`],
    [{ clientMaxWindowBits: '9' }, TypeError, '.clientMaxWindowBits must be a number, not a value of type string.'],
    [{ clientMaxWindowBits: Number.NaN }, RangeError, `.clientMaxWindowBits ${WHOLE} 8 to 15; it is NaN.`],
    [
      { clientMaxWindowBits: Number.POSITIVE_INFINITY },
      RangeError,
      `.clientMaxWindowBits ${WHOLE} 8 to 15; it is Infinity.`,
    ],
    [{ threshold: -1 }, RangeError, '.threshold must be a whole number of at least 0; it is -1.'],
    [
      { threshold: Number.POSITIVE_INFINITY },
      RangeError,
      '.threshold must be a whole number of at least 0; it is Infinity.',
    ],
    [{ concurrencyLimit: 0 }, RangeError, '.concurrencyLimit must be a whole number of at least 1; it is 0.'],
    [
      { zlibDeflateOptions: 4 },
      TypeError,
      '.zlibDeflateOptions must be an object of options, not a value of type number.',
    ],
    [{ zlibDeflateOptions: { windowBits: 9 } }, TypeError, '.zlibDeflateOptions has no windowBits.'],
    [{ zlibDeflateOptions: { constructor: 9 } }, TypeError, '.zlibDeflateOptions has no constructor.'],
    [{ zlibDeflateOptions: { level: 10 } }, RangeError, `.zlibDeflateOptions.level ${WHOLE} -1 to 9; it is 10.`],
    [{ zlibDeflateOptions: { level: -2 } }, RangeError, `.zlibDeflateOptions.level ${WHOLE} -1 to 9; it is -2.`],
    [
      { zlibDeflateOptions: { level: '4' } },
      TypeError,
      '.zlibDeflateOptions.level must be a number, not a value of type string.',
    ],
    [{ zlibDeflateOptions: { memLevel: 0 } }, RangeError, `.zlibDeflateOptions.memLevel ${WHOLE} 1 to 9; it is 0.`],
    [{ zlibInflateOptions: { strategy: 5 } }, RangeError, `.zlibInflateOptions.strategy ${WHOLE} 0 to 4; it is 5.`],
    [{ zlibInflateOptions: null }, TypeError, '.zlibInflateOptions must be an object of options, not null.'],
  ])('%j', (setting, type, message) => {
    let error: unknown;
    try {
      offers(setting);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(type);
    expect((error as Error).message).toBe(`perMessageDeflate${message}`);
  });
});
