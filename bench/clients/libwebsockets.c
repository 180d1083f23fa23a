// libwebsockets as a client that is measured: what client.mjs, phases.mjs and traffic.mjs are for the JavaScript libraries,
// with the same phases, the same checks and the same lines on standard input and output. It owns how libwebsockets is
// driven, and must not know other peers, nor how payloads are made.
//
//   libwebsockets URL ROW    ROW as JSON, see rows.mjs
//   libwebsockets --version
//
// The payloads come, one behind the other, from the file that the environment variable BENCH_PAYLOADS names.
//
// libwebsockets as its documentation wants it: one event loop, with poll, and messages are written where it says that the
// connection is writeable. There they are in batches, as in traffic.mjs. What the kernel does not take of a message the
// library keeps, and wants no further one until that has gone: so it holds one message at most, which is no more than the
// high-water mark of the others. Each message is a system call, and its masking key another one, that reads /dev/urandom.
// TCP_NODELAY stays on, as the library leaves it. That text is UTF-8 it checks only when it is asked to, as it is here (RFC
// 6455, section 8.1). Compression is at its own level, which is 1.
//
// Version 4.1 looks at each byte that arrives by itself, which is most of what a large message costs. And what arrives
// uncompressed where permessage-deflate was agreed on it delivers again and again, without end: the source sends no such message.

#include <inttypes.h>
#include <libwebsockets.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

// phases.mjs has the same numbers, and says why.
#define VERIFIED_BYTES (4.0 * 1024 * 1024)
#define FEWEST_TURNS_VERIFIED 2.0
#define MOST_VERIFIED 4000.0
#define WARM_UP_SECONDS 0.8
#define WARM_UP_PHASE_SECONDS 0.1

// That of traffic.mjs.
#define BATCH_BYTES (256 * 1024)

/** Of its buffer for what arrives. With 4 KiB, 64 and 512, 1 KiB binary costs the same: the bytes cost more than the calls. */
#define FEWEST_READ_BYTES (64 * 1024)
/** Besides the payload, for headers, and for what cannot be compressed and becomes longer. */
#define SLACK_BYTES 1024
/**
 * Of the buffers for compressing and inflating, as a power of 2. What does not fit in the first is sent in fragments, and what
 * does not fit in the second is delivered in pieces: of its own accord the library has 1 KiB for each.
 */
#define DEFLATE_BUFFER_POWER "17"

#define LONGEST_CONTROL 125

enum direction { RECEIVE, SEND, ECHO };

struct row {
  enum direction direction;
  bool isBinary;
  size_t bytes;
  uint64_t inFlight;
  bool deflates;
  bool serverNoContextTakeover;
  bool clientNoContextTakeover;
};

struct payloads {
  unsigned char *all;
  size_t each;
  uint64_t count;
};

struct measurement {
  uint64_t messages;
  double userMicroseconds;
  double systemMicroseconds;
  double wallMicroseconds;
};

struct traffic {
  struct row row;
  struct payloads payloads;
  struct lws_context *context;
  struct lws *connection;
  bool isOpen;
  bool isClosing;
  bool isClosed;
  char failure[256];

  // Of the phase.
  uint64_t messages;
  bool verify;
  bool isFinished;
  char control[LONGEST_CONTROL];
  uint64_t sent;
  uint64_t received;
  uint64_t sum;

  unsigned char *outgoing;
  unsigned char *incoming;
  size_t incomingBytes;
};

static int fail(struct traffic *traffic, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (traffic->failure[0] == '\0') vsnprintf(traffic->failure, sizeof traffic->failure, format, arguments);
  va_end(arguments);
  return -1;
}

static double microsecondsOf(struct timeval time) { return time.tv_sec * 1e6 + time.tv_usec; }

static double wallMicroseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

/** Those of the process so far; of two, the difference is a measurement. */
static struct measurement clocks(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (struct measurement){0, microsecondsOf(usage.ru_utime), microsecondsOf(usage.ru_stime), wallMicroseconds()};
}

