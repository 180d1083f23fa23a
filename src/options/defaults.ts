// What holds where nothing is set: the defaults of every face. Times are in seconds and sizes in bytes, unless they say
// otherwise.

/** For all faces. */
export const MAX_FRAGMENTS = 131_072;
/** The smallest message that is compressed where it has no context: as with `ws`. */
export const COMPRESSION_THRESHOLD = 1_024;

/** For AsyncTcpConnection. */
export const CALLBACK = {
  connectTimeout: 10,
  closeTimeout: 5,
  lingerTimeout: 1,
  maxPackageSize: 10 * 1024 * 1024,
  maxSendBufferSize: 1024 * 1024,
};

/**
 * For its reconnect policy: full jitter, which is anything from 0 to a delay that grows from a second to half a minute. A
 * deployment takes some seconds, and a minute if it is slow.
 */
export const RECONNECT_POLICY = {
  minDelay: 1,
  maxDelay: 30,
  factor: 2,
  jitter: 1,
  maxRetries: Infinity,
  minUptime: 5,
  retryRefusalsFor: 60,
};

/** For the drop-in: those of `ws`. */
export const DROP_IN = {
  /** Milliseconds. */
  closeTimeout: 30_000,
  maxPayload: 100 * 1024 * 1024,
  maxRedirects: 10,
};

/** For `wsimd/web`. The standard knows no times; a server that is silent for so long is gone. */
export const WEB = {
  connectTimeout: 120,
  closeTimeout: 30,
  lingerTimeout: 2,
  /** As with `ws`: browsers set no limit, and memory must have one. */
  maxMessage: 100 * 1024 * 1024,
};

/** For `wsimd/framing`. */
export const FRAMING = { maxMessageSize: 10 * 1024 * 1024 };
