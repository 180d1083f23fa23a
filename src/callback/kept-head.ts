// The head of a server's answer, kept as long as its connection is open: most are never asked for it. The answers of one server differ
// in the value of Sec-WebSocket-Accept, and many in nothing else: so the rest is kept once for those that follow each other.

import { latin1Bytes, latin1Text } from '../handshake/header-text';
import { type HandshakeResponse, ResponseParser } from '../handshake/response-parser';

interface Rest {
  readonly text: string;
  /** Where the value stood in it. */
  readonly at: number;
}

let lastRest: Rest | undefined;

export class KeptHead {
  private readonly rest: Rest;
  private readonly value: string;

  constructor(response: HandshakeResponse) {
    const head = String(response);
    const value = response.headers['sec-websocket-accept'] ?? '';
    const at = head.indexOf(value);
    // Copies in one piece: the text of a head is one of many, which are 1 KiB, and a part of it keeps the whole.
    this.value = copied(value);
    const text = head.slice(0, at) + head.slice(at + value.length);
    if (lastRest?.at !== at || lastRest.text !== text) lastRest = { text: copied(text), at };
    this.rest = lastRest;
  }

  get response(): HandshakeResponse | undefined {
    const { text, at } = this.rest;
    const head = latin1Bytes(text.slice(0, at) + this.value + text.slice(at));
    const parser = new ResponseParser();
    parser.push(head, 0, head.length);
    return parser.response;
  }
}

function copied(text: string): string {
  const bytes = latin1Bytes(text);
  return latin1Text(bytes, 0, bytes.length);
}
