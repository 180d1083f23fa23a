// A client in a process of its own that is sent one large compressed message, with two connections beside it in that process, one
// of them in the midst of a compressed message of its own: they are talked to before, meanwhile and behind.

import { expect } from 'vitest';
import { bomb } from '../whole/resources/inflate.mjs';
import type { Costs } from '../whole/resources/meter.mjs';
import { ClientMessages } from './agreed-peer';
import { ChildProgram, reportOf } from './child-program';
import { PeerDeflate } from './compressed-frames';
import { CLOSE, frame, PING, PONG, RawPeer, statusOf, TEXT } from './raw-peer';
import { rawServer } from './servers';

export type Face = 'callback' | 'ws' | 'web';

export interface Bombed {
  /** What it closed with, if it did. */
  readonly status: number | undefined;
  readonly costs: Costs & { readonly victim: string[] };
}

/** Sends it so many zeros; what `options` are depends on the face. */
export async function bombClient(
  face: Face,
  options: object,
  opcode: number,
  size: number,
  fragmentBytes: number | undefined,
): Promise<Bombed> {
  const server = await rawServer('ws');
  const words = `'${server.url}', '${face}', ${JSON.stringify(options)}`;
  const program = new ChildProgram(`import { bombed } from './test/whole/resources/inflate.mjs'; bombed(${words});`);
  const peers = new Map<string, RawPeer>();
  for (let i = 0; i < 3; i += 1) {
    const peer = await server.peer();
    const request = await peer.readHead();
    const name = /^GET \/(\w+) /.exec(request)![1]!;
    const extensions = name === 'plain' ? [] : ['Sec-WebSocket-Extensions: permessage-deflate'];
    peer.write(Buffer.from(RawPeer.answer(request, ...extensions)));
    peers.set(name, peer);
  }
  const [victim, plain, compressed] = ['victim', 'plain', 'compressed'].map((name) => peers.get(name)!) as [
    RawPeer,
    RawPeer,
    RawPeer,
  ];
  const neighbours = new Neighbours(plain, compressed);
  await neighbours.exchange();
  victim.write(bomb(opcode, 100_000, fragmentBytes));
  await answerOf(victim);
  plain.write(frame(TEXT, 'warm'));
  expect((await plain.readFrame()).payload.toString()).toBe('ready');
  await neighbours.exchange();
  let status: number | undefined;
  await neighbours.exchangeAround(async () => {
    const bytes = bomb(opcode, size, fragmentBytes);
    victim.socket.write(bytes.subarray(0, 500));
    await answerOf(plain);
    await answerOf(compressed);
    victim.socket.write(bytes.subarray(500));
    status = await answerOf(victim);
  });
  if (status !== undefined) {
    await victim.end();
    victim.socket.end();
  }
  await neighbours.exchange();
  plain.write(frame(TEXT, status === undefined ? 'report' : 'report when closed'));
  await plain.end();
  for (const peer of peers.values()) peer.socket.destroy();
  return { status, costs: await reportOf(program) };
}

/** Pings, and waits for the pong to that; or for a close frame, whose status is returned. */
async function answerOf(peer: RawPeer): Promise<number | undefined> {
  peer.write(frame(PING, 'and now?'));
  for (;;) {
    const answer = await peer.readFrame();
    if (answer.first === CLOSE) return statusOf(answer);
    if (answer.first === PONG && answer.payload.toString() === 'and now?') return undefined;
  }
}

/** Those beside it. */
class Neighbours {
  private readonly deflate = new PeerDeflate();
  private readonly plainSays: ClientMessages;
  private readonly compressedSays: ClientMessages;

  constructor(
    private readonly plain: RawPeer,
    private readonly compressed: RawPeer,
  ) {
    this.plainSays = new ClientMessages(plain);
    this.compressedSays = new ClientMessages(compressed);
  }

  /** Each gets a message, compressed with the context of all before it or not at all, and answers it. */
  exchange(): Promise<void> {
    return this.exchangeAround(async () => {});
  }

  /** The first half of each message comes before that, the second half behind it. */
  async exchangeAround(between: () => Promise<void>): Promise<void> {
    const halves = ['a message of the same words, ', 'interrupted in its midst'] as const;
    const [first, second] = this.deflate.frames(1, ...halves) as [Buffer, Buffer];
    this.plain.write(frame(0x01, halves[0]));
    this.compressed.write(first);
    await between();
    this.plain.write(frame(0x80, halves[1]));
    this.compressed.write(second);
    expect(await this.plainSays.next()).toBe(`text plain plain heard ${halves.join('')}`);
    expect(await this.compressedSays.next()).toBe(`text deflated compressed heard ${halves.join('')}`);
  }
}
