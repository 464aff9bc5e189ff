// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What the program writes for people: colours only on a terminal, one write for many lines.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>

#include <poll.h>
#include <unistd.h>

namespace program {

enum class color : std::uint8_t { none, red, green, yellow, blue, purple, teal, gray, bold };

/// When to colour: on a terminal, unless NO_COLOR is set or the terminal is dumb; or as the user says.
enum class color_choice : std::uint8_t { automatic, always, never };

inline bool wants_color(color_choice choice, int fd) {
  if (choice != color_choice::automatic) return choice == color_choice::always;
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* const terminal = std::getenv("TERM");
  return ::isatty(fd) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

/// A buffered writer on a descriptor; text goes out with `flush`, and by itself when much has gathered.
class console {
 public:
  console(int fd, color_choice choice) : fd_(fd), has_color_(wants_color(choice, fd)) {}
  console(const console&) = delete;
  console& operator=(const console&) = delete;
  ~console() { flush(); }

  bool has_color() const noexcept { return has_color_; }
  /// Nobody reads any more: the reader of a pipe has gone.
  bool is_closed() const noexcept { return is_closed_; }

  console& text(std::string_view words) {
    buffer_.append(words);
    if (buffer_.size() > 65536) flush();
    return *this;
  }
  console& text(std::string_view words, color shade) {
    if (!has_color_ || shade == color::none) return text(words);
    constexpr std::array<const char*, 9> codes{"", "31", "32", "33", "34", "35", "36", "90", "1"};
    text("\x1b[").text(codes[static_cast<std::size_t>(shade)]).text("m");
    return text(words).text("\x1b[0m");
  }
  console& line(std::string_view words = {}, color shade = color::none) { return text(words, shade).text("\n"); }

  void flush() {
    std::string_view rest = buffer_;
    while (!rest.empty() && !is_closed_) {
      const ssize_t n = ::write(fd_, rest.data(), rest.size());
      if (n > 0) {
        rest.remove_prefix(static_cast<std::size_t>(n));
      } else if (n < 0 && errno == EAGAIN) {
        pollfd writable{fd_, POLLOUT, 0};
        ::poll(&writable, 1, -1);
      } else if (n < 0 && errno != EINTR) {
        is_closed_ = true;
      }
    }
    buffer_.clear();
  }

 private:
  std::string buffer_;
  int fd_;
  bool has_color_;
  bool is_closed_ = false;
};

/// The colour of a unit's prefix: always the same for the same place in the configuration.
inline color color_of_unit(std::size_t place) {
  constexpr std::array<color, 5> wheel{color::teal, color::purple, color::blue, color::green, color::yellow};
  return wheel[place % wheel.size()];
}

/// `text` with spaces behind it, up to `width` bytes.
inline std::string padded(std::string_view text, std::size_t width) {
  std::string result(text);
  result.resize(std::max(width, text.size()), ' ');
  return result;
}

}  // namespace program
