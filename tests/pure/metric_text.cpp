// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The text exposition byte by byte: order, escapes, numbers, histograms.
#include <cstdlib>
#include <limits>

#include <catch.hpp>
#include <ovrseer/metric/text.hpp>

namespace t_metric_text {

using namespace ovrseer;

std::string page_of(double value) { return to_prometheus_text({{"m", "h", metric_type::gauge, {}, {{{}, value}}}}); }
std::string number_of(double value) {
  const std::string page = page_of(value);
  const std::string head = "# HELP m h\n# TYPE m gauge\nm ";
  REQUIRE(page.starts_with(head));
  return page.substr(head.size(), page.size() - head.size() - 1);
}

TEST_CASE("an empty snapshot is an empty page") { CHECK(to_prometheus_text({}).empty()); }

TEST_CASE("families and samples keep the order of the snapshot") {
  const metric_snapshot snapshot{
      {"a_total", "All a.", metric_type::counter, {"unit"}, {{{"api"}, 2.0}, {{"db"}, 1.0}}},
      {"b", "", metric_type::gauge, {}, {{{}, -1.5}}},
  };
  CHECK(to_prometheus_text(snapshot) ==
        "# HELP a_total All a.\n"
        "# TYPE a_total counter\n"
        "a_total{unit=\"api\"} 2\n"
        "a_total{unit=\"db\"} 1\n"
        "# HELP b \n"
        "# TYPE b gauge\n"
        "b -1.5\n");
}

TEST_CASE("backslash and newline are escaped in help and the quote in label values too") {
  const metric_snapshot snapshot{
      {"m", "a \"b\" \\ c\nd", metric_type::gauge, {"x", "y"}, {{{"q\"\\\n", "\xC3\xA4"}, 1.0}}}};
  CHECK(to_prometheus_text(snapshot) ==
        "# HELP m a \"b\" \\\\ c\\nd\n"
        "# TYPE m gauge\n"
        "m{x=\"q\\\"\\\\\\n\",y=\"\xC3\xA4\"} 1\n");
}

TEST_CASE("a number is written so that the same number is read back") {
  CHECK(number_of(0) == "0");
  CHECK(number_of(-3) == "-3");
  CHECK(number_of(1000000) == "1000000");
  CHECK(number_of(0.1) == "0.1");
  CHECK(number_of(1700000000.5) == "1700000000.5");
  CHECK(number_of(9007199254740991.0) == "9007199254740991");
  CHECK(number_of(1e300) == "1e+300");
  CHECK(number_of(std::numeric_limits<double>::infinity()) == "+Inf");
  CHECK(number_of(-std::numeric_limits<double>::infinity()) == "-Inf");
  CHECK(number_of(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  for (const double value : {1.0 / 3, 6.02214076e23, 5e-324, 123456789.123456789}) {
    CHECK(std::strtod(number_of(value).c_str(), nullptr) == value);
  }
}

TEST_CASE("a histogram has cumulative buckets that end at infinity with the count") {
  const metric_snapshot snapshot{
      {"t_seconds", "T.", metric_type::histogram, {"unit"}, {{{"api"}, histogram_value{{0.5, 1}, {2, 0, 1}, 3.25}}}},
      {"u", "U.", metric_type::histogram, {}, {{{}, histogram_value{{}, {4}, 1}}}},
  };
  CHECK(to_prometheus_text(snapshot) ==
        "# HELP t_seconds T.\n"
        "# TYPE t_seconds histogram\n"
        "t_seconds_bucket{unit=\"api\",le=\"0.5\"} 2\n"
        "t_seconds_bucket{unit=\"api\",le=\"1\"} 2\n"
        "t_seconds_bucket{unit=\"api\",le=\"+Inf\"} 3\n"
        "t_seconds_sum{unit=\"api\"} 3.25\n"
        "t_seconds_count{unit=\"api\"} 3\n"
        "# HELP u U.\n"
        "# TYPE u histogram\n"
        "u_bucket{le=\"+Inf\"} 4\n"
        "u_sum 1\n"
        "u_count 4\n");
}

}  // namespace t_metric_text
