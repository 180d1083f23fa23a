// Every number that WebAssembly and its host both use. A leaf: it imports nothing, and both compilers read this one file
// (AssemblyScript natively, TypeScript through the types in src/ambient.d.ts). Addresses are here too, so that the host knows them
// before there is a core.

// Opcodes (RFC 6455 §5.2).
export const OP_CONTINUATION: i32 = 0x0;
export const OP_TEXT: i32 = 0x1;
export const OP_BINARY: i32 = 0x2;
export const OP_CLOSE: i32 = 0x8;
export const OP_PING: i32 = 0x9;
export const OP_PONG: i32 = 0xa;

// The two header bytes (RFC 6455 §5.2).
export const FIN_BIT: i32 = 0x80;
export const RSV1_BIT: i32 = 0x40;
export const RSV23_BITS: i32 = 0x30;
export const OPCODE_BITS: i32 = 0x0f;
export const MASK_BIT: i32 = 0x80;
export const LENGTH_BITS: i32 = 0x7f;
export const LENGTH_16: i32 = 126;
export const LENGTH_64: i32 = 127;
/** "All control frames MUST have a payload length of 125 bytes or less" (RFC 6455 §5.5). */
export const CONTROL_MAX: i32 = 125;
/** The largest header: 2 bytes, 8 of extended length, 4 of masking key. */
export const HEADER_MAX: i32 = 14;

// Roles: who masks (RFC 6455 §5.1). A client masks what it sends and refuses masked frames; a server the other way round.
export const ROLE_CLIENT: i32 = 0;
export const ROLE_SERVER: i32 = 1;

// The event tape: one entry per piece of payload, two 32-bit words.
//   word 0   address of the piece in wasm memory
//   word 1   length << EVENT_LENGTH_SHIFT | flags | opcode
// A piece is what one chunk holds of one frame, or of frames that follow each other in one message. Control frames always come
// whole, as one piece.
export const EVENT_BYTES: i32 = 8;
export const EVENT_LENGTH_SHIFT: i32 = 12;
export const EVENT_OPCODE: i32 = 0x00f;
/** No byte of this message was delivered before this piece. */
export const EVENT_START: i32 = 0x010;
/** The piece ends its message (or its control frame). */
export const EVENT_END: i32 = 0x020;
/** The piece ends its frame. */
export const EVENT_FRAME_END: i32 = 0x040;
/** Text: every byte of the message so far is ASCII. */
export const EVENT_ASCII: i32 = 0x080;
/** The piece belongs to the first frame of its message. */
export const EVENT_FIRST_FRAME: i32 = 0x100;
/** The message is compressed (RFC 7692 §6): the piece is of its DEFLATE data, and nobody has looked at it. */
export const EVENT_COMPRESSED: i32 = 0x200;
/** In place of an opcode: the stream is broken, the length field holds the fault's number, nothing follows. */
export const EVENT_FAULT: i32 = 0xf;
/**
 * In place of an opcode, with the opcode of its message added: a header has said that the message is larger than the limit. The
 * length field holds what it has by that header, or MOST_TOLD; RECORD_REFUSED has it as well, until another message is too large.
 */
export const EVENT_BEYOND: i32 = 0xc;
/** So much, or more. No chunk holds as much: such a message is at most the first or the last of its chunk. */
export const MOST_TOLD: i32 = 0xfffff;

/** Payloads that `gather` puts side by side begin at multiples of this: any typed array can lie over them. */
export const GATHER_ALIGNMENT: i32 = 8;

// A connection's record: all that decoding must remember between two chunks. Offsets in bytes.
export const RECORD_BYTES: i32 = 192;
/** u64: payload bytes of the current frame that have not arrived. */
export const RECORD_REMAINING: i32 = 0;
/** u64: payload bytes of the current message that have arrived. */
export const RECORD_RECEIVED: i32 = 8;
/** u64: the largest message this connection accepts, in bytes. */
export const RECORD_MAX_MESSAGE: i32 = 16;
/**
 * u64: what a fault found. The opcode if the first byte of a header is wrong, the length field with FAULT_CONTROL_LENGTH, the
 * code with FAULT_CLOSE_CODE, and with FAULT_MESSAGE_TOO_BIG the size that broke the limit, in bytes.
 */
