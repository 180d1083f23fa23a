// A tunnel around a transport in memory: what it asks of its transport and in which order, and what it passes on, where a real
// socket would leave that to chance.

import { describe, expect, it } from 'vitest';
import { CONNECTION_FAULTS, WsimdError } from '../../../src/base/faults';
import type { ProxyTarget, Transport, TransportHandlers, TransportTarget } from '../../../src/transport/contract';
import { connectThrough } from '../../../src/transport/proxy/tunnel';

const HTTP: ProxyTarget = { kind: 'http', secure: false, hostname: 'proxy.example', port: 3128 };
const OPEN = 'HTTP/1.1 200 OK\r\n\r\n';

/** A tunnel, the handlers that its transport would call, and all that was asked of that and told, line by line. */
function tunnel(target: Partial<TransportTarget> = {}, proxy = HTTP) {
  const lines: string[] = [];
  const dialled: TransportTarget[] = [];
  const started: TransportTarget[] = [];
  let inner!: TransportHandlers;
  const transport: Transport = {
    endpoints: {},
    write: (bytes) => {
      lines.push(`write ${Buffer.from(bytes).toString('latin1').split('\r\n')[0]}`);
      return false;
    },
    read: (isWanted) => lines.push(`read ${isWanted}`),
    startTls: (target) => {
      lines.push('startTls');
      started.push(target);
    },
    close: (how) => lines.push(`close ${how}`),
  };
  const handlers: TransportHandlers = {
    onConnect: () => lines.push('told connect'),
    readTarget: () => window,
    onRead: (bytes, length) => lines.push(`told read ${Buffer.from(bytes.subarray(0, length))}`),
    onWritten: () => lines.push('told drain'),
    onEnd: () => lines.push('told end'),
    onClose: (error) => lines.push(`told close ${error}`),
  };
  const window = new Uint8Array(1024);
  const whole: TransportTarget = { secure: false, hostname: 'server.example', port: 80, options: {}, ...target };
  const connect = (dial: TransportTarget, its: TransportHandlers): Transport => {
    dialled.push(dial);
    inner = its;
    return transport;
  };
  const outer = connectThrough(connect, proxy, whole, handlers);
  const feed = (text: string): void => {
    Buffer.from(text, 'latin1').copy(inner.readTarget());
    inner.onRead(window, text.length);
  };
  return { lines, dialled, started, inner, outer, transport, window, whole, handlers, feed };
}

describe('what a tunnel waits for', () => {
  it('is the proxy, with what the pipe to it waits for, and TLS inside of it', () => {
    const { outer, inner, feed, transport } = tunnel({ secure: true });
    expect(outer.waitsFor).toBe('the proxy');
    Object.defineProperty(transport, 'waitsFor', { value: 'DNS' });
    expect(outer.waitsFor).toBe('the proxy, DNS');
    inner.onConnect();
    expect(outer.waitsFor).toBe('the proxy');
    feed(OPEN);
    expect(outer.waitsFor).toBe('TLS');
  });
});

describe('a tunnel whose pipe takes no more', () => {
  it('says so once it is open, to whoever wants to know', () => {
    const { lines, inner, handlers, feed } = tunnel();
    handlers.onUnwritable = () => lines.push('told unwritable');
    inner.onUnwritable!();
    expect(lines).toEqual([]);
    inner.onConnect();
    feed(OPEN);
    inner.onUnwritable!();
    expect(lines.at(-1)).toBe('told unwritable');
    delete handlers.onUnwritable;
    inner.onUnwritable!();
  });
});

