// The differences from `ws` that wsimd has on purpose, each with its reason. The tests hold them to the letter: a difference
// that is gone, or has become another one, fails.

export interface Owned {
  readonly area: string;
  /** The name of the script that shows it. */
  readonly script: string;
  readonly reason: string;
  /** Lines that only `ws` has (`-`) and that only wsimd has (`+`), in order; a pattern where versions of Node.js differ. */
  readonly lines: readonly (string | RegExp)[];
}

const MASKED = 'A client masks all frames, whatever it is told (RFC 6455 §5.1).';
const SHORTEST = 'A length must have its shortest form (RFC 6455 §5.2).';
const TERMINATED = 'Nothing is delivered any more behind terminate().';
const INNER = 'V8 quotes what the options are called inside.';
const EARLY = 'The request waits for TLS, so it is TLS that fails, not the writing of the request.';
const FINISHERS = ['5', '[object Object]', 'f', 'true'];

function longLength(script: string, message: string): Owned {
  const lines = [
    message,
    '- CLOSED close 1000 Buffer <>',
    /^\+ CLOSING error .*minimal number of bytes.* code="WS_ERR_INVALID_PAYLOAD_LENGTH"/,
    '+ CLOSED close 1006 Buffer <>',
    '- frame 0x88 Buffer <03e8>',
    '+ frame 0x88 Buffer <03ea>',
  ];
  return { area: 'received', script, reason: SHORTEST, lines };
}

function unmasked(script: string, ...frames: readonly (readonly [opcode: string, payload: string])[]): Owned {
  const lines = [
    ...frames.map(([opcode, payload]) => `- frame ${opcode} UNMASKED Buffer <${payload}>`),
    ...frames.map(([opcode, payload]) => `+ frame ${opcode} Buffer <${payload}>`),
  ];
  return { area: frames.length > 1 ? 'sent' : 'controls', script, reason: MASKED, lines };
}

function terminated(event: string, ...messages: readonly string[]): Owned {
  const lines = messages.map((payload) => `- CLOSING message Buffer <${payload}> false`);
  return { area: 'closing', script: `terminate() in the listener of a ${event}`, reason: TERMINATED, lines };
}

function reservedBits(first: string): Owned {
  return {
    area: 'frame faults',
    script: `reserved bits: 0x${first}`,
    reason: 'Of two faults in one byte another one is told first.',
    lines: [
      '- CLOSING error RangeError "Invalid WebSocket frame: RSV2 and RSV3 must be clear" code="WS_ERR_UNEXPECTED_RSV_2_3"',
      '+ CLOSING error RangeError "Invalid WebSocket frame: RSV1 must be clear" code="WS_ERR_UNEXPECTED_RSV_1"',
    ],
  };
}

function pinged(script: string, ...payloads: readonly string[]): Owned {
  return {
    area: 'limits and options',
    script,
    reason: 'All pings are answered: a peer that pings on and reads nothing is not read from, so pongs need no limit.',
    lines: [
      ...payloads.map((payload) => `- CLOSING ping Buffer <${payload}>`),
      ...payloads.map((payload) => `+ OPEN ping Buffer <${payload}>`),
      ...payloads.map((payload) => `+ frame 0x8a Buffer <${payload}>`),
      '+ frame 0x88 Buffer <03e8>',
    ],
  };
}

/** What follows the exception. */
function thrown(script: string, ...more: readonly string[]): Owned {
  const lines = [...more, '+ close 3 1000 ', '+ exit 0 3', '+ frame 0x88 Buffer <03e8>'];
  return {
    area: 'programs',
    script,
    reason: 'An exception in a listener is uncaught, and the connection goes on.',
    lines,
  };
}

function unheard(script: string): Owned {
  const lines = ['+ close 3 1006 ', '- exit 0 2', '+ exit 0 3'];
  return { area: 'programs', script, reason: 'There is an end, though nobody listens for the error.', lines };
}