export const RECORD_REFUSED: i32 = 24;
/** u32: the most fragments one message may have. */
export const RECORD_MAX_FRAGMENTS: i32 = 32;
/** u32: fragments of the current message so far. */
export const RECORD_FRAGMENTS: i32 = 36;
/** u32: masking key of the current frame, rotated to the next payload byte. */
export const RECORD_KEY: i32 = 40;
/** The state of the current message's text as it comes; see TEXT_UTF8. */
export const RECORD_TEXT: i32 = 44;
/** u8: STAGE_HEADER, STAGE_PAYLOAD or STAGE_ENDED. */
export const RECORD_STAGE: i32 = 49;
/** u8: first byte of the current frame's header (fin, opcode). */
export const RECORD_FRAME: i32 = 50;
/** u8: ROLE_CLIENT or ROLE_SERVER. */
export const RECORD_ROLE: i32 = 51;
/** u8: OP_TEXT or OP_BINARY of the message in progress, 0 between messages. With the next one it is a u16, of an event's bits. */
export const RECORD_MESSAGE: i32 = 52;
/** u8: EVENT_COMPRESSED >> 8 while the message in progress is compressed, else 0. */
export const RECORD_COMPRESSED: i32 = 53;
/** u8: 1 where each frame is an entry of its own; elsewhere pieces of one message that follow each other are one. */
export const RECORD_WANTS_FRAMES: i32 = 54;
/** u8: 1 where text is not validated: neither messages nor the reasons of close frames. EVENT_ASCII means nothing there. */
export const RECORD_UNCHECKED: i32 = 55;
/** The state of the text that the current compressed message inflates to, as RECORD_TEXT. */
export const RECORD_INFLATED_TEXT: i32 = 56;
/** u8: 1 where permessage-deflate was negotiated: a message may be compressed (RFC 7692 §6). */
export const RECORD_DEFLATES: i32 = 61;
/** u8: bytes in RECORD_STAGED. */
export const RECORD_STAGED_LENGTH: i32 = 62;
/**
 * u8: 0, or where messages may be larger than the limit LIMIT_TOLD: EVENT_BEYOND stands in place of the fault then, once for a
 * message; with LIMIT_BROKEN it is to be written, with LIMIT_PASSED it was.
 */
export const RECORD_LIMIT: i32 = 63;
export const LIMIT_TOLD: i32 = 1;
export const LIMIT_BROKEN: i32 = 3;
export const LIMIT_PASSED: i32 = 5;
/** HEADER_MAX bytes: a header cut by the end of a chunk; or CONTROL_MAX bytes: a control frame's payload, likewise. */
export const RECORD_STAGED: i32 = 64;

// The state of a text, relative to RECORD_TEXT or RECORD_INFLATED_TEXT: 5 bytes.
/** u32: UTF-8 bytes still expected; see utf8.ts. */
export const TEXT_UTF8: i32 = 0;
/** u8: 1 while every byte of the text is ASCII. */
export const TEXT_ASCII: i32 = 4;

export const STAGE_HEADER: i32 = 0;
export const STAGE_PAYLOAD: i32 = 1;
/** After a close frame or a fault: whatever else arrives is not read (RFC 6455 §5.5.1, §7.1.7). */
export const STAGE_ENDED: i32 = 2;

// Faults: what a peer can do wrong in the frames. src/base/frame-faults.ts holds code, close status and sentence of each.
export const FAULT_RSV1: i32 = 1;
export const FAULT_RSV23: i32 = 2;
export const FAULT_OPCODE: i32 = 3;
export const FAULT_CONTINUATION: i32 = 4;
export const FAULT_EXPECTED_CONTINUATION: i32 = 5;
export const FAULT_CONTROL_FRAGMENTED: i32 = 6;
export const FAULT_CONTROL_LENGTH: i32 = 7;
export const FAULT_UNEXPECTED_MASK: i32 = 8;
export const FAULT_EXPECTED_MASK: i32 = 9;
export const FAULT_LENGTH_NOT_MINIMAL: i32 = 10;
export const FAULT_LENGTH_TOP_BIT: i32 = 11;
export const FAULT_MESSAGE_TOO_BIG: i32 = 12;
export const FAULT_TOO_MANY_FRAGMENTS: i32 = 13;
export const FAULT_UTF8: i32 = 14;
export const FAULT_CLOSE_LENGTH: i32 = 15;
export const FAULT_CLOSE_CODE: i32 = 16;
export const FAULT_CLOSE_UTF8: i32 = 17;

