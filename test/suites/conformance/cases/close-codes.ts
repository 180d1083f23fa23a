// Which status may stand in a close frame, and what its reason must be.

import { CLOSE, closeFrame } from '../../../support/raw-peer';
import { category, heldAfter, REFUSED, type Spec } from '../case';
import { frame, hex } from '../wire';

/** Defined by RFC 6455 §7.4.1 or the IANA registry (1012–1014), or free for use (§7.4.2). */
const VALID = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4001, 4999,
];

/** Below, between and above: unused, reserved, or never to be sent. */
const INVALID = [
  0, 1, 255, 999, 1004, 1005, 1006, 1015, 1016, 1017, 1100, 1999, 2000, 2001, 2500, 2999, 5000, 5001, 10_000, 65_535,
];

const valid = VALID.map(
  (code): Spec => ({
    id: `7.4-status-${code}`,
    section: code < 3000 ? '7.4.1' : '7.4.2',
    says: `The status ${code} may be sent: it is told and answered with itself.`,
    server: [closeFrame(code, 'because')],
    close: code,
    ends: { code, reason: 'because' },
  }),
);

const invalid = INVALID.map(
  (code): Spec => ({
    id: `7.4-status-${code}-refused`,
    section: code < 1000 || code > 2999 ? '7.4.2' : '7.4.1',
    says: `The status ${code} must not be sent: refused by its second byte, before the reason has come.`,
    server: heldAfter(4, closeFrame(code, 'because')),
    fails: REFUSED.closeCode,
  }),
);

/** Reasons that are no UTF-8; a bar stands behind the first bad byte. */
const BAD_REASONS: readonly (readonly [name: string, digits: string])[] = [
  ['at-its-first-byte', 'ff| 62 61 64'],
  ['within', '67 6f 6f 64 20 80| 62 61 64'],
  ['with-a-surrogate', 'ce ba ed a0| 80 65 64'],
  ['with-a-long-form', 'c0| af 21'],
  ['above-the-last-character', 'f4 90| 80 80 21'],
  ['far-in', `${'61'.repeat(100)} c3 28| 21`],
];

const badReasons = BAD_REASONS.map(([name, digits]): Spec => {
  const [good, rest] = digits.split('|') as [string, string];
  return {
    id: `7.1.6-reason-bad-${name}`,
    section: '7.1.6',
    says: 'A reason that is not UTF-8 is refused at its first bad byte.',
    server: heldAfter(4 + hex(good).length, frame(CLOSE, Buffer.concat([hex('03e8'), hex(good), hex(rest)]))),
    fails: REFUSED.utf8,
  };
});

const cutReasons = ['c3', 'e2 82', 'f0 9f 91', '67 6f 6f 64 20 f0'].map(
  (digits, i): Spec => ({
    id: `7.1.6-reason-cut-${i + 1}`,
    section: '7.1.6',
    says: 'A reason must not end inside a character.',
    cuts: ['whole', 'bytes'],
    server: [frame(CLOSE, Buffer.concat([hex('03e8'), hex(digits)]))],
    fails: REFUSED.utf8,
  }),
);

export const closeCodes = category('Close status and reason', ...valid, ...invalid, ...badReasons, ...cutReasons);
