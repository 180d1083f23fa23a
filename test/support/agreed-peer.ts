// A connection on which permessage-deflate was agreed, and the raw server that holds its other end.

import type { AsyncTcpConnection, PerMessageDeflateSetting } from '../../src/index';
import { type Direction, PeerInflate, RSV1 } from './compressed-frames';
import { type Callbacks, type EventLog, record } from './event-log';
import { type ClientFrame, RawPeer } from './raw-peer';
import { rawServer } from './servers';

export interface Agreed {
  readonly connection: AsyncTcpConnection;
  readonly log: EventLog;
  readonly peer: RawPeer;
  readonly request: string;
}

/** The server answers the offer of these options with `answer`, or with no extension if that is ''. */
export async function agreedTo(
  options: PerMessageDeflateSetting = true,
  answer = 'permessage-deflate',
  configure: (connection: AsyncTcpConnection) => void = () => {},
  callbacks: Callbacks = {},
): Promise<Agreed> {
  const server = await rawServer('ws');
  const connection = server.client();
  connection.perMessageDeflate = options;
  configure(connection);
  const log = record(connection, callbacks);
  connection.connect();
  const peer = await server.peer();
  const request = await peer.readHead();
  const headers = answer === '' ? [] : [`Sec-WebSocket-Extensions: ${answer}`];
  peer.write(Buffer.from(RawPeer.answer(request, ...headers)));
  await log.until('open 101');
  return { connection, log, peer, request };
}

/** What a client sends, as the server would read it. */
export class ClientMessages {
  private readonly inflate: PeerInflate;

  constructor(
    private readonly peer: RawPeer,
    direction: Direction = {},
  ) {
    this.inflate = new PeerInflate(direction);
  }

  /** `text deflated hello`, `binary plain <3 bytes>`, `ping `, …: the next message or control frame. */
  async next(): Promise<string> {
    const frame = await this.peer.readFrame();
    const opcode = frame.first & 0x0f;
    if (opcode >= 8) return `${['close', 'ping', 'pong'][opcode - 8]} ${frame.payload.toString('latin1')}`;
    const isCompressed = (frame.first & RSV1) !== 0;
    const payload = await this.wholePayload(frame);
    const message = isCompressed ? this.inflate.message(payload) : payload;
    const kind = `${opcode === 1 ? 'text' : 'binary'} ${isCompressed ? 'deflated' : 'plain'}`;
    return `${kind} ${opcode === 1 ? message : `<${message.length} bytes>`}`;
  }

  private async wholePayload(first: ClientFrame): Promise<Buffer> {
    const parts = [first.payload];
    for (let frame = first; (frame.first & 0x80) === 0; ) {
      frame = await this.peer.readFrame();
      if ((frame.first & 0x7f) !== 0) throw new Error(`A continuation began with ${frame.first}.`);
      parts.push(frame.payload);
    }
    return Buffer.concat(parts);
  }
}
