// The verdict on a response as it comes in: accepted with the bytes behind it left alone, refused with the beginning of its
// body, broken off.

import { describe, expect, it } from 'vitest';
import { CONNECTION_FAULTS, WsimdError } from '../../src/base/faults';
import { HandshakeError, HandshakeReader } from '../../src/handshake/reader';
import { ANSWER, KEY, latin1, SWITCHING } from '../support/heads';

const REQUEST = 'GET / HTTP/1.1\r\nX-Name: caf\xe9\r\n\r\n';
const ACCEPTED = `${SWITCHING}${ANSWER}\r\n`;
const REFUSED = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\n';

function reader(): HandshakeReader {
  return new HandshakeReader(REQUEST, { key: KEY, protocols: [] });
}

function read(reader: HandshakeReader, text: string): ReturnType<HandshakeReader['read']> {
  return reader.read(latin1(text), text.length);
}

describe('HandshakeReader', () => {
  it('gives the request as Latin-1', () => {
    expect(Buffer.from(reader().request)).toEqual(Buffer.from(REQUEST, 'latin1'));
  });

  it('accepts a response and leaves what is behind it', () => {
    const accepting = reader();
    expect(read(accepting, `${ACCEPTED}\x81\x00`)).toMatchObject({ status: 101 });
    expect(accepting.headLength).toBe(ACCEPTED.length);
  });

  it('accepts it in pieces, and looks at no more of a chunk than it is told to', () => {
    const accepting = reader();
    for (const character of ACCEPTED.slice(0, -1)) expect(read(accepting, character)).toBe('more');
    expect(accepting.read(latin1('\nnever seen'), 1)).toMatchObject({ status: 101 });
    expect(accepting.headLength).toBe(1);
  });

  it('returns what is no response as an error at once', () => {
    expect(read(reader(), 'SSH-2.0')).toMatchObject({ code: 'WS_ERR_HANDSHAKE_SYNTAX' });
  });

  it('returns a refusal with its body when that is whole, in one piece or in several', () => {
    const whole = read(reader(), `${REFUSED}go awayand more`);
    expect(whole).toBeInstanceOf(HandshakeError);
    expect(whole).toMatchObject({ code: 'WS_ERR_HANDSHAKE_STATUS', body: 'go awa', response: { status: 403 } });
    const refusing = reader();
    expect(read(refusing, `${REFUSED}go`)).toBe('body');
    expect(read(refusing, ' a')).toBe('more');
    expect(read(refusing, 'wa')).toMatchObject({ body: 'go awa' });
  });

  it('returns a refusal without a body at once', () => {
    expect(read(reader(), 'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n')).toMatchObject({ body: '' });
  });

  it('returns a refusal with as much of its body as there is, when nothing more comes', () => {
    const refusing = reader();
    read(refusing, `${REFUSED}go`);
    expect(refusing.verdictAtEnd()).toMatchObject({ code: 'WS_ERR_HANDSHAKE_STATUS', body: 'go' });
  });

  it('tells an end in the middle of the head, with the reason if there is one', () => {
    const cause = new Error('reset by peer');
    expect(reader().verdictAtEnd().cause).toBeUndefined();
    expect(reader().verdictAtEnd(cause)).toMatchObject({ code: 'WS_ERR_HANDSHAKE_ENDED', cause });
    expect(reader().verdictAtEnd(cause).message).toMatch(/: reset by peer\.$/);
  });

  it('gives the detail of an error of ours, not its whole sentence', () => {
    const cause = new WsimdError(CONNECTION_FAULTS.reset, 'read ECONNRESET');
    expect(reader().verdictAtEnd(cause)).toMatchObject({ detail: 'read ECONNRESET', cause });
  });

  it('does not take a mistake of the program for a refusal', () => {
    const broken = new HandshakeReader(REQUEST, { key: KEY, protocols: undefined as unknown as string[] });
    expect(() => read(broken, ACCEPTED)).toThrow(TypeError);
  });
});
