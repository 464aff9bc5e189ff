// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Fuzzer (libFuzzer): the light look into JSON lines agrees with a real parser wherever that one accepts the line,
// and what is encoded is JSON that gives the same bytes back.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <ovrseer/log/encode.hpp>
#include <ovrseer/log/json.hpp>
#include <ovrseer/log/json_line.hpp>

namespace {

// Whether a field is the value of `key` as a real parser sees it.
bool agrees(const nlohmann::json& object, const char* key, const ovrseer::json_field& field) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return true;
  if (field.what != ovrseer::json_field::kind::string) return false;
  const auto decoded = nlohmann::json::parse("\"" + std::string(field.raw) + "\"", nullptr, false);
  return decoded.is_string() && decoded == *found;
}

// Counts `what` in `text`: a key that stands twice is read differently, and may be.
std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++found;
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ovrseer::infer_level(text);
  (void)ovrseer::message_of(text);
  const ovrseer::json_line scanned = ovrseer::scan_json_line(text);
  const auto object = ovrseer::looks_like_json(text) ? nlohmann::json::parse(text, nullptr, false) : nlohmann::json();
  // To the other parser a NUL is the end of its input.
  const bool is_comparable = text.find("\\u") == std::string_view::npos && text.find('\0') == std::string_view::npos;
  if (object.is_object() && is_comparable) {
    if (!scanned.is_complete) std::abort();
    const bool is_plain = count(text, "\"level\"") <= 1 && count(text, "\"msg\"") <= 1 && object.size() <= 2;
    if (is_plain && object.contains("level") && object.contains("msg")) {
      if (!agrees(object, "level", scanned.level) || !agrees(object, "msg", scanned.message)) std::abort();
    }
  }

  ovrseer::line what;
  what.text = text;
  std::string encoded;
  ovrseer::append_json(encoded, what);
  const auto decoded = ovrseer::decode_line(encoded);
  if (!decoded.has_value() || decoded->text != text) std::abort();
  return 0;
}
