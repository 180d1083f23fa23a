// The process that is measured in codec rows: one codec, alone, without a socket. It owns what a codec provides, and
// must not know other codecs. In and out, its lines are those of client.mjs.
//
//   codec.mjs CODEC ROW    CODEC names a file in codecs/

/** @typedef {(data: string | Uint8Array, isBinary: boolean) => void} OnMessage a text message comes as a string */
/** @typedef {(bytes: Uint8Array) => void} OnBytes a frame or a piece of one; they need not outlive the call */
/** @typedef {{ feed: (chunk: Buffer) => void }} Decoder of server frames */
/** @typedef {{ encode: (data: string | Uint8Array) => void }} Encoder of messages, each into one client frame */

/**
 * What a file in codecs/ exports.
 * @typedef {object} Codec
 * @property {(onMessage: OnMessage) => Decoder} createDecoder
 * @property {(onBytes: OnBytes, longestPayload: number) => Encoder} createEncoder
 */

import process from 'node:process';
import { rowByName } from '../../rows.mjs';
import { payloadData } from '../../wire/payloads.mjs';
import { FrameSink, FrameSource } from './in-memory.mjs';
import { servePhases } from './phases.mjs';
import { Traffic } from './traffic.mjs';

const [name, rowName] = process.argv.slice(2);
if (name === undefined || rowName === undefined) throw new Error('usage: codec.mjs CODEC ROW');
const row = rowByName(rowName);
const phases = await createPhases();

try {
  await servePhases(row, (messages, verify) => phases.runPhase(messages, verify));
} catch (error) {
  console.error(`${name}, ${row.name}: ${error}`);
  process.exit(1);
}

async function createPhases() {
  const codec = await import(`../../codecs/${name}.mjs`);
  // The floor knows no messages, and so counts by itself.
  if (codec.createPhases !== undefined) return codec.createPhases(row);
  /** @type {OnMessage} */
  const onMessage = (data, isBinary) => traffic.onMessage(data, isBinary);
  const otherEnd =
    row.direction === 'receive'
      ? new FrameSource(row, codec.createDecoder(onMessage))
      : new FrameSink(row, codec.createEncoder, onMessage);
  const traffic = new Traffic(row, payloadData(row), otherEnd);
  return traffic;
}
