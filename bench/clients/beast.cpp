// Boost.Beast as a client that is measured: what client.mjs, phases.mjs and traffic.mjs are for the JavaScript libraries,
// with the same phases, the same checks and the same lines on standard input and output. It owns how Beast is driven,
// and must not know other peers, nor how payloads are made.
//
//   beast URL ROW    ROW as JSON, see rows.mjs
//   beast --version
//
// The payloads come, one behind the other, from the file that the environment variable BENCH_PAYLOADS names.
//
// Beast in its cheapest shape. Calls are synchronous: the asynchronous ones cost a handler and a turn of the loop each,
// and neither lets Beast write two messages in one system call, so that there are no batches either. No fragments, no
// compression but where the row has it, at Beast's own level, Beast's own generator of masking keys (a CSPRNG, as RFC 6455,
// section 5.3, asks for). The buffers are those which measured best: see the constants. TCP_NODELAY stays off, as Beast leaves
// it: then the kernel joins small messages, and a sent one of 16 bytes costs 0.9 µs instead of 2.4.

#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/property_tree/json_parser.hpp>
#include <boost/version.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <limits>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "read_ahead.hpp"

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::uint64_t UNLIMITED = std::numeric_limits<std::uint64_t>::max();

// phases.mjs has the same numbers, and says why.
constexpr double VERIFIED_BYTES = 4.0 * 1024 * 1024;
constexpr double MOST_VERIFIED = 4000;
constexpr double WARM_UP_SECONDS = 0.8;
constexpr double WARM_UP_PHASE_SECONDS = 0.1;

/**
 * Beast masks a message into a buffer of this size and writes that, piece by piece. With 4 KiB (its default), 32, 64 and
 * 1024, 16 KiB binary cost 9.5, 9.1, 9.1 and 8.0 µs, and 1 MiB 770, 630, 670 and 770: none is best at both.
 */
constexpr std::size_t WRITE_BUFFER_BYTES = 64 * 1024;

/**
 * Not of Beast's own, and only where BEAST_READ_AHEAD is set: most programs give Beast a bare socket. Without it and with it,
 * 1 KiB text costs 1.1 and 0.49 µs, 16 KiB binary 4.3 and 2.8 …
 */
constexpr std::size_t READ_AHEAD_BYTES = 512 * 1024;
/** … but 64 KiB binary 19 and 24, and 1 MiB 270 and 360: there the copy out of what was read ahead costs more. */
constexpr std::uint64_t READ_AHEAD_BELOW = 64 * 1024;

std::size_t readAheadOf(std::uint64_t messageBytes) {
  const bool isWanted = std::getenv("BEAST_READ_AHEAD") != nullptr && messageBytes < READ_AHEAD_BELOW;
  return isWanted ? READ_AHEAD_BYTES : 0;
}

using Tree = boost::property_tree::ptree;

Tree parse(const std::string& json) {
  std::istringstream stream(json);
  Tree tree;
  boost::property_tree::read_json(stream, tree);
  return tree;
}

struct Row {
  std::string direction;
  bool isBinary;
  std::uint64_t bytes;
  std::uint64_t inFlight;
  bool deflates;
  bool serverNoContextTakeover;
  bool clientNoContextTakeover;

  explicit Row(const Tree& tree)
      : direction(tree.get<std::string>("direction")),
        isBinary(tree.get<std::string>("kind") == "binary"),
        bytes(tree.get<std::uint64_t>("bytes")),
        // JSON has no infinity and writes null for it.
        inFlight(tree.get_optional<std::uint64_t>("inFlight").value_or(UNLIMITED)),
        deflates(tree.get_child_optional("perMessageDeflate").has_value()),
        serverNoContextTakeover(tree.get("perMessageDeflate.serverNoContextTakeover", false)),
        clientNoContextTakeover(tree.get("perMessageDeflate.clientNoContextTakeover", false)) {}
};

struct Measurement {
  std::uint64_t messages;
  double userMicroseconds;
  double systemMicroseconds;
  double wallMicroseconds;
};

double microseconds(const timeval& time) { return time.tv_sec * 1e6 + time.tv_usec; }

