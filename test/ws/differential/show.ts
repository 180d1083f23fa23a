// One value of an event or a call as a line of a log shows it: what two implementations must agree on, and no accident of a
// run. It knows values, no connection.

import { createHash } from 'node:crypto';
import { ClientRequest, IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';

/** Beyond so many bytes a digest says enough. */
const LONG = 64;
/** What an error tells in its own properties and no program can rely on. */
const ACCIDENTS = new Set(['cert', 'library', 'stack']);

function bytes(kind: string, data: Uint8Array): string {
  if (data.length <= LONG) return `${kind} <${Buffer.from(data).toString('hex')}>`;
  return `${kind} of ${data.length} bytes, ${createHash('sha1').update(data).digest('hex').slice(0, 12)}`;
}

function error(value: Error): string {
  const own = Object.entries(value)
    .filter(([name]) => !ACCIDENTS.has(name))
    // Of the answer itself only its length is no accident: it has the key in it.
    .map(([name, one]) => ` ${name}=${name === 'rawPacket' ? `${(one as Buffer).length} bytes` : show(one)}`)
    .sort();
  const name = value.name === value.constructor.name ? value.name : `${value.constructor.name} named ${value.name}`;
  return `${name} ${JSON.stringify(value.message)}${own.join('')}`;
}

function response(value: IncomingMessage): string {
  const headers = Object.entries(value.headers)
    .filter(([name]) => name !== 'date' && name !== 'sec-websocket-accept')
    .map(([name, one]) => `${name}: ${one}`);
  return `IncomingMessage ${value.statusCode} ${JSON.stringify(value.statusMessage)} {${headers.join('; ')}}`;
}

/** Those of the four event classes, of which only what they are made of is compared. */
function event(value: object): string {
  const parts: string[] = [];
  for (const name in value) parts.push(`${name}=${show((value as Record<string, unknown>)[name])}`);
  return `${value.constructor.name} {${parts.sort().join(' ')}}`;
}

/** Whose instances are shown by their name alone. */
function isParty(value: object): boolean {
  return 'readyState' in value && 'binaryType' in value;
}

export function show(value: unknown): string {
  if (typeof value === 'string')
    return value.length <= LONG ? JSON.stringify(value) : bytes('text', Buffer.from(value));
  if (typeof value === 'function') return 'function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (Buffer.isBuffer(value)) return bytes('Buffer', value);
  if (value instanceof Uint8Array) return bytes('Uint8Array', value);
  if (value instanceof ArrayBuffer) return bytes('ArrayBuffer', new Uint8Array(value));
  if (value instanceof Blob) return `Blob of ${value.size} bytes, type ${JSON.stringify(value.type)}`;
  if (value instanceof Error) return error(value);
  if (value instanceof IncomingMessage) return response(value);
  if (value instanceof ClientRequest) return `ClientRequest ${value.method} ${value.path}`;
  if (isParty(value)) return 'the WebSocket';
  if (value instanceof Duplex) return 'a Duplex';
  if ('target' in value && 'type' in value) return event(value);
  return JSON.stringify(value) ?? String(value);
}
