// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How old files are made smaller: the policy that a rotating file is given, which knows the library for it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace ovrseer {

/// Turns one stream of bytes into fewer, piece by piece.
class compressor {
 public:
  compressor() = default;
  compressor(const compressor&) = delete;
  compressor& operator=(const compressor&) = delete;
  virtual ~compressor() = default;

  /// Takes the next piece, and appends to `into` what is ready of the result. After an error it is of no more use.
  virtual std::error_code add(std::string_view piece, std::string& into) = 0;
  /// Appends the rest: no piece follows.
  virtual std::error_code finish(std::string& into) = 0;
};

/// A way to compress files. Empty: none is compressed. `gzip()` of <ovrseer/disk/zlib.hpp> is one.
class compression {
 public:
  using maker = std::function<std::unique_ptr<compressor>()>;

  compression() = default;
  /// `suffix` is what is added to the names of compressed files, such as ".gz"; `make` begins a stream, and throws or
  /// yields null where it cannot.
  compression(std::string suffix, maker make) : suffix_(std::move(suffix)), make_(std::move(make)) {}

  explicit operator bool() const noexcept { return make_ != nullptr; }
  const std::string& suffix() const noexcept { return suffix_; }
  std::unique_ptr<compressor> make() const { return make_(); }

 private:
  std::string suffix_;
  maker make_;
};

}  // namespace ovrseer
