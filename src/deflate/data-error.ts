// What is thrown where data is no DEFLATE data, in the words of zlib and with its numbers: whoever reports it knows no other. It
// does not know where that is found.

/** As in zlib.h. */
export const Z_DATA_ERROR = -3;

export function dataError(message: string): Error {
  return Object.assign(new Error(message), { errno: Z_DATA_ERROR, code: 'Z_DATA_ERROR' });
}
