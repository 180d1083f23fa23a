// What a server may answer to an offer of compression, and what it may not (RFC 6455 §9.1, RFC 7692 §5.1 and §7.1).

import { Agent } from 'node:http';
import type { WebSocket } from 'ws';
import { RawPeer } from '../../support/raw-peer';
import { inflating } from './compression';
import type { RawServer } from './peers';
import { type Script, script } from './script';
import { show } from './show';
import { EVENTS, type Options, type Stage } from './stage';

const HEADER = 'Sec-WebSocket-Extensions: ';
const NAME = 'permessage-deflate';
const SERVER_ALONE = 'server_no_context_takeover';
const CLIENT_ALONE = 'client_no_context_takeover';
const SERVER_BITS = 'server_max_window_bits';
const CLIENT_BITS = 'client_max_window_bits';
const ALL = [SERVER_ALONE, CLIENT_ALONE, `${SERVER_BITS}=10`, `${CLIENT_BITS}=10`];

/** Gives the next request an answer with these lines; a client that takes it says something, and both end. */
async function answer(server: RawServer, client: WebSocket, ...lines: string[]): Promise<void> {
  const closed = new Promise<false>((resolve) => client.once('close', () => resolve(false)));
  const opened = new Promise<true>((resolve) => client.once('open', () => resolve(true)));
  const peer = await server.peer();
  const inflated = inflating();
  const what = lines.map((line) => `<${line.replace(HEADER, '')}>`).join(' and ');
  peer.show = (frame) => `${what} ${inflated(frame)}`;
  peer.write(Buffer.from(RawPeer.answer(await peer.readHead(), ...lines), 'latin1'));
  if (await Promise.race([opened, closed])) {
    client.send('hello hello hello');
    await peer.next();
    await peer.finish();
    await closed;
  } else await peer.rest();
}

/** All that is told about such an answer, event by event. */
async function told(stage: Stage, lines: string[], events = EVENTS, protocols: string[] = []): Promise<void> {
  const server = await stage.raw();
  const client = stage.connect(server.url, protocols, { perMessageDeflate: true }, events);
  stage.note(client, 'extensions', client.extensions, client.protocol);
  client.on('open', () => stage.note(client, 'extensions', client.extensions, client.protocol));
  await answer(server, client, ...lines);
  stage.note(client, 'extensions', client.extensions, client.protocol);
}

/** What becomes of each of these answers, in one line; an answer may have more than one header. */
async function each(stage: Stage, options: Options, ...all: (string | string[])[]): Promise<void> {
  for (const one of all) {
    const values = typeof one === 'string' ? [one] : one;
    const server = await stage.raw();
    const client = stage.connect(server.url, [], { perMessageDeflate: true, ...options }, []);
    const outcome = [values.map((value) => `<${value}>`).join(' and ')];
    client.on('open', () => outcome.push(`open ${show(client.extensions)}`));
    client.on('error', (error) => outcome.push(`error ${show(error)}`));
    client.on('close', (code) => outcome.push(`close ${code} ${show(client.extensions)}`));
    await answer(server, client, ...values.map((value) => HEADER + value));
    stage.told.write(outcome.join(', '));
  }
}

/** What becomes of each of these parameters. */
function parameters(name: string, options: Options['perMessageDeflate'], ...all: string[]): Script {
  return script(name, (stage) => each(stage, { perMessageDeflate: options }, ...all.map((one) => `${NAME}; ${one}`)));
}

/** What becomes of these sizes of a window, on both sides. */
function windows(name: string, ...values: unknown[]): Script {
  return parameters(name, {}, ...[SERVER_BITS, CLIENT_BITS].flatMap((one) => values.map((value) => `${one}=${value}`)));
}

