// What a compressed message inflates to (RFC 7692 §6.2), if it is text: validated like any other text, but by the host, which
// inflates, and with a state of its own: frames that follow in the same chunk have been decoded before.

import { EVENT_ASCII, RECORD_INFLATED_TEXT, TEXT_ASCII, TEXT_UTF8 } from './layout';
import { validate } from './utf8';

/** No flag is negative. */
const INVALID: i32 = -1;

/**
 * Takes the next `length` bytes of the message's text: returns EVENT_ASCII or 0, the flag that they would have on the tape, or
 * INVALID if they cannot be part of valid UTF-8, or end it inside a character.
 */
export function takeInflated(record: usize, at: usize, length: i32, isEnd: bool): i32 {
  const text = record + RECORD_INFLATED_TEXT;
  if (!validate(text, at, length)) return INVALID;
  if (isEnd && load<u32>(text, TEXT_UTF8) !== 0) return INVALID;
  const isAscii = load<u8>(text, TEXT_ASCII);
  if (isEnd) store<u8>(text, 1, TEXT_ASCII);
  return isAscii ? EVENT_ASCII : 0;
}
