// The Sec-WebSocket-Extensions header (RFC 6455 §9.1), taken apart. Pure; it knows no extension.

import { isToken, trimBlanks } from './header-text';

export interface Extension {
  readonly name: string;
  /** In their order, as often as they come; true: without a value. */
  readonly parameters: readonly (readonly [name: string, value: string | true])[];
}

/** Undefined: it is not of the grammar of RFC 6455 §9.1. Empty elements of the list are (RFC 9110 §5.6.1.2). */
export function parseExtensions(header: string): readonly Extension[] | undefined {
  const extensions: Extension[] = [];
  for (const element of split(header, ',')) {
    if (trimBlanks(element) === '') continue;
    const [name, ...parameters] = split(element, ';').map(parseParameter);
    if (name === undefined || name[1] !== true || parameters.includes(undefined)) return undefined;
    extensions.push({ name: name[0], parameters: parameters as Extension['parameters'] });
  }
  return extensions;
}

/** A token, or a token with a value; undefined if it is neither. */
function parseParameter(text: string): readonly [name: string, value: string | true] | undefined {
  const equals = text.indexOf('=');
  const name = trimBlanks(equals === -1 ? text : text.slice(0, equals));
  if (!isToken(name)) return undefined;
  if (equals === -1) return [name, true];
  const value = unquote(trimBlanks(text.slice(equals + 1)));
  // "the value after quoted-string unescaping MUST conform to the 'token' ABNF" (RFC 6455 §9.1).
  return isToken(value) ? [name, value] : undefined;
}

/** What a quoted string stands for (RFC 9110 §5.6.4); other text as it is. */
function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  let value = '';
  for (let at = 1; at < text.length - 1; at += 1) {
    if (text[at] === '\\') at += 1;
    value += text[at];
  }
  return value;
}

/** Splits at every separator that is not in a quoted string. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) at += 1;
    else if (character === separator && !isQuoted) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
