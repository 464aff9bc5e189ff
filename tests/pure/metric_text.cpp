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

TEST_CASE("OpenMetrics names the family of a counter without its ending and closes the page") {
  CHECK(to_openmetrics_text({}) == "# EOF\n");
  const metric_snapshot snapshot{
      {"a_total", "All \"a\" \\ of\nus.", metric_type::counter, {"unit"}, {{{"a\"pi"}, 2.0}, {{"db"}, 0.5}}},
      {"b", "B.", metric_type::counter, {}, {{{}, 1.0}}},
      {"c_total", "A gauge keeps its name.", metric_type::gauge, {}, {{{}, -1.0}}},
  };
  CHECK(to_openmetrics_text(snapshot) ==
        "# HELP a All \\\"a\\\" \\\\ of\\nus.\n"
        "# TYPE a counter\n"
        "a_total{unit=\"a\\\"pi\"} 2\n"
        "a_total{unit=\"db\"} 0.5\n"
        "# HELP b B.\n"
        "# TYPE b counter\n"
        "b_total 1\n"
        "# HELP c_total A gauge keeps its name.\n"
        "# TYPE c_total gauge\n"
        "c_total -1\n"
        "# EOF\n");
  CHECK(to_text(snapshot, metric_format::openmetrics) == to_openmetrics_text(snapshot));
  CHECK(to_text(snapshot, metric_format::prometheus) == to_prometheus_text(snapshot));
  CHECK(content_type(metric_format::openmetrics) == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(content_type(metric_format::prometheus) == prometheus_content_type);
}

TEST_CASE("the bounds of OpenMetrics are written as Go writes them") {
  const auto bound_of = [](double bound) {
    const std::string page =
        to_openmetrics_text({{"t", "", metric_type::histogram, {}, {{{}, histogram_value{{bound}, {1, 0}, 0}}}}});
    const std::size_t begin = page.find("le=\"") + 4;
    return page.substr(begin, page.find('"', begin) - begin);
  };
  for (const char* text : {"0.0", "0.001", "0.005", "0.1", "1.0", "2.5", "10.0", "9.999", "1e-05", "0.0001", "100000.0",
                           "1e+06", "1.5e+06", "1e+10", "1e-10", "-1.0", "123456.5", "1.234567e+06"}) {
    CHECK(bound_of(std::strtod(text, nullptr)) == text);
  }
}

TEST_CASE("an exemplar follows the counter or the bucket that it is an example of") {
  using std::chrono::milliseconds;
  exemplar counted("trace_id", "a\"\xFF");
  counted.value = 2;
  exemplar fast("trace_id", "f");
  fast.label("span_id", "1").at(std::chrono::system_clock::time_point(milliseconds(1'700'000'000'500))).value = 0.5;
  exemplar slow;
  slow.value = 7;
  const metric_snapshot snapshot{
      {"a_total", "A.", metric_type::counter, {}, {{{}, 3.0, {counted}}}},
      {"t", "T.", metric_type::histogram, {"u"}, {{{"x"}, histogram_value{{0.5, 1}, {1, 0, 1}, 7.5}, {fast, slow}}}},
      {"z", "A gauge has none.", metric_type::gauge, {}, {{{}, 1.0, {counted}}}},
  };
  CHECK(to_openmetrics_text(snapshot) ==
        "# HELP a A.\n"
        "# TYPE a counter\n"
        "a_total 3 # {trace_id=\"a\\\"\xEF\xBF\xBD\"} 2\n"
        "# HELP t T.\n"
        "# TYPE t histogram\n"
        "t_bucket{u=\"x\",le=\"0.5\"} 1 # {trace_id=\"f\",span_id=\"1\"} 0.5 1700000000.5\n"
        "t_bucket{u=\"x\",le=\"1.0\"} 1\n"
        "t_bucket{u=\"x\",le=\"+Inf\"} 2 # {} 7\n"
        "t_sum{u=\"x\"} 7.5\n"
        "t_count{u=\"x\"} 2\n"
        "# HELP z A gauge has none.\n"
        "# TYPE z gauge\n"
        "z 1\n"
        "# EOF\n");
  CHECK(to_prometheus_text(snapshot).find(" # {") == std::string::npos);
}

TEST_CASE("OpenMetrics has neither sum nor count for a histogram of negative bounds") {
  const metric_snapshot snapshot{
      {"t", "T.", metric_type::histogram, {}, {{{}, histogram_value{{-1, 0}, {1, 0, 0}, -2}}}}};
  CHECK(to_openmetrics_text(snapshot) ==
        "# HELP t T.\n"
        "# TYPE t histogram\n"
        "t_bucket{le=\"-1.0\"} 1\n"
        "t_bucket{le=\"0.0\"} 1\n"
        "t_bucket{le=\"+Inf\"} 1\n"
        "# EOF\n");
  CHECK_THAT(to_prometheus_text(snapshot), catchx::ContainsSubstring("t_sum -2\n"));
}

TEST_CASE("an exemplar that OpenMetrics does not allow is left out and the page stays") {
  for (const exemplar& bad : {exemplar("trace-id", "x"), exemplar("trace_id", std::string(121, 'x'))}) {
    const metric_snapshot snapshot{{"a_total", "A.", metric_type::counter, {}, {{{}, 3.0, {bad}}}}};
    CHECK(to_openmetrics_text(snapshot) == "# HELP a A.\n# TYPE a counter\na_total 3\n# EOF\n");
  }
}

}  // namespace t_metric_text
