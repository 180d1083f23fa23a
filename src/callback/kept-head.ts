// The head of a server's answer, kept as long as its connection is open: most are never asked for it. The answers of one server differ
// in the value of Sec-WebSocket-Accept, and many in nothing else: so the rest is kept once for those that follow each other, and
// each connection has that value beside it.

import { latin1Bytes, latin1Text } from '../handshake/header-text';
import { type HandshakeResponse, ResponseParser } from '../handshake/response-parser';

/** All but the value of Sec-WebSocket-Accept. */
export class KeptHead {
  constructor(
    readonly text: string,
    /** Where the value stood in it. */
    readonly at: number,
  ) {}

  responseWith(accept: string): HandshakeResponse | undefined {
    const { text, at } = this;
    const head = latin1Bytes(text.slice(0, at) + accept + text.slice(at));
    const parser = new ResponseParser();
    parser.push(head, 0, head.length);
    return parser.response;
  }
}

let last: KeptHead | undefined;

export function keptHeadOf(response: HandshakeResponse, accept: string): KeptHead {
  const head = String(response);
  const at = head.indexOf(accept);
  const text = head.slice(0, at) + head.slice(at + accept.length);
  if (last?.at !== at || last.text !== text) last = new KeptHead(copied(text), at);
  return last;
}

/** The value of Sec-WebSocket-Accept. */
export function acceptOf({ headers }: HandshakeResponse): string {
  return copied(headers['sec-websocket-accept'] ?? '');
}

/** In one piece: the text of a head is one of many, which are 1 KiB, and a part of it keeps the whole. */
function copied(text: string): string {
  const bytes = latin1Bytes(text);
  return latin1Text(bytes, 0, bytes.length);
}
