// Writes by the handle under a TCP socket of Node.js. The stream above it makes a request of its own for each write, and costs half a
// microsecond of the nine that a short message takes there and back; where nothing waits in it, it adds nothing to the bytes. The
// handle's method is not public, so whatever is not as it is known here goes through the stream, which always works.

import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import { queueSoon } from '../../runtime/tasks';
import { isBun, isDeno } from '../../runtime/which';

/** What stands for a write that the system has not taken whole; it comes back with a status: 0, or the negative number of an error. */
interface WriteRequest {
  /** Called on it, unless the system has taken all within the call. */
  oncomplete?: (this: WriteRequest, status: number) => void;
  /** Who is told. */
  writer?: DirectWriter;
  /** What it reads from meanwhile, where it is held. */
  buffer?: Uint8Array;
  /** Node.js 26: it has come to its end within the call. */
  readonly writeStatus?: number | null;
}

interface Handle {
  /**
   * Returns 0, or the negative number of an error, and then nothing was written. From Node.js 26 on there is no request unless it is
   * needed, and then it is what is returned.
   */
  writeBuffer(request: WriteRequest | null, bytes: Uint8Array): number | WriteRequest;
  readonly writeQueueSize: number;
}

interface WithHandle {
  readonly _handle?: Handle | null;
}

/** Makes what a write is given; undefined as long as the stream has not shown that. */
let makeRequest: (() => WriteRequest | null) | undefined;
let isLookedFor = !isBun && !isDeno;

export interface DirectWriter {
  /** A write that was held has come to its end; or one that was not, and yet has failed: 0, or the negative number of an error. */
  directlyWritten(status: number): void;
}

function onComplete(this: WriteRequest, status: number): void {
  // Of one that was not held there is nothing to be told, unless it has failed.
  if (this.buffer !== undefined || status < 0) this.writer?.directlyWritten(status);
}

/** The request tells the writer of its end. */
function tells(writer: DirectWriter, request: WriteRequest): void {
  request.writer = writer;
  request.oncomplete = onComplete;
}

/** What came of it: the system has all; it has a part, and `directlyWritten` follows; or it is for the stream to write. */
export type DirectWrite = 'written' | 'held' | 'not taken';

/** To be called when a TCP socket is up, and its stream is about to write for the first time: that is looked at. */
export function lookForRequests(socket: Socket): void {
  const handle = (socket as unknown as WithHandle)._handle;
  if (!isLookedFor || typeof handle?.writeBuffer !== 'function' || typeof handle.writeQueueSize !== 'number') return;
  const shown: Handle['writeBuffer'] = (request, bytes) => {
    isLookedFor = false;
    Reflect.deleteProperty(handle, 'writeBuffer');
    const result = handle.writeBuffer(request, bytes);
    makeRequest = makerOf(request, result);
    return result;
  };
  Object.defineProperty(handle, 'writeBuffer', { value: shown, configurable: true });
}

/** Undefined: it is not as it is known here. */
function makerOf(request: unknown, result: unknown): typeof makeRequest {
  if (request === null && (typeof result === 'number' || typeof result === 'object')) return () => null;
  const Request = (request as WriteRequest | undefined)?.constructor as (new () => WriteRequest) | undefined;
  return typeof result === 'number' && Request?.name === 'WriteWrap' ? () => new Request() : undefined;
}

/**
 * Writes bytes by the handle of a TCP socket that is up. Those of a write that is held are not changed before the writer was told of
 * its end.
 */
export function writeDirectly(socket: Socket, bytes: Uint8Array, writer: DirectWriter): DirectWrite {
  const handle = (socket as unknown as WithHandle)._handle;
  if (makeRequest === undefined || handle == null || !isUntouched(socket)) return 'not taken';
  // One for each write: whether the system still has it cannot be seen, and a request that is given twice ends the process.
  const request = makeRequest();
  // Beforehand: a write of which a part had left may fail within the call, with nothing in the queue, and tells it later.
  if (request !== null) tells(writer, request);
  const result = handle.writeBuffer(request, bytes);
  if (typeof result === 'number') {
    // What went wrong goes wrong again where the stream tells it.
    if (result !== 0) return 'not taken';
    if (request === null || handle.writeQueueSize === 0) return 'written';
  }
  const held = typeof result === 'number' ? request! : result;
  held.buffer = bytes;
  if (held !== request) tells(writer, held);
  const { writeStatus } = held;
  if (typeof writeStatus === 'number') queueSoon(() => writer.directlyWritten(writeStatus));
  return 'held';
}

/** Whether nothing waits in the stream, has a part in its writes, or a timer that they set back. */
function isUntouched(socket: Socket): boolean {
  return (
    socket.writableLength === 0 &&
    !socket.writableEnded &&
    socket.writableCorked === 0 &&
    !socket.timeout &&
    socket.write === Duplex.prototype.write &&
    socket._write === Socket.prototype._write
  );
}

/** The runtime's own error for such a status. */
export function writeError(status: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { errno: status, code, syscall: 'write' });
}