export const agreements = [
  // As they are told.
  script('no answer', (stage) => told(stage, [])),
  script('no parameters', (stage) => told(stage, [HEADER + NAME])),
  script('an answer that is wrong', (stage) => told(stage, [`${HEADER}${NAME}; foo`])),
  script('answers that a listener of upgrade sees', async (stage) => {
    for (const value of [NAME, `${NAME}; foo`]) await told(stage, [HEADER + value], [...EVENTS, 'upgrade']);
  }),
  script('a subprotocol next to it', (stage) =>
    told(stage, [HEADER + NAME, 'Sec-WebSocket-Protocol: chat'], EVENTS, ['chat']),
  ),
  script('two faults in an answer', async (stage) => {
    const wrong = `${HEADER}foo`;
    await told(stage, [wrong, 'Sec-WebSocket-Protocol: other'], EVENTS, ['chat']);
    await told(stage, [wrong], EVENTS, ['chat']);
    await told(stage, [wrong, 'Sec-WebSocket-Accept: x']);
  }),

  // Parameters.
  parameters('no context', {}, SERVER_ALONE, CLIENT_ALONE, `${SERVER_ALONE}; ${CLIENT_ALONE}`),
  parameters(
    'no context with a value',
    {},
    ...['true', '1', '"x"', '', '""'].flatMap((value) => [`${SERVER_ALONE}=${value}`, `${CLIENT_ALONE}=${value}`]),
  ),
  windows('windows', 8, 9, 10, 11, 12, 13, 14, 15),
  parameters('windows without a value', {}, SERVER_BITS, CLIENT_BITS),
  windows('windows out of their range', '7', '16', '0', '-8', '100', '1e9'),
  windows('windows that are no numbers', 'x', '10x', 'true', '10.5', 'NaN', 'Infinity'),
  windows('windows with leading zeros', '010', '08'),
  windows('windows as numbers of JavaScript', '1e1', '0xa', '+10', '10.0'),
  windows('windows in quotes', '"10"', '"8"', '"x"', '"16"'),
  windows('windows in quotes with escapes', '"1\\0"', '"\\1\\0"', '"1\\\\0"'),
  windows('windows whose quotes are wrong', '"', '""', '"10', '10"', "'10'", '" 10"', '"10"x', '"1,0"', '"10\\"'),
  parameters(
    'a parameter twice',
    {},
    ...ALL.flatMap((one) => [`${one}; ${one}`, `${one}; ${one.replace(/=.*/, '')}=11`]),
  ),
  parameters('parameters in upper case', {}, ...ALL.map((one) => one.toUpperCase())),
  parameters('all parameters', {}, ALL.join('; '), [...ALL].reverse().join('; ')),
  parameters('a parameter that is unknown', {}, 'foo', 'foo=1', `${SERVER_ALONE}; foo`, `foo; ${SERVER_BITS}=99`),
  parameters('a parameter with a name of JavaScript', {}, '__proto__', '__proto__=1', 'constructor', 'length=2'),

  // Syntax.
  script('blanks and tabs where they may be', (stage) =>
    each(
      stage,
      {},
      `${NAME};${SERVER_BITS}=10`,
      `${NAME} ; ${SERVER_BITS}=10`,
      `${NAME}\t;\t${SERVER_BITS}=10\t;  ${CLIENT_ALONE}`,
      `   ${NAME}   `,
      `${NAME}; ${SERVER_BITS}=10 `,
    ),
  ),
  script('blanks where they may not be', (stage) =>
    each(
      stage,
      {},
      `${NAME}; ${SERVER_BITS} =10`,
      `${NAME}; ${SERVER_BITS}= 10`,
      `${NAME}; ${SERVER_BITS}=1 0`,
      `${NAME} x`,
    ),
  ),
  script('a header that is empty', (stage) => each(stage, {}, '', '   ', '\t', ['', ''])),
  script('a header that is empty, and one that is not', (stage) => each(stage, {}, ['', NAME], [NAME, ''])),
  script('no list of extensions', (stage) =>
    each(
      stage,
      {},
      ...[';', ',', '=', `;${NAME}`, `,${NAME}`, `${NAME};`, `${NAME},`, `${NAME};;`, `${NAME}; =10`, `${NAME}=1`],
      ...[`${NAME}; ${SERVER_BITS}==10`, `"${NAME}"`, `${NAME}/1`, `${NAME}\u00e9`, `${NAME}; a@b`, `${NAME}; ;`],
    ),
  ),

  // Other extensions, and more than one.
  script('the extension in upper case', (stage) => each(stage, {}, 'Permessage-Deflate', 'PERMESSAGE-DEFLATE')),
  script('another extension', (stage) =>
    each(stage, {}, 'foo', 'x-webkit-deflate-frame', 'a; b=9', `${NAME}2`, 'constructor', '__proto__', 'toString'),
  ),
  script('two extensions', (stage) =>
    each(stage, {}, `${NAME}, foo`, `foo, ${NAME}; ${SERVER_ALONE}`, `${NAME},foo;a=1;b`, [NAME, 'foo'], ['foo', NAME]),
  ),
  script('the extension twice', (stage) => each(stage, {}, `${NAME}, ${NAME}`, [NAME, NAME])),
  script('the extension twice with other parameters', (stage) =>
    each(stage, {}, `${NAME}; ${CLIENT_ALONE}, ${NAME}`, `${NAME}, ${NAME}; ${CLIENT_ALONE}`, `${NAME}, ${NAME}; foo`, [
      `${NAME}; ${CLIENT_ALONE}`,
      `${NAME}; ${SERVER_BITS}=99`,
    ]),
  ),

  // Against the offer.
  script('an answer to no offer', async (stage) => {
    for (const perMessageDeflate of [false, undefined, null]) {
      await each(stage, { perMessageDeflate } as never, NAME, 'foo', '', '"');
    }
  }),
  script('an answer to an offer of one’s own', (stage) =>
    each(stage, { perMessageDeflate: false, headers: { 'Sec-WebSocket-Extensions': NAME } }, NAME),
  ),
  script('an answer to an offer that finishRequest took back', (stage) => {
    const finishRequest: Options['finishRequest'] = (request) => {
      request.removeHeader('Sec-WebSocket-Extensions');
      request.end();
    };
    return each(stage, { finishRequest }, NAME);
  }),
  script('answers through an agent', async (stage) => {
    const agent = new Agent();
    stage.later(() => agent.destroy());
    await each(stage, { agent }, `${NAME}; ${CLIENT_ALONE}`, `${NAME}; foo`, 'foo', '');
  }),
  parameters(
    'windows where none were offered',
    { clientMaxWindowBits: false as never },
    ...[`${CLIENT_BITS}=15`, `${CLIENT_BITS}=8`, `${SERVER_BITS}=8`],
  ),
  parameters(
    'a window of the client up to what was offered',
    { clientMaxWindowBits: 10 },
    ...[`${CLIENT_BITS}=9`, `${CLIENT_BITS}=10`, SERVER_ALONE],
  ),
  parameters(
    'a window of the client beyond what was offered',
    { clientMaxWindowBits: 10 },
    ...[`${CLIENT_BITS}=11`, `${CLIENT_BITS}=15`],
  ),
  parameters(
    'a window of the client, offered as no number',
    { clientMaxWindowBits: '10' as never },
    ...[`${CLIENT_BITS}=10`, `${CLIENT_BITS}=11`],
  ),
  parameters('a window of the client, offered as 0', { clientMaxWindowBits: 0 }, `${CLIENT_BITS}=9`),
  parameters(
    'a window of the server up to what was asked for',
    { serverMaxWindowBits: 10 },
    ...[`${SERVER_BITS}=9`, `${SERVER_BITS}=10`],
  ),
  parameters('a window of the server beyond what was asked for', { serverMaxWindowBits: 10 }, `${SERVER_BITS}=11`),
  parameters('a window of the server that was asked for in vain', { serverMaxWindowBits: 10 }, CLIENT_ALONE),
  parameters('a window of the server that was refused', { serverMaxWindowBits: false as never }, `${SERVER_BITS}=11`),
  parameters('a server that does not do without its context', { serverNoContextTakeover: true }, `${SERVER_BITS}=15`),
  parameters('a server that does without its context unasked', { serverNoContextTakeover: false }, SERVER_ALONE),
  parameters('a client that is to do without its context', { clientNoContextTakeover: false }, CLIENT_ALONE),
  parameters(
    'a client that does without its context, and need not',
    { clientNoContextTakeover: true },
    ...[`${SERVER_BITS}=15`, CLIENT_ALONE],
  ),
];