static const unsigned char *payload(const struct traffic *traffic, uint64_t message) {
  return traffic->payloads.all + message % traffic->payloads.count * traffic->payloads.each;
}

/** As in traffic.mjs, the length and one byte from the middle; of bytes in text too, since here a text is bytes. */
static uint64_t sample(const unsigned char *data, size_t size) { return size + data[size / 2]; }

static uint64_t expectedSum(const struct traffic *traffic) {
  const uint64_t variants = traffic->payloads.count;
  uint64_t expected = 0;
  for (uint64_t variant = 0; variant < variants; variant++) {
    const uint64_t times = (traffic->messages + variants - 1 - variant) / variants;
    expected += times * sample(payload(traffic, variant), traffic->payloads.each);
  }
  return expected;
}

static bool maySend(const struct traffic *traffic) {
  if (traffic->row.direction == RECEIVE || traffic->sent == traffic->messages) return false;
  return traffic->row.direction == SEND || traffic->sent - traffic->received < traffic->row.inFlight;
}

/** libwebsockets masks in place, and writes the header in front: what is sent is a copy. */
static int writeMessage(struct traffic *traffic, const void *data, size_t size, enum lws_write_protocol type) {
  memcpy(traffic->outgoing + LWS_PRE, data, size);
  const int written = lws_write(traffic->connection, traffic->outgoing + LWS_PRE, size, type);
  return written < (int)size ? fail(traffic, "a message of %zu bytes was not taken", size) : 0;
}

static int onWriteable(struct traffic *traffic) {
  if (traffic->isClosing) {
    lws_close_reason(traffic->connection, LWS_CLOSE_STATUS_NORMAL, NULL, 0);
    return -1;
  }
  if (traffic->control[0] != '\0') {
    if (writeMessage(traffic, traffic->control, strlen(traffic->control), LWS_WRITE_TEXT) < 0) return -1;
    traffic->control[0] = '\0';
  }
  const enum lws_write_protocol type = traffic->row.isBinary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
  for (size_t batch = 0; batch < BATCH_BYTES && maySend(traffic); batch += traffic->row.bytes) {
    // The other way to ask, lws_send_pipe_choked, asks the kernel too, by a poll of 0.7 µs for each message.
    if (lws_partial_buffered(traffic->connection)) break;
    if (writeMessage(traffic, payload(traffic, traffic->sent), traffic->row.bytes, type) < 0) return -1;
    traffic->sent++;
  }
  if (maySend(traffic)) lws_callback_on_writable(traffic->connection);
  return 0;
}

static int onReport(struct traffic *traffic, const unsigned char *data, size_t size) {
  char text[LONGEST_CONTROL + 1] = "";
  memcpy(text, data, size < LONGEST_CONTROL ? size : LONGEST_CONTROL);
  uint64_t messages = 0;
  uint64_t bytes = 0;
  sscanf(text, "{\"messages\":%" SCNu64 ",\"bytes\":%" SCNu64 "}", &messages, &bytes);
  if (messages != traffic->messages || bytes != messages * traffic->row.bytes) {
    return fail(traffic, "not all of %" PRIu64 " messages arrived", traffic->messages);
  }
  traffic->isFinished = true;
  return 0;
}

static int onMessage(struct traffic *traffic, const unsigned char *data, size_t size) {
  if (traffic->row.direction == SEND) return onReport(traffic, data, size);
  if (traffic->verify) {
    const bool isBinary = lws_frame_is_binary(traffic->connection);
    const bool isRight = isBinary == traffic->row.isBinary && size == traffic->row.bytes &&
                         memcmp(data, payload(traffic, traffic->received), size) == 0;
    if (!isRight) return fail(traffic, "message %" PRIu64 " differs from what was sent", traffic->received);
  }
  if (size > 0) traffic->sum += sample(data, size);
  traffic->received++;
  if (maySend(traffic)) lws_callback_on_writable(traffic->connection);
  if (traffic->received < traffic->messages) return 0;
  if (traffic->sum != expectedSum(traffic)) {
    return fail(traffic, "the sum over %" PRIu64 " messages is wrong", traffic->messages);
  }
  traffic->isFinished = true;
  return 0;
}