class Stopwatch {
 public:
  Stopwatch() { getrusage(RUSAGE_SELF, &usage_); }

  Measurement stop(std::uint64_t messages) const {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const std::chrono::duration<double, std::micro> wall = std::chrono::steady_clock::now() - wall_;
    return {messages, microseconds(usage.ru_utime) - microseconds(usage_.ru_utime),
            microseconds(usage.ru_stime) - microseconds(usage_.ru_stime), wall.count()};
  }

 private:
  std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
  rusage usage_;
};

/** As in traffic.mjs, the length and one byte from the middle; of bytes in text too, since here a text is bytes. */
std::uint64_t sample(std::string_view data) { return data.size() + static_cast<unsigned char>(data[data.size() / 2]); }

template <bool deflates>
class Traffic {
 public:
  Traffic(const Row& row, std::vector<std::string> payloads, const std::string& url)
      : row_(row),
        payloads_(std::move(payloads)),
        stream_(context_, readAheadOf(row.bytes)) {
    std::smatch parts;
    const std::regex pattern("ws://([^:/]+):(\\d+)(/.*)");
    if (!std::regex_match(url, parts, pattern)) throw std::runtime_error("not a URL: " + url);
    asio::ip::tcp::resolver resolver(context_);
    asio::connect(stream_.next_layer().socket(), resolver.resolve(parts.str(1), parts.str(2)));
    stream_.read_message_max(0);
    // In fragments of its own it would send a message in more frames than one.
    stream_.auto_fragment(false);
    stream_.write_buffer_bytes(WRITE_BUFFER_BYTES);
    if constexpr (deflates) offerDeflate();
    stream_.handshake(parts.str(1) + ":" + parts.str(2), parts.str(3));
  }

  Measurement runPhase(std::uint64_t messages, bool verify) {
    const Stopwatch stopwatch;
    std::ostringstream control;
    control << "{\"messages\":" << messages << ",\"verify\":" << (verify ? "true" : "false") << "}";
    stream_.text(true);
    stream_.write(asio::buffer(control.str()));
    stream_.binary(row_.isBinary);
    if (row_.direction == "send") {
      sendAll(messages);
    } else {
      receiveAll(messages, verify);
    }
    return stopwatch.stop(messages);
  }

  void close() { stream_.close(websocket::close_code::normal); }

  std::string reason() const { return std::string(stream_.reason().reason.data(), stream_.reason().reason.size()); }

 private:
  void offerDeflate() {
    websocket::permessage_deflate offer;
    offer.client_enable = true;
    offer.server_no_context_takeover = row_.serverNoContextTakeover;
    offer.client_no_context_takeover = row_.clientNoContextTakeover;
    stream_.set_option(offer);
  }

  const std::string& payload(std::uint64_t message) const { return payloads_[message % payloads_.size()]; }

  std::string_view receive() {
    buffer_.clear();
    stream_.read(buffer_);
    return {static_cast<const char*>(buffer_.data().data()), buffer_.size()};
  }

  void sendAll(std::uint64_t messages) {
    for (std::uint64_t sent = 0; sent < messages; sent++) stream_.write(asio::buffer(payload(sent)));
    const Tree report = parse(std::string(receive()));
    const auto arrived = report.get<std::uint64_t>("messages");
    const auto bytes = report.get<std::uint64_t>("bytes");
    if (arrived != messages || bytes != messages * row_.bytes) {
      throw std::runtime_error("not all of " + std::to_string(messages) + " messages arrived");
    }
  }

  void receiveAll(std::uint64_t messages, bool verify) {
    const bool isEcho = row_.direction == "echo";
    std::uint64_t sent = 0;
    std::uint64_t sum = 0;
    for (std::uint64_t received = 0; received < messages; received++) {
      while (isEcho && sent < messages && sent - received < row_.inFlight) stream_.write(asio::buffer(payload(sent++)));
      const std::string_view data = receive();
      if (verify && (stream_.got_binary() != row_.isBinary || data != payload(received))) {
        throw std::runtime_error("message " + std::to_string(received) + " differs from what was sent");
      }
      sum += sample(data);
    }
    checkSum(sum, messages);
  }

