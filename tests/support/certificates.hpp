// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Certificates for tests, made by openssl in a folder of their own.
#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

#include "disk_folder.hpp"

namespace ovrseer::test {

/// An authority, `ca.pem`, and what it has signed: `NAME.pem` with the key `NAME.key`.
class certificates {
 public:
  explicit certificates(const std::string& authority = "test-ca") {
    run(key_of("ca", authority) + " -x509 -days 2 -out" + in("ca.pem"));
  }
  /// For a host, as a certificate names it, and so many days from now.
  certificates& sign(const std::string& name, const std::string& host = "IP:127.0.0.1", int days = 2) {
    std::ofstream(folder_ / "san") << "subjectAltName=" << host;
    run(key_of(name, name) + " -out" + in("csr"));
    run("openssl x509 -req -CAcreateserial -in" + in("csr") + " -CA" + in("ca.pem") + " -CAkey" + in("ca.key") +
        " -extfile" + in("san") + " -days " + std::to_string(days) + " -out" + in(name + ".pem"));
    return *this;
  }
  /// Any command that has to succeed.
  certificates& run(const std::string& line) {
    was_made_ = was_made_ && std::system(("{ " + line + "; } 2>/dev/null").c_str()) == 0;
    return *this;
  }
  bool was_made() const noexcept { return was_made_; }

  std::string operator/(const std::string& file) const { return folder_ / file; }
  /// A file as a further word of a command.
  std::string in(const std::string& file) const { return " " + folder_ / file; }

 private:
  std::string key_of(const std::string& file, const std::string& name) const {
    return "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=" + name + " -keyout" +
           in(file + ".key");
  }

  ovrseer_test::disk_folder folder_;
  bool was_made_ = true;
};

}  // namespace ovrseer::test