/** A message comes in one piece but where it is fragmented; then its pieces are put together. */
static int onPiece(struct traffic *traffic, const unsigned char *data, size_t size) {
  const bool isLast = lws_is_final_fragment(traffic->connection);
  if (isLast && traffic->incomingBytes == 0) return onMessage(traffic, data, size);
  if (traffic->incomingBytes + size > traffic->row.bytes + SLACK_BYTES) return fail(traffic, "a message is too long");
  memcpy(traffic->incoming + traffic->incomingBytes, data, size);
  traffic->incomingBytes += size;
  if (!isLast) return 0;
  const size_t bytes = traffic->incomingBytes;
  traffic->incomingBytes = 0;
  return onMessage(traffic, traffic->incoming, bytes);
}

static int onOpen(struct traffic *traffic) {
  if (traffic->row.deflates) {
    lws_set_extension_option(traffic->connection, "permessage-deflate", "rx_buf_size", DEFLATE_BUFFER_POWER);
    lws_set_extension_option(traffic->connection, "permessage-deflate", "tx_buf_size", DEFLATE_BUFFER_POWER);
  }
  traffic->isOpen = true;
  return 0;
}

static int onEvent(struct lws *connection, enum lws_callback_reasons reason, void *user, void *in, size_t size) {
  struct traffic *traffic = user;
  (void)connection;
  switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      return onOpen(traffic);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return onWriteable(traffic);
    case LWS_CALLBACK_CLIENT_RECEIVE:
      return onPiece(traffic, in, size);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
      // Two bytes are the code; behind it is what the source has to say.
      if (!traffic->isClosing && size > 2) fail(traffic, "closed in mid-row: %.*s", (int)size - 2, (const char *)in + 2);
      return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      return fail(traffic, "no connection: %.*s", in == NULL ? 0 : (int)size, in == NULL ? "" : (const char *)in);
    case LWS_CALLBACK_CLIENT_CLOSED:
      traffic->isClosed = true;
      if (!traffic->isClosing) fail(traffic, "closed in mid-row");
      return 0;
    default:
      return 0;
  }
}

static int serviceUntil(struct traffic *traffic, const bool *condition) {
  while (!*condition && traffic->failure[0] == '\0') {
    if (lws_service(traffic->context, 0) < 0) return fail(traffic, "the event loop failed");
  }
  return traffic->failure[0] == '\0' ? 0 : -1;
}

static int connectTo(struct traffic *traffic, const char *url) {
  static struct lws_extension extensions[2];
  static char offer[128];
  snprintf(offer, sizeof offer, "permessage-deflate%s%s",
           traffic->row.serverNoContextTakeover ? "; server_no_context_takeover" : "",
           traffic->row.clientNoContextTakeover ? "; client_no_context_takeover" : "");
  extensions[0] = (struct lws_extension){"permessage-deflate", lws_extension_callback_pm_deflate, offer};

  const size_t messageBytes = traffic->row.bytes + SLACK_BYTES;
  const size_t readBytes = messageBytes > FEWEST_READ_BYTES ? messageBytes : FEWEST_READ_BYTES;
  static struct lws_protocols protocols[2];
  protocols[0] = (struct lws_protocols){
      .name = "bench",
      .callback = onEvent,
      .rx_buffer_size = readBytes,
      // More than that at a time it does not write.
      .tx_packet_size = messageBytes,
  };

  struct lws_context_creation_info creation = {
      .port = CONTEXT_PORT_NO_LISTEN,
      .protocols = protocols,
      .extensions = traffic->row.deflates ? extensions : NULL,
      .options = LWS_SERVER_OPTION_VALIDATE_UTF8,
      .pt_serv_buf_size = readBytes,
      .gid = -1,
      .uid = -1,
  };
  traffic->context = lws_create_context(&creation);
  if (traffic->context == NULL) return fail(traffic, "there is no context");

  char host[64];
  int port;
  char path[256];
  if (sscanf(url, "ws://%63[^:/]:%d%255s", host, &port, path) != 3) return fail(traffic, "not a URL: %s", url);
  // Between two rounds the connection is idle, and nobody is there to answer a ping.
  static const lws_retry_bo_t withoutPings = {0};
  const struct lws_client_connect_info connection = {
      .context = traffic->context,
      .address = host,
      .port = port,
      .path = path,
      .host = host,
      .origin = host,
      .local_protocol_name = "bench",
      .ietf_version_or_minus_one = -1,
      .userdata = traffic,
      .pwsi = &traffic->connection,
      .retry_and_idle_policy = &withoutPings,
  };
  if (lws_client_connect_via_info(&connection) == NULL) return fail(traffic, "there is no connection");
  return serviceUntil(traffic, &traffic->isOpen);
}

