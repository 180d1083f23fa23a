// `connect()`: a connection made, set and opened in one call. It knows the public class, and which of its members can be set; what
// options and settings mean is not its business.

import { checkObject } from '../options/checks';
import type { ConnectionOptions } from '../options/socket-options';
import type { Connect } from '../transport/contract';
import { AsyncTcpConnection } from './async-tcp-connection';
import type { ReconnectPolicyOption } from './backoff';
import type { MessageCallback } from './callbacks';
import type { SendQueuePolicy } from './offline-queue';

type IfSame<One, Other, Then> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? Then : never;

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] };

type Members = AsyncTcpConnection;

/** What can be set, callbacks included: neither methods nor what is only read. */
type Settable = {
  [Name in keyof Members]-?: Members[Name] extends (...rest: never[]) => unknown
    ? never
    : IfSame<Pick<Members, Name>, Writable<Pick<Members, Name>>, Name>;
}[keyof Members];

/** What may be set to more than is got, or is an option of the constructor, too. */
interface OtherThanGot {
  /** 'tcp' or 'ssl' is the property of the connection; a function opens the byte pipe, as the constructor's option does. */
  readonly transport?: 'tcp' | 'ssl' | Connect | undefined;
  /** It comes back by itself: `{}`, more of a policy, or a function of the attempt; default: not. */
  readonly reconnectPolicy?: ReconnectPolicyOption | undefined;
  /** Bounds of what waits while there is no open connection; `false`: nothing does. Default: what `maxSendBufferSize` allows. */
  readonly sendQueue?: SendQueuePolicy | false | undefined;
  /** One whole message: a string for text, or bytes of your own. */
  readonly onMessage?: MessageCallback<AsyncTcpConnection> | undefined;
}

/** Over their own keys: only so a mapped type keeps the documentation of each. */
type PlainMembers = Pick<Members, Exclude<Settable, keyof OtherThanGot>>;

/** The options of the constructor, and whatever can be set on an AsyncTcpConnection, callbacks included, by its name. */
export type ConnectOptions = Omit<ConnectionOptions, keyof OtherThanGot> &
  OtherThanGot & { readonly [Name in keyof PlainMembers]?: PlainMembers[Name] | undefined };

/**
 * Makes a connection, sets what the options say, connects, and resolves with it when it is open: `await connect(url)` is
 * `new AsyncTcpConnection(url)`, `connect()` and `await opened`. Messages that came along with the handshake's answer are told a turn
 * of the event loop later.
 *
 * @param url as for the constructor
 * @param options those of the constructor, and any property or callback of the connection by its name: `headers`, `reconnectPolicy`,
 *   `onMessage` …; what is undefined counts as not given
 * @throws (rejects with) a TypeError or RangeError for an option that is unknown or wrong; else the reason why it is not open, a
 *   WsimdError or HandshakeError, once no attempt follows. Then nothing of it is left
 */
export async function connect(
  url: ConstructorParameters<typeof AsyncTcpConnection>[0],
  options: ConnectOptions = {},
): Promise<AsyncTcpConnection> {
  checkObject(options, 'options');
  const all = Object.entries(options).filter(([, value]) => value !== undefined);
  const isOption = ([name, value]: [string, unknown]): boolean => !isSettable(name, value);
  const connection = new AsyncTcpConnection(url, Object.fromEntries(all.filter(isOption)));
  for (const one of all) if (!isOption(one)) Reflect.set(connection, ...one);
  connection.connect();
  await connection.opened;
  return connection;
}

function isSettable(name: string, value: unknown): boolean {
  if (name === 'transport') return typeof value === 'string';
  return name === 'context' || Object.getOwnPropertyDescriptor(AsyncTcpConnection.prototype, name)?.set !== undefined;
}