  void checkSum(std::uint64_t sum, std::uint64_t messages) const {
    std::uint64_t expected = 0;
    for (std::uint64_t variant = 0; variant < payloads_.size(); variant++) {
      const std::uint64_t times = (messages + payloads_.size() - 1 - variant) / payloads_.size();
      expected += times * sample(payloads_[variant]);
    }
    if (sum != expected) throw std::runtime_error("the sum over " + std::to_string(messages) + " messages is wrong");
  }

  Row row_;
  std::vector<std::string> payloads_;
  asio::io_context context_{1};
  websocket::stream<ReadAhead, deflates> stream_;
  boost::beast::flat_buffer buffer_;
};

std::vector<std::string> readPayloads(std::uint64_t bytes) {
  const char* path = std::getenv("BENCH_PAYLOADS");
  if (path == nullptr) throw std::runtime_error("BENCH_PAYLOADS names no file");
  std::ifstream file(path, std::ios::binary);
  const std::string all{std::istreambuf_iterator<char>(file), {}};
  if (all.empty() || all.size() % bytes != 0) {
    throw std::runtime_error(std::string(path) + " does not hold the row's payloads");
  }
  std::vector<std::string> payloads;
  for (std::size_t start = 0; start < all.size(); start += bytes) payloads.push_back(all.substr(start, bytes));
  return payloads;
}

std::uint64_t messagesIn(double seconds, const Measurement& last) {
  return std::max(1.0, std::round(last.messages / last.wallMicroseconds * seconds * 1e6));
}

template <bool deflates>
Measurement warmUp(Traffic<deflates>& traffic, const Row& row, std::size_t variants) {
  const double verified = std::min(std::max(VERIFIED_BYTES / row.bytes, 2.0 * variants), MOST_VERIFIED);
  Measurement last = traffic.runPhase(static_cast<std::uint64_t>(verified), true);
  const Stopwatch stopwatch;
  while (stopwatch.stop(0).wallMicroseconds < WARM_UP_SECONDS * 1e6) {
    last = traffic.runPhase(messagesIn(WARM_UP_PHASE_SECONDS, last), false);
  }
  return last;
}

template <bool deflates>
void obey(Traffic<deflates>& traffic, Measurement last) {
  std::cout << "ready" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    last = traffic.runPhase(messagesIn(std::stod(line), last), false);
    std::cout << std::fixed << "{\"messages\":" << last.messages
              << ",\"userMicroseconds\":" << last.userMicroseconds
              << ",\"systemMicroseconds\":" << last.systemMicroseconds
              << ",\"wallMicroseconds\":" << last.wallMicroseconds << "}" << std::endl;
  }
}

template <bool deflates>
void run(const Row& row, const std::string& url) {
  std::vector<std::string> payloads = readPayloads(row.bytes);
  const std::size_t variants = payloads.size();
  Traffic<deflates> traffic(row, std::move(payloads), url);
  try {
    obey(traffic, warmUp(traffic, row, variants));
    traffic.close();
  } catch (const std::exception& error) {
    throw std::runtime_error(std::string(error.what()) + " " + traffic.reason());
  }
}

void printVersion() {
  std::string boost = BOOST_LIB_VERSION;
  std::replace(boost.begin(), boost.end(), '_', '.');
#ifdef __clang__
  std::cout << "Boost.Beast " << boost << ", clang++ " << __clang_major__ << "." << __clang_minor__ << std::endl;
#else
  std::cout << "Boost.Beast " << boost << ", g++ " << __GNUC__ << "." << __GNUC_MINOR__ << std::endl;
#endif
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 2 && std::strcmp(arguments[1], "--version") == 0) {
    printVersion();
    return 0;
  }
  if (count != 3) {
    std::cerr << "usage: beast URL ROW" << std::endl;
    return 1;
  }
  try {
    const Row row(parse(arguments[2]));
    if (row.deflates) {
      run<true>(row, arguments[1]);
    } else {
      run<false>(row, arguments[1]);
    }
  } catch (const std::exception& error) {
    std::cerr << "beast: " << error.what() << std::endl;
    return 1;
  }
  return 0;
}
