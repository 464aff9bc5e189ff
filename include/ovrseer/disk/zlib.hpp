// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Compression by zlib, in the format of gzip: what zcat(1) and zgrep(1) read. Needs the component zlib.
#pragma once

#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include <zlib.h>

#include <ovrseer/disk/compression.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

namespace disk_detail {

/// One stream in the format of gzip (RFC 1952), without a name or a time in it. Takes 256 KiB while it lives.
class gzip_compressor final : public compressor {
 public:
  explicit gzip_compressor(int level) {
    constexpr int largest_window = 15;
    constexpr int as_gzip = 16;
    constexpr int usual_memory = 8;
    if (deflateInit2(&stream_, level, Z_DEFLATED, largest_window + as_gzip, usual_memory, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw error(errno_code(level < -1 || level > 9 ? EINVAL : ENOMEM), "deflateInit2",
                  "level " + std::to_string(level));
    }
  }
  ~gzip_compressor() override { deflateEnd(&stream_); }

  std::error_code add(std::string_view piece, std::string& into) override {
    constexpr std::size_t most = std::size_t{1} << 30U;  // zlib counts in unsigned int
    while (!piece.empty()) {
      const std::string_view part = piece.substr(0, most);
      piece.remove_prefix(part.size());
      stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));  // zlib only reads there
      stream_.avail_in = static_cast<uInt>(part.size());
      if (const std::error_code code = run(Z_NO_FLUSH, into)) return code;
    }
    return {};
  }

  std::error_code finish(std::string& into) override {
    stream_.next_in = nullptr;
    stream_.avail_in = 0;
    return run(Z_FINISH, into);
  }

 private:
  std::error_code run(int flush, std::string& into) {
    for (;;) {
      std::array<char, 16384> part;
      stream_.next_out = reinterpret_cast<Bytef*>(part.data());
      stream_.avail_out = static_cast<uInt>(part.size());
      const int code = ::deflate(&stream_, flush);
      if (code == Z_STREAM_ERROR) return errno_code(EINVAL);
      into.append(part.data(), part.size() - stream_.avail_out);
      if (code == Z_STREAM_END || stream_.avail_out != 0) return {};
    }
  }

  z_stream stream_{};
};

}  // namespace disk_detail

/// Old files are compressed by zlib and end in ".gz". `level` is 1 (quick) to 9 (small), 0 for none, -1 for zlib's
/// own choice, which is 6: tens of megabytes a second on one core, log lines to about a tenth of their size.
inline compression gzip(int level = Z_DEFAULT_COMPRESSION) {
  return compression(".gz", [level] { return std::make_unique<disk_detail::gzip_compressor>(level); });
}

}  // namespace ovrseer
