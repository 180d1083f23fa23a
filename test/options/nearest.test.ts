// Names that are nearly right: what was meant stands at the end of the sentence that refuses them.

import { describe, expect, it } from 'vitest';
import { Decoder } from '../../src/framing';
import { AsyncTcpConnection } from '../../src/index';
import { meantBy } from '../../src/options/nearest';

const NAMES = ['ca', 'cert', 'rejectUnauthorized', 'servername', 'maxRetries'];

describe('meantBy', () => {
  it.each([
    ['rejectUnauthorised', 'rejectUnauthorized'],
    ['rejectUnathorized', 'rejectUnauthorized'],
    ['serverName', 'servername'],
    ['sevrername', 'servername'],
    ['severname', 'servername'],
    ['maxRetrys', 'maxRetries'],
    ['cret', 'cert'],
  ])('takes %s for %s', (name, meant) => {
    expect(meantBy(name, NAMES)).toBe(` Did you mean ${meant}?`);
  });

  it.each(['cb', 'c', '', 'keys', 'constructor', 'reject', 'server'])('takes %j for nothing', (name) => {
    expect(meantBy(name, NAMES)).toBe('');
  });
});

describe('a name that is nearly right', () => {
  const options = (given: object) => () => new AsyncTcpConnection('ws://h', given as never);
  const set = (name: string, value: unknown) => () =>
    Object.assign(new AsyncTcpConnection('ws://h'), { [name]: value });

  it.each([
    [options({ rejectUnauthorised: false }), 'options has no rejectUnauthorised. Did you mean rejectUnauthorized?'],
    [options({ ssl: { verifyPeer: false } }), 'options.ssl has no verifyPeer. Did you mean verify_peer?'],
    [options({ socket: { bindTo: '0:0' } }), 'options.socket has no bindTo. Did you mean bindto?'],
    [options({ proxyTls: { serverName: 'h' } }), 'options.proxyTls has no serverName. Did you mean servername?'],
    [options({ perMessageDeflate: true }), 'options has no perMessageDeflate: use the property perMessageDeflate.'],
    [options({ onMessage: () => {} }), 'options has no onMessage: use the property onMessage.'],
    [options({ reconnectPolicy: {} }), 'options has no reconnectPolicy: use the property reconnectPolicy.'],
    [options({ followRedirects: true }), 'options has no followRedirects: use the property followRedirects.'],
    [options({ maxRedirects: 3 }), 'options has no maxRedirects: use the property followRedirects.'],
    [
      options({ proxyFromEnvironment: true }),
      'options has no proxyFromEnvironment: use the property proxyFromEnvironment.',
    ],
    [options({ cookies: {} }), 'options has no cookies: use the property cookies.'],
    [options({ proxyHeader: {} }), 'options has no proxyHeader. Did you mean proxyHeaders?'],
    [options({ maxPackagesize: 1 }), 'options has no maxPackagesize. Did you mean maxPackageSize?'],
    [set('perMessageDeflate', { treshold: 1 }), 'perMessageDeflate has no treshold. Did you mean threshold?'],
    [
      set('perMessageDeflate', { zlibDeflateOptions: { memlevel: 1 } }),
      'perMessageDeflate.zlibDeflateOptions has no memlevel. Did you mean memLevel?',
    ],
    [set('reconnectPolicy', { maxDelays: 1 }), 'reconnectPolicy has no maxDelays. Did you mean maxDelay?'],
    [
      set('reconnectPolicy', { shouldReConnect: 1 }),
      'reconnectPolicy has no shouldReConnect. Did you mean shouldReconnect?',
    ],
    [
      () => new Decoder({ role: 'client', perMessageDeflate: { maxWindowsBits: 15 } as never }),
      'The option "perMessageDeflate" has no maxWindowsBits. Did you mean maxWindowBits?',
    ],
  ])('is refused with the one that was meant: %#', (action, sentence) => {
    expect(action).toThrow(new TypeError(sentence));
  });
});