export const owned: readonly Owned[] = [
  {
    area: 'the class',
    script: 'the class',
    reason: 'There is a class between it and EventEmitter.',
    lines: ['- emitter true true', '- true', '+ emitter true false', '+ false'],
  },
  {
    area: 'the class',
    script: 'a subclass',
    reason: 'A close frame of the server is answered without a call of close().',
    lines: ['- close of the subclass'],
  },
  {
    area: 'emitters',
    script: 'emit() of a subclass',
    reason: 'Without a listener there is no event upgrade, nor the response it would show.',
    lines: [
      '- CONNECTING emits upgrade IncomingMessage 101 "Switching Protocols" {upgrade: websocket; connection: Upgrade}',
    ],
  },
  {
    area: 'connecting',
    script: 'a server that speaks no TLS',
    reason: EARLY,
    lines: [
      /^- CLOSING error Error "write EPROTO .*wrong version number.*" code="EPROTO" errno=-71 syscall="write"$/,
      /^\+ CLOSING error Error ".*wrong version number.*" code="ERR_SSL_WRONG_VERSION_NUMBER" reason="wrong version number"/,
    ],
  },
  {
    area: 'connecting',
    script: 'a server that ends during TLS',
    reason: 'The port of the error is a number.',
    lines: [/^- .* code="ECONNRESET" .* port="<port 1>"$/, /^\+ .* code="ECONNRESET" .* port=<port 1>$/],
  },
  {
    area: 'closing',
    script: 'close with a status that is a fraction',
    reason: 'A status is an integer (RFC 6455 §7.4).',
    lines: [
      '- close returns undefined',
      '- CLOSING still',
      '+ close throws TypeError "First argument must be a valid error code number"',
      '+ OPEN still',
      '- frame 0x88 Buffer <03e8>',
      '+ frame 0x88 Buffer <>',
    ],
  },
  terminated('message', '74776f', '7468726565'),
  terminated('ping', '74776f'),
  terminated('pong', '74776f'),
  longLength('a length in a longer form than it needs', '- OPEN message Buffer <73686f7274> false'),
  longLength(
    'a length in the longest form, though it is short',
    '- OPEN message Buffer of 200 bytes, 94218caae990 true',
  ),
  {
    area: 'received',
    script: 'messages of one segment, in turns, and the end of TCP',
    reason: 'The end of TCP is seen behind all that came before it.',
    lines: [
      '- CLOSING message Buffer <62> false',
      '- CLOSING ping Buffer <70>',
      '+ OPEN message Buffer <62> false',
      '+ OPEN ping Buffer <70>',
      '+ frame 0x8a Buffer <70>',
    ],
  },
  unmasked('a mask that is refused', ['0x81', '61'], ['0x82', '62']),
  unmasked('ping with a mask that is none', ['0x89', '7a']),
  unmasked('pong with a mask that is none', ['0x8a', '7a']),
  {
    area: 'controls',
    script: 'pause in the listener of a message, with another of the same segment',
    reason: 'Nothing is delivered behind pause(), not even from the same segment.',
    lines: ['+ OPEN resume', '- OPEN resume'],
  },
  reservedBits('f1'),
  reservedBits('51'),
  {
    area: 'frame faults',
    script: 'a length with its top bit',
    reason: 'It is a protocol error (RFC 6455 §5.2), not too much.',
    lines: ['- frame 0x88 Buffer <03f1>', '+ frame 0x88 Buffer <03ea>'],
  },
  {
    area: 'frame faults',
    script: 'fragments of which the first is no UTF-8',
    reason: 'Invalid UTF-8 fails the connection as soon as it is there (RFC 6455 §8.1), not behind the last fragment.',
    lines: ['- OPEN ping Buffer <6265747765656e>', '- frame 0x8a Buffer <6265747765656e>'],
  },
  unheard('a refused port that nobody listens for'),
  unheard('close before it is open that nobody listens for'),
  thrown('an exception in the listener of a message', '+ message 1 two false', '- given up', '- exit 0 2'),
  ...(
    [
      ['every listener of a message', 'message'],
      ['an event listener', 'a listener'],
      ['an attribute', 'an attribute'],
    ] as const
  ).map(([where, what]) =>
    thrown(
      `an exception in ${where}`,
      '+ message 1 two false',
      '- given up',
      '- exit 0 2',
      `+ uncaught RangeError  in ${what}`,
    ),
  ),
  thrown('an exception in the listener of a ping', '+ message 1 behind false', '- given up', '- exit 0 2'),
  {
    area: 'limits and options',
    script: 'options that are no functions',
    reason: INNER,
    lines: [
      ...FINISHERS.map((one) => `- finishRequest ${one}: throws TypeError "opts.finishRequest is not a function"`),
      ...FINISHERS.map((one) => `+ finishRequest ${one}: throws TypeError "options.finishRequest is not a function"`),
    ],
  },
  {
    area: 'limits and options',
    script: 'a version of TLS that the server has not',
    reason: EARLY,
    lines: [
      /^- CLOSING error Error "write EPROTO .*alert protocol version.*" code="EPROTO" errno=-71 syscall="write"$/,
      /^\+ CLOSING error Error ".*alert protocol version.*" code="ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"/,
    ],
  },
  pinged('62 pings in one segment', '3630', '3631'),
  pinged('6 pings in one segment, of which 5 may wait', '35'),
];
