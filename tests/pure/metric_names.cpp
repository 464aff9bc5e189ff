// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Names as Prometheus takes them, and bytes that are not UTF-8.
#include <catch.hpp>
#include <ovrseer/metric/names.hpp>
#include <ovrseer/utf8.hpp>

namespace t_metric_names {

using namespace ovrseer;

static_assert(is_valid_metric_name("ovrseer_unit_restarts_total"));
static_assert(is_valid_metric_name(":rule:_9"));
static_assert(!is_valid_metric_name(""));
static_assert(!is_valid_metric_name("9a"));
static_assert(!is_valid_metric_name("a-b"));
static_assert(!is_valid_metric_name("a b"));
static_assert(!is_valid_metric_name("\xC3\xA4"));
static_assert(is_valid_label_name("name_space9"));
static_assert(!is_valid_label_name(""));
static_assert(!is_valid_label_name("9a"));
static_assert(!is_valid_label_name("a:b"));
static_assert(!is_valid_label_name("__name__"));

TEST_CASE("well formed UTF-8 stays as it is") {
  for (const std::string text : {"", "plain", "\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEE\x80\x80", "\x7F",
                                 "\xF4\x8F\xBF\xBF", "\xED\x9F\xBF"}) {
    CHECK(is_valid_utf8(text));
    CHECK(valid_utf8(text) == text);
  }
}

TEST_CASE("every byte that is not UTF-8 becomes one replacement character") {
  const std::string mark = "\xEF\xBF\xBD";
  const auto replaced = [](std::string_view text) { return valid_utf8(text); };
  CHECK(replaced("\xFF") == mark);
  CHECK(replaced("a\x80z") == "a" + mark + "z");
  CHECK(replaced("\xC0\xAF") == mark + mark);                        // over-long
  CHECK(replaced("\xE0\x80\x80") == mark + mark + mark);             // over-long
  CHECK(replaced("\xED\xA0\x80") == mark + mark + mark);             // surrogate
  CHECK(replaced("\xF4\x90\x80\x80") == mark + mark + mark + mark);  // beyond the last code point
  CHECK(replaced("\xF5\x80") == mark + mark);
  CHECK(replaced("\xE2\x82") == mark + mark);  // cut
  CHECK(replaced("\xC3"
                 "A") == mark + "A");
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("x") + static_cast<char>(byte) + "y";
    CHECK(is_valid_utf8(replaced(text)));
    CHECK(is_valid_utf8(text) == (byte < 128));
  }
}

TEST_CASE("the family of a counter has its name without the ending") {
  static_assert(counter_base("a_total") == "a");
  static_assert(counter_base("a") == "a");
  static_assert(counter_base("a_total_total") == "a_total");
  static_assert(counter_base("_total") == "_total");
  CHECK(counter_base("").empty());
}

}  // namespace t_metric_names
