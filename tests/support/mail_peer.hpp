// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A mail server that says what a test wants, for what no honest one would say.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/net/mail_server.hpp>

#include <asio/buffer.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>

namespace ovrseer::test {

/// A server on our own thread that answers each command by script: where the client blocked, the test would hang.
class mail_peer {
 public:
  using answers = std::vector<std::pair<std::string, std::string>>;

  /// The first answer whose key begins a command is taken; "250 ok" where there is none. The text "" leaves without an
  /// answer, and "..." never answers. The greeting has the key "", the end of the mail ".".
  explicit mail_peer(const executor& ex, answers script = {})
      : acceptor_(ex, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        socket_(ex),
        script_(std::move(script)) {}

  mail_server address() const {
    return mail_server("smtp://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()))
        .security(mail_security::plain);
  }
  const std::vector<std::string>& commands() const { return commands_; }
  /// The mails that were sent to their end, as they came.
  const std::vector<std::string>& mails() const { return mails_; }

  /// One client after the other, each by its script.
  task<void> serve_all(std::vector<answers> scripts) {
    for (answers& each : scripts) {
      script_ = std::move(each);
      co_await serve();
    }
  }
  /// One client.
  task<void> serve() {
    co_await acceptor_.async_accept(socket_, use_task);
    co_await converse();
    unread_.clear();
    socket_.close();
  }

 private:
  task<void> converse() {
    std::string command;
    bool in_mail = false;
    for (;;) {
      const std::string answer = answer_to(command);
      if (answer.empty()) break;
      if (answer != "...") {
        const std::string line = answer + "\r\n";
        co_await asio::async_write(socket_, asio::buffer(line), use_task);
      }
      in_mail = answer.starts_with("354");
      const std::string end = in_mail ? "\r\n.\r\n" : "\r\n";
      std::size_t found = std::string::npos;
      while ((found = unread_.find(end)) == std::string::npos) {
        std::array<char, 4096> buffer{};
        const auto [failed, size] = co_await socket_.async_read_some(asio::buffer(buffer), use_task_tuple);
        if (failed) co_return;
        unread_.append(buffer.data(), size);
      }
      if (in_mail) mails_.push_back(unread_.substr(0, found));
      command = in_mail ? "." : unread_.substr(0, found);
      unread_.erase(0, found + end.size());
      commands_.push_back(command);
    }
  }

  std::string answer_to(const std::string& command) const {
    for (const auto& [key, answer] : script_) {
      if (key.empty() ? command.empty() : command.starts_with(key)) return answer;
    }
    return command.empty() ? "220 hello" : command == "DATA" ? "354 go on" : "250 ok";
  }

  asio::ip::tcp::acceptor acceptor_;
  asio::ip::tcp::socket socket_;
  answers script_;
  std::string unread_;
  std::vector<std::string> commands_;
  std::vector<std::string> mails_;
};

}  // namespace ovrseer::test
