// The second argument of the constructor in a bundle for the edge, whose own sockets take no option of TCP or TLS: every name is
// handed on as it stands, and the transport says of each that it has no such thing. Rules for their values, hints, and what
// Workerman's contexts mean would be a fifteenth of such a program.

import { isAbortSignal } from '../base/brands';
import type { DialOptions } from '../transport/contract';
import { checkObject, describe } from './checks';
import type { ConnectionOptions } from './socket-options';

/** What these say by default needs no transport to know of it. */
const DEFAULTS: Readonly<Record<string, boolean>> = {
  verify_peer: true,
  verify_peer_name: true,
  allow_self_signed: false,
  SNI_enabled: true,
};

/** @throws TypeError that names the option which is wrong, or which no socket here takes */
export function socketOptions(argument: ConnectionOptions): DialOptions {
  checkObject(argument, 'options', 'an object');
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(argument)) {
    if (name === 'ssl' || name === 'socket') checkContext(`options.${name}`, value);
    else if (name === 'signal' && value !== undefined && !isAbortSignal(value))
      throw wrong(name, 'an AbortSignal', value);
    else if (name === 'transport' && value !== undefined && typeof value !== 'function')
      throw wrong(name, 'a function', value);
    else options[name] = value;
  }
  return options;
}

/** PHP's names would be nothing to a transport, and silence about them a lie. */
function checkContext(parent: string, context: unknown): void {
  if (context === undefined) return;
  checkObject(context, parent, 'an object');
  for (const [name, value] of Object.entries(context)) {
    if (value !== undefined && value !== DEFAULTS[name])
      throw new TypeError(
        `${parent}.${name}: this runtime has no such thing; a transport takes options by Node's names.`,
      );
  }
}

function wrong(name: string, must: string, value: unknown): TypeError {
  return new TypeError(`options.${name} must be ${must}, not ${describe(value)}.`);
}
