// Byte pipes over the sockets of workerd, Cloudflare's runtime. What it cannot do that an option asks for is said before it
// dials.

import { connect as connectTcp, type Socket } from 'cloudflare:sockets';
import { CONNECTION_FAULTS, WsimdError } from '../base/faults';
import { messageOf } from '../base/thrown';
import type { Connect, TransportTarget } from './contract';
import { tunnelled } from './proxy/tunnel';
import { overStreams, type StreamPair } from './streams';

export const dial: Connect = (target, handlers) => {
  const { hostname, port, secure, tlsFollows = false } = target;
  refuse(target);
  const secureTransport = secure ? 'on' : tlsFollows ? 'starttls' : 'off';
  const address = { hostname: hostname.includes(':') ? `[${hostname}]` : hostname, port };
  const socket = connectTcp(address, { secureTransport, allowHalfOpen: true });
  const place = `${hostname} port ${port}`;
  let isSecure = secure;
  return overStreams(
    pairOf(socket, () => (isSecure = true)),
    handlers,
    (error, isUp) => {
      const reason = messageOf(error);
      if (isUp) return new WsimdError(CONNECTION_FAULTS.reset, reason, error);
      // Where a handshake of TLS fails, workerd tells no more than that.
      const isTls = isSecure && /tls|certificate|handshake/i.test(reason);
      return new WsimdError(isTls ? CONNECTION_FAULTS.tls : CONNECTION_FAULTS.connect, `${place}, ${reason}`, error);
    },
  );
};

/** By way of a proxy, where the target has one. */
export const connect: Connect = (target, handlers) => tunnelled(dial)(target, handlers);

function pairOf(socket: Socket, onTls: () => void): StreamPair {
  return {
    readable: socket.readable,
    writable: socket.writable,
    opened: socket.opened.then(({ remoteAddress, localAddress }) => ({
      ...addressOf('remote', remoteAddress),
      ...addressOf('local', localAddress),
    })),
    closed: socket.closed,
    close: () => socket.close(),
    startTls: (target) => {
      refuse(target);
      onTls();
      return pairOf(socket.startTls({ expectedServerHostname: target.hostname }), onTls);
    },
    copiesWrites: true,
    socket,
  };
}

/** `127.0.0.1:80`, `[::1]:80`; workerd shows a name where it was given one. */
function addressOf(end: 'remote' | 'local', text: string | undefined): object {
  const parts = /^(.*):(\d+)$/.exec(text ?? '');
  if (parts === null) return {};
  const [, address, port] = parts;
  return { [`${end}Address`]: address!.replace(/^\[|\]$/g, ''), [`${end}Port`]: Number(port) };
}

/** What its sockets do already. */
const DEFAULTS: Readonly<Record<string, boolean>> = { keepAlive: false, noDelay: true };

/**
 * Names resolve, certificates verify and sockets bind as the platform has it: every option that a transport gets asks for
 * something else.
 *
 * @throws WsimdError unsupported
 */
function refuse({ options, socketPath, secure, tlsFollows }: TransportTarget): void {
  const given = Object.entries(options).filter(([name, value]) => value !== undefined && value !== DEFAULTS[name]);
  const asked = given.map(([name]) => nameOf(name));
  if (socketPath !== undefined) asked.push('a socket file');
  if (secure && tlsFollows) asked.push('TLS through a proxy that is reached by TLS');
  if (asked.length > 0)
    throw new WsimdError(CONNECTION_FAULTS.unsupported, `${asked.join(', ')}: workerd has no such thing`);
}

function nameOf(name: string): string {
  if (name === 'verification') return 'rules of options.ssl for certificates';
  return name === 'files' ? 'certificates in files' : `the option ${name}`;
}