describe('a tunnel', () => {
  it('dials the proxy with the options of the dial, and says whether TLS follows', () => {
    const options = { family: 6, ca: 'x', cert: 'secret', servername: 'a', proxyTls: { servername: 'b' } } as const;
    for (const [secure, expected] of [
      [false, { family: 6 }],
      [true, { family: 6, servername: 'b' }],
    ] as const) {
      const { dialled } = tunnel({ secure: true, options }, { ...HTTP, secure });
      expect(dialled).toEqual([{ secure, hostname: 'proxy.example', port: 3128, options: expected, tlsFollows: true }]);
    }
    expect(tunnel({ options: { ca: 'x', key: 'secret' } }, { ...HTTP, secure: true }).dialled).toEqual([
      { secure: true, hostname: 'proxy.example', port: 3128, options: { ca: 'x' }, tlsFollows: false },
    ]);
  });

  it('passes everything on once it is open, both ways', () => {
    const { lines, inner, outer, feed } = tunnel();
    inner.onConnect();
    feed(OPEN);
    feed('hello');
    outer.write(Buffer.from('GET'));
    outer.read(false);
    inner.onWritten();
    inner.onEnd();
    outer.close('flush');
    inner.onClose();
    expect(lines).toEqual([
      'write CONNECT server.example:80 HTTP/1.1',
      'told connect',
      'told read hello',
      'write GET',
      'read false',
      'told drain',
      'told end',
      'close flush',
      'told close undefined',
    ]);
  });

  it('copies what is behind the answer before it tells that it is open', () => {
    const { lines, inner, window, handlers, feed } = tunnel();
    const { onConnect } = handlers;
    handlers.onConnect = () => {
      onConnect();
      window.fill(0);
    };
    inner.onConnect();
    feed(`${OPEN}behind`);
    expect(lines.slice(1)).toEqual(['told connect', 'told read behind']);
  });

  it('keeps that from whoever closes in onConnect', () => {
    const { lines, inner, outer, handlers, feed } = tunnel();
    handlers.onConnect = () => outer.close('now');
    inner.onConnect();
    feed(`${OPEN}behind`);
    expect(lines.slice(1)).toEqual(['close now']);
  });

  it('begins TLS with the target itself, and is open when that is up', () => {
    const { lines, inner, whole, started, feed } = tunnel({ secure: true });
    inner.onConnect();
    inner.onWritten();
    feed(OPEN);
    inner.onConnect();
    feed('hello');
    expect(lines.slice(1)).toEqual(['startTls', 'told connect', 'told read hello']);
    expect(started).toEqual([whole]);
  });

  it('can be the transport of another tunnel', () => {
    const { outer, started, whole } = tunnel();
    outer.startTls(whole);
    expect(started).toEqual([whole]);
  });

  it('tells a failure once, when its transport is closed, and looks at nothing that comes behind it', () => {
    const { lines, inner, feed } = tunnel();
    inner.onConnect();
    feed('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n');
    feed(OPEN);
    inner.onEnd();
    expect(lines.slice(1)).toEqual(['close now']);
    inner.onClose(new Error('closed by us'));
    expect(lines.slice(2)).toEqual(['told close ProxyError: The proxy refused the tunnel: "403 No".']);
  });

  it('has nothing to say about an end that was wanted', () => {
    const { lines, inner, outer } = tunnel();
    inner.onConnect();
    outer.close('flush');
    inner.onClose();
    expect(lines.slice(1)).toEqual(['close now', 'told close undefined']);
  });

  it.each([
    [new WsimdError(CONNECTION_FAULTS.connect, 'why'), 'WS_ERR_PROXY_CONNECT', 'why'],
    [new WsimdError(CONNECTION_FAULTS.tls, 'why'), 'WS_ERR_PROXY_TLS', 'why'],
    [new Error('why'), 'WS_ERR_PROXY_CONNECT', 'why'],
    [undefined, 'WS_ERR_PROXY_CONNECT', undefined],
  ])('that could not be dialled, %s, is a failure of the proxy', (error, code, detail) => {
    const { inner, handlers } = tunnel();
    const told: unknown[] = [];
    handlers.onClose = (error) => told.push(error);
    inner.onClose(error);
    expect(told).toEqual([expect.objectContaining({ code, detail })]);
  });
});
