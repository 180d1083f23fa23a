// What a list of subprotocols may hold (RFC 6455 §4.1), and in which words each face refuses one.

import { describe, expect, it } from 'vitest';
import { subprotocolFault } from '../../src/handshake/subprotocols';
import { AsyncTcpConnection, WebSocket as DropIn } from '../../src/index';
import { WebSocket } from '../../src/web';

const WRONG: readonly [unknown, 'is a token' | 'is there once'][] = [
  [[''], 'is a token'],
  [['a b'], 'is a token'],
  [['chat', 'é'], 'is a token'],
  [['a,b'], 'is a token'],
  [[7], 'is a token'],
  [['chat', 'soap', 'chat'], 'is there once'],
];

describe('a list of subprotocols', () => {
  it.each([[[]], [['chat']], [['chat', 'Chat', '!#$%&*+-.^_`|~09azAZ']]])('%j is right', (protocols) => {
    expect(subprotocolFault(protocols)).toBeUndefined();
  });

  it.each(WRONG)('%j is not: each %s', (protocols, rule) => {
    expect(subprotocolFault(protocols as unknown[])?.rule).toBe(rule);
  });

  it('has none that differ in their case alone, where that is the rule', () => {
    expect(subprotocolFault(['chat', 'Chat'], true)).toEqual({ protocol: 'Chat', rule: 'is there once' });
  });
});

/** What a face throws. */
function thrownBy(construct: () => unknown): Error {
  try {
    construct();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}

describe.each(WRONG)('%j', (protocols, rule) => {
  const list = protocols as string[];
  const isTwice = rule === 'is there once';

  it('is a TypeError of AsyncTcpConnection that names the setting', () => {
    const connection = new AsyncTcpConnection('ws://127.0.0.1:1/');
    const error = thrownBy(() => {
      connection.websocketClientProtocol = list;
    });
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(
      isTwice ? /^websocketClientProtocol .* twice/ : /^websocketClientProtocol: .* is not a token/,
    );
  });

  it('is a SyntaxError of the drop-in, in the words of ws', () => {
    const error = thrownBy(() => new DropIn('ws://127.0.0.1:1/', list));
    expect(error).toBeInstanceOf(SyntaxError);
    expect(error.message).toBe('An invalid or duplicated subprotocol was specified');
  });
});

it.each([['a b'], ['chat', 'Chat']])('%j, %j: a DOMException of the class of the web', (...list) => {
  const error = thrownBy(() => new WebSocket('ws://127.0.0.1:1/', list.filter(Boolean)));
  expect(error).toMatchObject({ name: 'SyntaxError' });
  expect(error).toBeInstanceOf(DOMException);
});
