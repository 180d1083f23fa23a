// A TCP socket under Beast that reads more than it is asked for. Beast itself asks for 1.5 KiB at a time to find the
// next header, which is a system call for each message of 1 KiB, while the JavaScript clients read 64 KiB and more.
// This file must not know WebSockets, save for the ending that Beast wants of its streams.

#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <vector>

class ReadAhead {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using executor_type = Socket::executor_type;

  /** Without any bytes to hold, what is read goes straight to its destination. */
  ReadAhead(boost::asio::io_context& context, std::size_t bytes) : socket_(context), held_(bytes) {}

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers, boost::beast::error_code& error) {
    if (held_.empty()) return socket_.read_some(buffers, error);
    if (start_ == end_) {
      start_ = 0;
      end_ = socket_.read_some(boost::asio::buffer(held_), error);
      if (error) return 0;
    }
    const std::size_t size = boost::asio::buffer_copy(buffers, boost::asio::buffer(&held_[start_], end_ - start_));
    start_ += size;
    return size;
  }

  template <class Buffers>
  std::size_t read_some(const Buffers& buffers) {
    boost::beast::error_code error;
    const std::size_t size = read_some(buffers, error);
    if (error) throw boost::beast::system_error(error);
    return size;
  }

  template <class... Arguments>
  std::size_t write_some(Arguments&&... arguments) {
    return socket_.write_some(std::forward<Arguments>(arguments)...);
  }

  friend void teardown(boost::beast::role_type role, ReadAhead& layer, boost::beast::error_code& error) {
    boost::beast::websocket::teardown(role, layer.socket_, error);
  }

 private:
  Socket socket_;
  std::vector<char> held_;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
};