static int runPhase(struct traffic *traffic, uint64_t messages, bool verify, struct measurement *measurement) {
  traffic->messages = messages;
  traffic->verify = verify;
  traffic->isFinished = false;
  traffic->sent = traffic->received = traffic->sum = 0;
  const struct measurement start = clocks();
  snprintf(traffic->control, sizeof traffic->control, "{\"messages\":%" PRIu64 ",\"verify\":%s}", messages,
           verify ? "true" : "false");
  lws_callback_on_writable(traffic->connection);
  if (serviceUntil(traffic, &traffic->isFinished) < 0) return -1;
  const struct measurement end = clocks();
  *measurement = (struct measurement){messages, end.userMicroseconds - start.userMicroseconds,
                                      end.systemMicroseconds - start.systemMicroseconds,
                                      end.wallMicroseconds - start.wallMicroseconds};
  return 0;
}

static uint64_t messagesIn(double seconds, struct measurement last) {
  return fmax(1, round(last.messages / last.wallMicroseconds * seconds * 1e6));
}

static int warmUp(struct traffic *traffic, struct measurement *last) {
  const double fewest = FEWEST_TURNS_VERIFIED * traffic->payloads.count;
  const double verified = fmin(fmax(VERIFIED_BYTES / traffic->row.bytes, fewest), MOST_VERIFIED);
  if (runPhase(traffic, verified, true, last) < 0) return -1;
  const double end = wallMicroseconds() + WARM_UP_SECONDS * 1e6;
  while (wallMicroseconds() < end) {
    if (runPhase(traffic, messagesIn(WARM_UP_PHASE_SECONDS, *last), false, last) < 0) return -1;
  }
  return 0;
}

static int obey(struct traffic *traffic, struct measurement last) {
  puts("ready");
  fflush(stdout);
  for (char line[64]; fgets(line, sizeof line, stdin) != NULL;) {
    if (runPhase(traffic, messagesIn(strtod(line, NULL), last), false, &last) < 0) return -1;
    printf("{\"messages\":%" PRIu64 ",\"userMicroseconds\":%f,\"systemMicroseconds\":%f,\"wallMicroseconds\":%f}\n",
           last.messages, last.userMicroseconds, last.systemMicroseconds, last.wallMicroseconds);
    fflush(stdout);
  }
  return 0;
}

static int closeConnection(struct traffic *traffic) {
  traffic->isClosing = true;
  lws_callback_on_writable(traffic->connection);
  return serviceUntil(traffic, &traffic->isClosed);
}

static int readPayloads(struct traffic *traffic) {
  const char *path = getenv("BENCH_PAYLOADS");
  FILE *file = path == NULL ? NULL : fopen(path, "rb");
  if (file == NULL) return fail(traffic, "BENCH_PAYLOADS names no file");
  fseek(file, 0, SEEK_END);
  const size_t size = ftell(file);
  rewind(file);
  unsigned char *all = malloc(size);
  const bool isRead = all != NULL && fread(all, 1, size, file) == size;
  fclose(file);
  if (!isRead || size == 0 || size % traffic->row.bytes != 0) {
    return fail(traffic, "%s does not hold the row's payloads", path);
  }
  traffic->payloads = (struct payloads){all, traffic->row.bytes, size / traffic->row.bytes};
  return 0;
}

