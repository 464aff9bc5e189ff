// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The concept takes what hides secrets and refuses what only looks like it; the null model hides nothing.
#include <ovrseer/redact/line_redactor.hpp>
#include <ovrseer/redact/redaction.hpp>

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "catch.hpp"

namespace t_redact_redaction {

using namespace ovrseer;

struct without_append {
  std::string redact(std::string_view text) const { return std::string(text); }
};
struct changes_itself : no_redaction {
  std::string redact(std::string_view text) { return std::string(text); }
};

static_assert(redaction<redactor>);
static_assert(redaction<no_redaction>);
static_assert(!redaction<without_append>);
static_assert(!redaction<changes_itself>);
static_assert(!redaction<line_redactor>);
static_assert(!redaction<int>);
static_assert(std::is_empty_v<no_redaction>);

template <redaction R>
std::string hide(const R& rules, std::string_view text) {
  return rules.redact(text);
}

TEST_CASE("no redaction leaves everything as it is") {
  const no_redaction none;
  std::string text = "password=x";
  std::vector<std::string> arguments{"--password", "x"};
  CHECK(hide(none, text) == text);
  CHECK_FALSE(none.redact_in_place(text));
  CHECK_FALSE(none.redact_arguments(arguments));
  CHECK(none.redact_environment("PASSWORD", "x") == "x");
  std::string out;
  CHECK(none.append(out, text) == redaction_result::unchanged);
  CHECK(out == text);
  CHECK(arguments == std::vector<std::string>{"--password", "x"});
  CHECK(hide(redactor(), text) == "password=<redacted>");
}

}  // namespace t_redact_redaction
