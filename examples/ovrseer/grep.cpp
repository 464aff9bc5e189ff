// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer grep`: the flags of a unit, tried on files or standard input.
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include <ovrseer/pattern/explain.hpp>
#include <ovrseer/pattern/pattern.hpp>
#include <ovrseer/pattern/pattern_set.hpp>

#include "options.hpp"

namespace program {
namespace {

using ovrseer::pattern;
using ovrseer::pattern_hits;
using ovrseer::pattern_set;

struct named_pattern {
  std::string name;
  pattern<> what;
};

/// "name=pattern" where the name is a plain word; the whole text is the pattern otherwise.
std::pair<std::string, std::string> split_name(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return {"", text};
  for (std::size_t i = 0; i < equals; ++i) {
    const char c = text[i];
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != '-') return {"", text};
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// The bytes of a file, or of what a file that ends in .gz holds; "-" is standard input.
class source {
 public:
  explicit source(const std::string& name) : is_stdin_(name == "-") {
    fd_ = is_stdin_ ? STDIN_FILENO : ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd_ < 0) {
      why_ = std::strerror(errno);
    } else if (name.ends_with(".gz")) {
      packed_ = ::gzdopen(fd_, "rb");
      if (packed_ == nullptr) why_ = "no memory to unpack it";
    }
  }
  source(const source&) = delete;
  source& operator=(const source&) = delete;
  ~source() {
    if (packed_ != nullptr) {
      ::gzclose(packed_);
    } else if (fd_ >= 0 && !is_stdin_) {
      ::close(fd_);
    }
  }

  bool is_stdin() const noexcept { return is_stdin_; }
  /// Why it cannot be read; empty when it can.
  const std::string& why() const noexcept { return why_; }

  /// The next bytes; none at the end, and where it cannot be read.
  std::string_view next() {
    if (!why_.empty()) return {};
    return packed_ != nullptr ? next_unpacked() : next_plain();
  }

 private:
  std::string_view next_plain() {
    for (;;) {
      const ssize_t n = ::read(fd_, chunk_.data(), chunk_.size());
      if (n >= 0) return {chunk_.data(), static_cast<std::size_t>(n)};
      if (errno == EINTR) continue;
      why_ = std::strerror(errno);
      return {};
    }
  }
  std::string_view next_unpacked() {
    const int n = ::gzread(packed_, chunk_.data(), static_cast<unsigned>(chunk_.size()));
    if (n > 0) return {chunk_.data(), static_cast<std::size_t>(n)};
    int code = Z_OK;
    const char* const words = ::gzerror(packed_, &code);
    // At the end it says so too when the file was cut.
    if (code == Z_ERRNO) why_ = std::strerror(errno);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_ERRNO) why_ = std::string("damaged or cut short: ") + words;
    return {};
  }

  bool is_stdin_;
  int fd_ = -1;
  gzFile packed_ = nullptr;
  std::string why_;
  std::vector<char> chunk_ = std::vector<char>(std::size_t{256} * 1024);
};

class searcher {
 public:
  searcher(const grep_options& options, std::vector<named_pattern> patterns)
      : options_(options), patterns_(std::move(patterns)), out_(STDOUT_FILENO, options.colors) {
    for (const named_pattern& each : patterns_) set_.add(each.what);
    for (const named_pattern& each : patterns_) has_names_ = has_names_ || !each.name.empty();
  }

  /// Searches one file; false where it cannot be read.
  bool search(const std::string& name) {
    source from(name);
    if (!from.why().empty()) return complain(name, from.why());
    file_ = from.is_stdin() ? "(standard input)" : name;
    number_ = matched_ = 0;
    before_.clear();
    after_left_ = 0;
    last_shown_ = 0;
    std::string pending;
    for (std::string_view bytes = from.next(); !bytes.empty(); bytes = from.next()) {
      feed(pending, bytes);
      if (from.is_stdin()) out_.flush();
      if (out_.is_closed()) break;
    }
    if (!pending.empty()) {
      pattern_hits hits;
      set_.match(pending, hits);
      take(pending, hits);
    }
    if (options_.counts) show_count();
    return from.why().empty() || complain(name, from.why());
  }

  bool has_matched() const noexcept { return any_; }

 private:
  // Whole lines are matched where they lie; the rest waits for its end.
  void feed(std::string& pending, std::string_view bytes) {
    const auto take_line = [this](std::string_view line, const pattern_hits& hits) { take(line, hits); };
    if (!pending.empty()) {
      const auto end = bytes.find('\n');
      const auto part = bytes.substr(0, end == std::string_view::npos ? bytes.size() : end + 1);
      pending.append(part);
      bytes.remove_prefix(part.size());
      if (end == std::string_view::npos) return;
      set_.scan(pending, take_line);
      pending.clear();
    }
    bytes.remove_prefix(set_.scan(bytes, take_line));
    pending.append(bytes);
  }