static const char *const ROW_PATHS[] = {
    "direction", "kind", "bytes", "inFlight", "perMessageDeflate.serverNoContextTakeover",
    "perMessageDeflate.clientNoContextTakeover"};
enum row_path { DIRECTION = 1, KIND, BYTES, IN_FLIGHT, SERVER_NO_CONTEXT_TAKEOVER, CLIENT_NO_CONTEXT_TAKEOVER };

static signed char onValue(struct lejp_ctx *parser, char reason) {
  struct row *row = parser->user;
  const bool isValue = reason & LEJP_FLAG_CB_IS_VALUE;
  if (!isValue) return 0;
  switch (parser->path_match) {
    case DIRECTION:
      row->direction = strcmp(parser->buf, "send") == 0 ? SEND : strcmp(parser->buf, "echo") == 0 ? ECHO : RECEIVE;
      break;
    case KIND:
      row->isBinary = strcmp(parser->buf, "binary") == 0;
      break;
    case BYTES:
      row->bytes = strtoull(parser->buf, NULL, 10);
      break;
    case IN_FLIGHT:
      // JSON has no infinity and writes null for it.
      row->inFlight = reason == LEJPCB_VAL_NULL ? UINT64_MAX : strtoull(parser->buf, NULL, 10);
      break;
    case SERVER_NO_CONTEXT_TAKEOVER:
      row->deflates = true;
      row->serverNoContextTakeover = reason == LEJPCB_VAL_TRUE;
      break;
    case CLIENT_NO_CONTEXT_TAKEOVER:
      row->clientNoContextTakeover = reason == LEJPCB_VAL_TRUE;
      break;
  }
  return 0;
}

static int readRow(struct traffic *traffic, const char *json) {
  struct lejp_ctx parser;
  lejp_construct(&parser, onValue, &traffic->row, ROW_PATHS, LWS_ARRAY_SIZE(ROW_PATHS));
  const int result = lejp_parse(&parser, (const unsigned char *)json, strlen(json));
  lejp_destruct(&parser);
  return result < 0 || traffic->row.bytes == 0 ? fail(traffic, "not a row: %s", json) : 0;
}

static int run(struct traffic *traffic, const char *url, const char *row) {
  if (readRow(traffic, row) < 0 || readPayloads(traffic) < 0) return -1;
  traffic->outgoing = malloc(LWS_PRE + traffic->row.bytes + SLACK_BYTES);
  traffic->incoming = malloc(traffic->row.bytes + SLACK_BYTES);
  if (traffic->outgoing == NULL || traffic->incoming == NULL) return fail(traffic, "there is no memory");
  struct measurement last;
  if (connectTo(traffic, url) < 0 || warmUp(traffic, &last) < 0 || obey(traffic, last) < 0) return -1;
  return closeConnection(traffic);
}

static void printVersion(void) {
  printf("libwebsockets %d.%d.%d, ", LWS_LIBRARY_VERSION_MAJOR, LWS_LIBRARY_VERSION_MINOR, LWS_LIBRARY_VERSION_PATCH);
#ifdef __clang__
  printf("clang %d.%d\n", __clang_major__, __clang_minor__);
#else
  printf("gcc %d.%d\n", __GNUC__, __GNUC_MINOR__);
#endif
}

int main(int count, char **arguments) {
  if (count == 2 && strcmp(arguments[1], "--version") == 0) {
    printVersion();
    return 0;
  }
  if (count != 3) {
    fputs("usage: libwebsockets URL ROW\n", stderr);
    return 1;
  }
  lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
  static struct traffic traffic;
  const int result = run(&traffic, arguments[1], arguments[2]);
  if (result < 0) fprintf(stderr, "libwebsockets: %s\n", traffic.failure);
  return result < 0 ? 1 : 0;
}
