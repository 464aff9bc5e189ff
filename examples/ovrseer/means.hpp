// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What reporters send with in this program: libcurl for HTTP and mail.
#pragma once

#include <ovrseer/config/reporters.hpp>
#include <ovrseer/net/curl.hpp>
#include <ovrseer/net/curl_mail.hpp>

namespace program {

inline ovrseer::reporter_means means_of(const ovrseer::executor& ex, ovrseer::any_http_client http) {
  ovrseer::reporter_means means(std::move(http));
  means.mail = [ex](const ovrseer::mail_server& server) -> ovrseer::any_mail_client {
    return ovrseer::curl_mail_client(ex, server);
  };
  means.ex = ex;
  return means;
}

}  // namespace program
