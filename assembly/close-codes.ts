// The one rule that the core and its host both ask for. Like layout.ts it is read by both compilers, and imports nothing.

/**
 * Codes that may stand in a frame: defined (RFC 6455 §7.4.1, IANA registry to 1014), or for libraries and applications, 3000–4999
 * (§7.4.2). 1005, 1006 and 1015 "MUST NOT be set as a status code in a Close control frame", 1004 is reserved.
 */
export function isCloseCode(code: i32): bool {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
