// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What reporters, sinks and sources of flags send with in this program: libcurl for HTTP and mail.
#pragma once

#include <ovrseer/config/model.hpp>
#include <ovrseer/config/reporters.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/net/curl_mail.hpp>

namespace program {

inline ovrseer::curl_options options_of(const ovrseer::connection_settings& by) {
  ovrseer::curl_options made;
  if (!by.ca_file.empty()) made.trust(by.ca_file.string());
  if (!by.certificate.empty()) made.certificate(by.certificate.string(), by.key.string());
  if (!by.proxy.empty()) made.proxy(by.proxy);
  return made;
}

inline ovrseer::any_http_client http_client_of(const ovrseer::executor& ex, const ovrseer::connection_settings& by) {
  return ovrseer::curl_client(ex, options_of(by));
}

inline ovrseer::reporter_means means_of(const ovrseer::executor& ex, const ovrseer::connection_settings& by) {
  ovrseer::reporter_means means(http_client_of(ex, by));
  means.mail = [ex, by](const ovrseer::mail_server& server) -> ovrseer::any_mail_client {
    return ovrseer::curl_mail_client(ex, server, options_of(by));
  };
  means.ex = ex;
  return means;
}

}  // namespace program
