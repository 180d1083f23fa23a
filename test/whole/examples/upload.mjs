// A file of any size as one message, and the answer, of any size, into another file: neither is ever in memory as a whole.
//
//   node upload.mjs ws://127.0.0.1:1234 from to

import { createReadStream, createWriteStream } from 'node:fs';
import { Writable } from 'node:stream';
import { connect } from 'wsimd';

const [url, from, to] = process.argv.slice(2);

// Nobody could read on where this file cannot be written.
const onError = (connection, _code, message) => {
  console.log(`error: ${message}`);
  connection.destroy();
};
const connection = await connect(url, { onError });
connection.onMessageStart = () => Writable.toWeb(createWriteStream(to).on('finish', () => connection.close()));
await connection.sendStream(createReadStream(from));
console.log('sent');
const { wasClean } = await connection.closed;
console.log(wasClean ? 'received' : 'lost: the file is not complete');
