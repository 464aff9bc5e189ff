// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// From the drafts of reporters to the services that they tell.
#pragma once

#include <optional>
#include <string>

#include <ovrseer/build.hpp>
#include <ovrseer/config/detail/reader.hpp>
#include <ovrseer/config/detail/reporter_drafts.hpp>
#include <ovrseer/config/model.hpp>

namespace ovrseer::config_detail {

class reporter_builder {
 public:
  explicit reporter_builder(config_reader& reader) : reader_(reader) {}

  /// Nothing where something is wrong, which was reported where it stands.
  std::optional<reporter_settings> build(const reporter_draft& draft);

 private:
  using any_service = std::optional<reporter_settings::any_service>;

  any_service service(const reporter_draft& draft);
  any_service service(const slack_draft& draft, const config_node& place);
  any_service service(const pagerduty_draft& draft);
  any_service service(const sentry_draft& draft);
  any_service service(const webhook_draft& draft);
  any_service service(const mail_draft& draft, const config_node& place);
  any_service service(const command_line_draft& draft);
  any_service service(const datadog_draft& draft);

  /// With the address of its API, where one was written.
  template <class Service>
  any_service at(Service made, const given<std::string>& written);
  std::optional<url> address(const given<std::string>& written);
  /// What was written, as the type says that it must be.
  template <class Value>
  std::optional<Value> parsed(const std::string& text, const config_node& place, const char* expected);

  config_reader& reader_;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/build_reporters.ipp>
#endif
