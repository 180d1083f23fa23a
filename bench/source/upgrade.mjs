// The server's half of the opening handshake (RFC 6455, section 4.2.2), for the sources. It owns what an upgrade request says
// and how it is accepted, and must not know sockets or rows, nor what an extension does.

import { createHash } from 'node:crypto';

// RFC 6455, section 1.3.
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * @typedef {object} Upgrade
 * @property {string} path without its `/`
 * @property {string} query without its `?`
 * @property {(extension: string) => boolean} offers
 * @property {(extension?: string) => string} response with the extension and its parameters, if one is agreed on
 */

/**
 * @param {string} head the request, whole, with the empty line at its end
 * @returns {Upgrade}
 */
export function readUpgrade(head) {
  const [, path, query = ''] = /^GET \/([^\s?]*)(?:\?(\S*))? HTTP\/1\.1\r\n/.exec(head) ?? [];
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1];
  if (path === undefined || key === undefined) throw new Error(`not an upgrade request: ${JSON.stringify(head)}`);
  const accept = createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64');
  return {
    path,
    query,
    offers: (extension) => new RegExp(`^sec-websocket-extensions:.*\\b${extension}\\b`, 'im').test(head),
    response: (extension) =>
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      (extension === undefined ? '' : `Sec-WebSocket-Extensions: ${extension}\r\n`) +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  };
}
