// The Sec-WebSocket-Extensions header taken apart (RFC 6455 §9.1), whatever the extensions are.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExtensions } from '../../src/handshake/extensions';

describe('parseExtensions', () => {
  type Parsed = readonly (readonly [name: string, ...parameters: (readonly [string, string | true])[]])[];
  const LISTS: readonly (readonly [header: string, extensions: Parsed])[] = [
    ['', []],
    [' , ,\t', []],
    ['a', [['a']]],
    ['\ta ', [['a']]],
    ['a, b', [['a'], ['b']]],
    [',a,,b,', [['a'], ['b']]],
    ['a;b', [['a', ['b', true]]]],
    ['a ; b ;c', [['a', ['b', true], ['c', true]]]],
    ['a; b=1', [['a', ['b', '1']]]],
    [
      'a; b = 1 , c; d',
      [
        ['a', ['b', '1']],
        ['c', ['d', true]],
      ],
    ],
    ['a; b=1; b=2; b', [['a', ['b', '1'], ['b', '2'], ['b', true]]]],
    ['a; b="1"', [['a', ['b', '1']]]],
    ['a; b = "1" ', [['a', ['b', '1']]]],
    ['a; b="\\1\\2"; c', [['a', ['b', '12'], ['c', true]]]],
    ["a!#$%&'*+-.^_`|~; b", [["a!#$%&'*+-.^_`|~", ['b', true]]]],
  ];
  it.each(LISTS)('takes %j apart', (header, extensions) => {
    expect(parseExtensions(header)?.map(({ name, parameters }) => [name, ...parameters])).toEqual(extensions);
  });

  it.each([
    ['a name that is no token', 'a b'],
    ['no name', ';a'],
    ['a value of the name', 'a=1'],
    ['a quoted name', '"a"'],
    ['an empty parameter', 'a;'],
    ['an empty parameter in between', 'a;;b'],
    ['a value without a name', 'a; =1'],
    ['no value behind =', 'a; b='],
    ['an empty quoted value', 'a; b=""'],
    ['two values', 'a; b=1=2'],
    ['a quoted string that never ends', 'a; b="1'],
    ['one that ends with its quote escaped', 'a; b="1\\"'],
    ['a quote alone', 'a; b="'],
    ['text behind a quoted string', 'a; b="1"2'],
    ['text before it', 'a; b=1"2"'],
    ['a quoted value that is no token: a comma', 'a; b="1,2"'],
    ['a quoted value that is no token: a semicolon', 'a; b="1;2"'],
    ['a quoted value that is no token: a quote', 'a; b="\\""'],
    ['a quoted value that is no token: a blank', 'a; b=" 1"'],
    ['the second element', 'a, b c'],
    ['a byte beyond ASCII', 'a; b=\xa0'],
  ])('refuses %s', (_, header) => {
    expect(parseExtensions(header)).toBeUndefined();
  });

  it('takes what it has taken apart and put together again, quoted or not, with any blanks', () => {
    const token = fc.string({
      unit: fc.constantFrom(...'abz09-_.!'),
      minLength: 1,
      maxLength: 8,
    });
    const blank = fc.constantFrom('', ' ', '\t ');
    const value = fc.oneof(
      token.map((text) => [text, text] as const),
      token.map((text) => [text, `"${text}"`] as const),
      token.map((text) => [text, `"${[...text].map((character) => `\\${character}`).join('')}"`] as const),
    );
    const parameter = fc.tuple(token, fc.option(value, { nil: undefined }), blank);
    const extension = fc.tuple(token, fc.array(parameter, { maxLength: 4 }));
    fc.assert(
      fc.property(fc.array(extension, { maxLength: 4 }), (list) => {
        const header = list.map(([name, parameters]) =>
          [name, ...parameters.map(([key, pair, gap]) => key + (pair ? `${gap}=${gap}${pair[1]}` : gap))].join(' ;'),
        );
        expect(parseExtensions(header.join(' ,'))).toEqual(
          list.map(([name, parameters]) => ({
            name,
            parameters: parameters.map(([key, pair]) => [key, pair?.[0] ?? true]),
          })),
        );
      }),
    );
  });
});