// Regions of the one memory. Sizes in bytes.
/** One read window for all connections of the thread: 512 MiB cost 81–99 ms of CPU with 512 KiB, 133–145 with 64 KiB. */
export const WINDOW_BYTES: i32 = 524288;
/**
 * Levels of feeds, each inside a handler of the one before it: how many, and the window that each has for bytes that are copied
 * in.
 */
export const NESTED_LEVELS: i32 = 7;
export const NESTED_WINDOW_BYTES: i32 = 32768;
/** Send blocks: one holds the frames that one connection writes in one tick. */
export const BLOCKS: i32 = 24;
/**
 * Two segments of the loopback interface, 65,483 bytes each, and not a byte more: 131,072 were three, the third of 106 bytes,
 * and 1 MiB cost 655 µs instead of 386. Twice as much at a time was slower (511), and so was half with 16 KiB (5.8 for 4.9).
 */
export const BLOCK_BYTES: i32 = 130944;
/** Masking keys, four bytes each, filled by the host from a CSPRNG (65,536 bytes is getRandomValues' own limit). */
export const KEYS_BYTES: i32 = 16384;
/** UTF-16 on its way in or out; a text longer than half of this many units goes in pieces. */
export const SCRATCH_BYTES: i32 = 1048576;
/** What a compressed message inflates to, piece by piece; one place for each level. */
export const INFLATED_BYTES: i32 = 131072;
/** Connections that one thread can decode at a time. */
export const RECORDS: i32 = 65536;
/** Bytes in front of every window: there the beginning of a cut control frame is joined to the rest of it. */
export const HEADROOM_BYTES: i32 = 128;
/** Bytes behind every region that a load of 16 bytes may read, and a store of up to two such may overwrite. */
export const SLACK_BYTES: i32 = 64;

// Where they are, one behind the other, each on a line of the cache. Untouched pages cost nothing: the operating system commits
// them at the first write.
/** Below this lie the tables of the transcoders, to which the compiler gives their places. */
export const REGIONS: i32 = 16384;
/** Where the transport reads to. */
export const WINDOW: i32 = REGIONS + HEADROOM_BYTES;
/**
 * The events of the chunk in the window. The smallest frame has 2 bytes and makes one event, and a fault may follow: no chunk can
 * overflow its tape.
 */
export const TAPE: i32 = WINDOW + WINDOW_BYTES + SLACK_BYTES;
/** NESTED_LEVELS windows, one behind the other, each with its head-room. */
export const NESTED_WINDOWS: i32 = (TAPE + (WINDOW_BYTES / 2 + 2) * EVENT_BYTES + 63) & -64;
/** And their tapes. */
export const NESTED_TAPES: i32 = NESTED_WINDOWS + NESTED_LEVELS * (HEADROOM_BYTES + NESTED_WINDOW_BYTES + SLACK_BYTES);
export const SEND_BLOCKS: i32 = (NESTED_TAPES + NESTED_LEVELS * (NESTED_WINDOW_BYTES / 2 + 2) * EVENT_BYTES + 63) & -64;
/** A send block that nobody leases: frames pass through it on their way to the heap. */
export const STAGING: i32 = SEND_BLOCKS + BLOCKS * (BLOCK_BYTES + SLACK_BYTES);
/** Where the host inflates to, a place for each level of feeds; see text-buffer.ts for what it lays in front. */
export const INFLATED: i32 = STAGING + BLOCK_BYTES + SLACK_BYTES + HEADROOM_BYTES;
export const KEYS: i32 = INFLATED - HEADROOM_BYTES + NESTED_LEVELS * (HEADROOM_BYTES + INFLATED_BYTES + SLACK_BYTES);
export const SCRATCH: i32 = KEYS + KEYS_BYTES;
export const CONNECTION_RECORDS: i32 = SCRATCH + SCRATCH_BYTES + SLACK_BYTES;
/** All of the memory. */
export const MEMORY_BYTES: i32 = 33554432;