  void take(std::string_view line, const pattern_hits& hits) {
    ++number_;
    const bool is_match = hits.any() != options_.inverts;
    if (is_match) {
      ++matched_;
      any_ = true;
    }
    if (options_.counts) return;
    if (is_match) {
      if (last_shown_ != 0 && number_ - before_.size() > last_shown_ + 1 && options_.before + options_.after != 0) {
        if (options_.form == output_form::text) out_.line("--", color::gray);
      }
      for (std::size_t i = 0; i < before_.size(); ++i) show(before_[i], number_ - before_.size() + i, nullptr);
      before_.clear();
      show(line, number_, &hits);
      after_left_ = options_.after;
    } else if (after_left_ != 0) {
      --after_left_;
      show(line, number_, nullptr);
    } else if (options_.before != 0) {
      if (before_.size() == options_.before) before_.pop_front();
      before_.emplace_back(line);
    }
  }

  void show(std::string_view line, std::uint64_t number, const pattern_hits* hits) {
    last_shown_ = number;
    if (options_.form == output_form::json) return show_json(line, number, hits);
    if (options_.files.size() > 1) out_.text(file_, color::purple).text(hits != nullptr ? ":" : "-", color::teal);
    if (options_.numbers_lines) {
      out_.text(std::to_string(number), color::green).text(hits != nullptr ? ":" : "-", color::teal);
    }
    if (has_names_ && hits != nullptr) {
      for (std::size_t i = 0; i < patterns_.size(); ++i) {
        if (hits->contains(i) && !patterns_[i].name.empty()) out_.text("[" + patterns_[i].name + "] ", color::yellow);
      }
    }
    if (hits == nullptr || !out_.has_color() || options_.inverts) {
      out_.line(line);
    } else {
      show_marked(line, *hits);
    }
  }

  /// The line with everything that a pattern matched in red.
  void show_marked(std::string_view line, const pattern_hits& hits) {
    std::vector<bool> is_marked(line.size());
    for (std::size_t i = 0; i < patterns_.size(); ++i) {
      if (!hits.contains(i)) continue;
      for (const auto& found : patterns_[i].what.find_all(line)) {
        std::fill(is_marked.begin() + static_cast<std::ptrdiff_t>(found.begin()),
                  is_marked.begin() + static_cast<std::ptrdiff_t>(found.end()), true);
      }
    }
    for (std::size_t begin = 0; begin < line.size();) {
      std::size_t end = begin;
      while (end < line.size() && is_marked[end] == is_marked[begin]) ++end;
      out_.text(line.substr(begin, end - begin), is_marked[begin] ? color::red : color::none);
      begin = end;
    }
    out_.line();
  }

  void show_json(std::string_view line, std::uint64_t number, const pattern_hits* hits) {
    nlohmann::json entry{{"v", 1}, {"file", file_}, {"line", number}, {"text", line}};
    nlohmann::json names = nlohmann::json::array();
    for (std::size_t i = 0; hits != nullptr && i < patterns_.size(); ++i) {
      if (!hits->contains(i)) continue;
      const named_pattern& each = patterns_[i];
      names.push_back(each.name.empty() ? std::string(each.what.text()) : each.name);
    }
    entry["matches"] = std::move(names);
    out_.line(entry.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }

  void show_count() {
    if (options_.form == output_form::json) {
      out_.line(nlohmann::json{{"v", 1}, {"file", file_}, {"lines", number_}, {"matched", matched_}}.dump());
      return;
    }
    if (options_.files.size() > 1) out_.text(file_, color::purple).text(":", color::teal);
    out_.line(std::to_string(matched_));
  }

  static bool complain(const std::string& name, const std::string& why) {
    const std::string text = "ovrseer: " + name + ": " + why + "\n";
    [[maybe_unused]] const ssize_t n = ::write(STDERR_FILENO, text.data(), text.size());
    return false;
  }

  const grep_options& options_;
  std::vector<named_pattern> patterns_;
  pattern_set set_;
  console out_;
  std::string file_;
  std::deque<std::string> before_;
  std::uint64_t number_ = 0;
  std::uint64_t matched_ = 0;
  std::uint64_t last_shown_ = 0;
  std::size_t after_left_ = 0;
  bool has_names_ = false;
  bool any_ = false;
};

}  // namespace

int run_grep(const grep_options& options) {
  std::vector<named_pattern> patterns;
  console errors(STDERR_FILENO, options.colors);
  for (const std::string& text : options.patterns) {
    auto [name, words] = split_name(text);
    auto compiled = pattern<>::parse(words);
    if (compiled && options.ignores_case) {
      compiled = pattern<>::compile(compiled->text(), compiled->flags() | ovrseer::icase);
    }
    if (!compiled) {
      errors.text("ovrseer: ").line(compiled.reason().message());
      return usage;
    }
    patterns.push_back({std::move(name), *std::move(compiled)});
  }
  if (options.explains) {
    console out(STDOUT_FILENO, options.colors);
    for (const named_pattern& each : patterns) out.text(to_text(each.what.explain()));
    return 0;
  }
  std::vector<std::string> files = options.files;
  if (files.empty()) files.emplace_back("-");
  searcher search(options, std::move(patterns));
  bool all_read = true;
  for (const std::string& file : files) all_read = search.search(file) && all_read;
  if (!all_read) return usage;
  return search.has_matched() ? 0 : 1;
}

}  // namespace program
