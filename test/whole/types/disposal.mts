// `using` and `await using` of a connection, for TypeScript that knows them. It is compiled, never run.

import { AsyncTcpConnection, connect } from 'wsimd';

export async function program(): Promise<void> {
  await using connection = await connect('ws://example.com');
  using other = new AsyncTcpConnection('ws://example.com');
  connection.send('text');
  other.connect();
  const disposed: Promise<void> = other[Symbol.asyncDispose]();
  await disposed;
}
