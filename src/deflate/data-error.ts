// What is thrown where data is no DEFLATE data, in the words of zlib and with its numbers: whoever reports it knows no other. It does not
// know where that is found.

/** Z_DATA_ERROR of zlib.h. */
const ERRNO = -3;

export function dataError(message: string): Error {
  return Object.assign(new Error(message), { errno: ERRNO, code: 'Z_DATA_ERROR' });
}
