// What an AsyncTcpConnection can be asked, one test for each row, named by what the documentation says of it.
// callback/questions.test.ts tests each of them deeply.

import { describe, expect, expectTypeOf, it } from 'vitest';
import { AsyncTcpConnection } from '../../src/index';
import { record } from '../support/event-log';
import { openTo } from '../support/hostile-peer';
import { TEXT } from '../support/raw-peer';
import { echoServer, rawServer } from '../support/servers';

type Connection = AsyncTcpConnection;

function unconnected(): AsyncTcpConnection {
  return new AsyncTcpConnection('ws://127.0.0.1:9');
}

describe('questions', () => {
  it('getStatus(asNumber = true): INITIAL 0, CONNECTING 1, ESTABLISHED 2, ENDING 4, CLOSING 8, CLOSED 16, or the name', async () => {
    expectTypeOf(unconnected().getStatus(false)).toEqualTypeOf<
      'INITIAL' | 'CONNECTING' | 'ESTABLISHED' | 'ENDING' | 'CLOSING' | 'CLOSED'
    >();
    expectTypeOf(unconnected().getStatus()).toBeNumber();
    expectTypeOf(unconnected().getStatus(true)).toBeNumber();
    const server = await rawServer('ws');
    const connection = server.client();
    const seen: [number, string][] = [];
    const look = (): unknown => seen.push([connection.getStatus(), connection.getStatus(false)]);
    const log = record(connection);
    look();
    for (const leave of ['end', 'close'] as const) {
      connection.connect();
      look();
      await server.acceptedPeer();
      await log.until(({ events }) => events.at(-1) === 'open 101');
      look();
      if (leave === 'end') connection.end();
      else connection.close();
      look();
      connection.destroy();
      look();
    }
    expect(seen).toEqual([
      [0, 'INITIAL'],
      [1, 'CONNECTING'],
      [2, 'ESTABLISHED'],
      [4, 'ENDING'],
      [16, 'CLOSED'],
      [1, 'CONNECTING'],
      [2, 'ESTABLISHED'],
      [8, 'CLOSING'],
      [16, 'CLOSED'],
    ]);
  });

  it('getRemoteIp/Port/Address/Host/URI, getLocalIp/Port/Address, isIpV4/isIpV6', async () => {
    expectTypeOf<
      ReturnType<Connection['getRemoteIp' | 'getRemoteHost' | 'getRemoteURI' | 'getLocalIp' | 'getLocalAddress']>
    >().toBeString();
    expectTypeOf<ReturnType<Connection['getRemotePort' | 'getLocalPort']>>().toBeNumber();
    expectTypeOf<ReturnType<Connection['isIpV4' | 'isIpV6']>>().toBeBoolean();
    const server = await echoServer('ws');
    const connection = server.client('/path?q=1');
    expect([connection.getRemoteIp(), connection.getRemotePort(), connection.getLocalAddress()]).toEqual(['', 0, '']);
    const log = record(connection);
    connection.connect();
    await log.until('open 101');
    expect([connection.getRemoteIp(), connection.getRemotePort()]).toEqual(['127.0.0.1', server.port]);
    expect(connection.getRemoteAddress()).toBe(`127.0.0.1:${server.port}`);
    expect([connection.getRemoteHost(), connection.getRemoteURI()]).toEqual(['127.0.0.1', '/path?q=1']);
    expect(connection.getLocalAddress()).toBe(`${connection.getLocalIp()}:${connection.getLocalPort()}`);
    expect([connection.isIpV4(), connection.isIpV6()]).toEqual([true, false]);
  });

  it('getSendBufferQueueSize, getRecvBufferQueueSize, bufferIsEmpty', async () => {
    expectTypeOf<ReturnType<Connection['getSendBufferQueueSize' | 'getRecvBufferQueueSize']>>().toBeNumber();
    const { connection, peer } = await openTo();
    expect([connection.getSendBufferQueueSize(), connection.bufferIsEmpty()]).toEqual([0, true]);
    connection.send('1234');
    expect([connection.getSendBufferQueueSize(), connection.bufferIsEmpty()]).toEqual([10, false]);
    expect(connection.getRecvBufferQueueSize()).toBe(0);
    peer.write(Buffer.from([TEXT, 100]), Buffer.alloc(60, 'x'));
    await expect.poll(() => connection.getRecvBufferQueueSize()).toBe(60);
  });
});
