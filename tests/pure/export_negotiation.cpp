// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What real scrapers and browsers send, weights, versions, and headers that nobody should send.
#include <string>

#include <catch.hpp>
#include <ovrseer/export/negotiation.hpp>

namespace t_export_negotiation {

using namespace ovrseer;

bool is_openmetrics(std::string_view accept) { return negotiated_format(accept) == metric_format::openmetrics; }

TEST_CASE("scrapers of Prometheus get OpenMetrics and everybody else the older format") {
  CHECK(
      is_openmetrics("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));  // 2.42
  CHECK(
      is_openmetrics("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                     "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;"
                     "q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"));  // 3
  CHECK_FALSE(is_openmetrics("text/plain;version=0.0.4;q=1,*/*;q=0.1"));
  CHECK_FALSE(is_openmetrics(""));
  CHECK_FALSE(is_openmetrics("*/*"));  // curl
  CHECK_FALSE(is_openmetrics("text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"));
  CHECK_FALSE(is_openmetrics("application/json"));
  CHECK_FALSE(
      is_openmetrics("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"));
}

TEST_CASE("the greater weight wins and OpenMetrics where both are wanted alike") {
  CHECK(is_openmetrics("text/plain, application/openmetrics-text"));
  CHECK(is_openmetrics("text/plain;q=0.5, application/openmetrics-text;q=0.5"));
  CHECK(is_openmetrics("text/plain;q=0.5, application/openmetrics-text;q=0.501"));
  CHECK_FALSE(is_openmetrics("text/plain;q=0.502, application/openmetrics-text;q=0.501"));
  CHECK_FALSE(is_openmetrics("application/openmetrics-text;q=0"));
  CHECK_FALSE(is_openmetrics("application/openmetrics-text;q=0.000, */*"));
  CHECK(is_openmetrics("application/openmetrics-text;q=0.1"));
}

TEST_CASE("the closest range decides the weight of a format") {
  CHECK(is_openmetrics("*/*;q=0.1, application/openmetrics-text;q=0.5"));
  CHECK(is_openmetrics("*/*, text/plain;q=0.1, application/openmetrics-text;q=0.5"));
  CHECK_FALSE(is_openmetrics("text/*;q=0.8, application/openmetrics-text;q=0.5"));
  CHECK_FALSE(is_openmetrics("application/*, text/plain;q=0.1"));  // not asked for by name
  CHECK_FALSE(is_openmetrics(
      "application/openmetrics-text, application/openmetrics-text;version=1.0.0;q=0.1, text/plain;q=0.2"));
  CHECK(is_openmetrics("application/openmetrics-text;version=0.0.1;q=0.1, application/openmetrics-text;version=1.0.0"));
}

TEST_CASE("a version that is not ours is no match") {
  CHECK(is_openmetrics("application/openmetrics-text;version=0.0.1"));
  CHECK(is_openmetrics("application/openmetrics-text;version=\"1.0.0\";charset=utf-8"));
  CHECK_FALSE(is_openmetrics("application/openmetrics-text;version=2.0.0"));
  CHECK(is_openmetrics("text/plain;version=1.0.0;q=0.9, application/openmetrics-text;version=1.0.0;q=0.2"));
}

TEST_CASE("case and blanks and unknown parameters do not matter") {
  CHECK(is_openmetrics("  Application/OpenMetrics-Text ; Version=1.0.0 ; Q=0.7 ;x , text/plain\t;q=0.6"));
  CHECK(is_openmetrics("application/openmetrics-text;escaping=\"a,b;q=0\\\"\";q=0.5"));
  CHECK(is_openmetrics(",, ,application/openmetrics-text,"));
}

TEST_CASE("a range with a weight that is none is passed over") {
  for (const char* weight : {"2", "1.001", "-0.5", "0.1234", "nan", "", "0,5", ".5", "1e0", "0.5x", "0x1", "1 0"}) {
    CHECK_FALSE(is_openmetrics(std::string("application/openmetrics-text;q=") + weight));
  }
  for (const char* weight : {"1", "1.", "1.000", "0.5", "0.001", "\"0.5\""}) {
    CHECK(is_openmetrics(std::string("application/openmetrics-text;q=") + weight));
  }
  CHECK(is_openmetrics("text/plain;q=7, application/openmetrics-text;q=0.1"));
}

TEST_CASE("a header that is nothing but separators or never closes a quote ends") {
  CHECK_FALSE(is_openmetrics(std::string(60'000, ',')));
  CHECK_FALSE(is_openmetrics(std::string(60'000, ';')));
  CHECK_FALSE(is_openmetrics("\"" + std::string(60'000, ',') + "application/openmetrics-text"));
  CHECK_FALSE(is_openmetrics("\"\\"));
  CHECK_FALSE(is_openmetrics(std::string_view("\0/\0;q", 5)));
}

}  // namespace t_export_negotiation
