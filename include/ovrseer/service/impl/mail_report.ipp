// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/service/mail_report.hpp>.
#pragma once

#include <string>
#include <string_view>

#include <ovrseer/deliver/crash_facts.hpp>
#include <ovrseer/deliver/http_answer.hpp>
#include <ovrseer/event/iso8601.hpp>
#include <ovrseer/service/digest.hpp>
#include <ovrseer/service/mail_report.hpp>
#include <ovrseer/service/text.hpp>

namespace ovrseer {

namespace service_detail {

inline std::string mail_row(std::string_view name, std::string_view value) {
  return "<tr><th align=\"left\">" + html_escaped(name) + "</th><td>" + html_escaped(value) + "</td></tr>\n";
}

}  // namespace service_detail

OVRSEER_DECL mail_message mail_report::message(const crash_report& report) const {
  const std::string headline = headline_of(report);
  std::string subject = std::string(to_text(severity_of(report.kind))) + ": " + excerpt_of(headline);
  if (report.occurrences > 1) subject += " (" + std::to_string(report.occurrences) + " times)";
  std::vector<std::pair<std::string, std::string>> facts = facts_of(report);
  facts.emplace_back("Time", to_iso8601(report.time));
  facts.emplace_back("Report", report.id);

  std::string text = headline + "\n\n";
  std::string page = "<!DOCTYPE html>\n<html><body>\n<h2>" + html_escaped(headline) + "</h2>\n<table>\n";
  for (const auto& [name, value] : facts) {
    text += name + ": " + value + "\n";
    page += service_detail::mail_row(name, value);
  }
  page += "</table>\n";
  const std::string log = tail_of(report.last_lines, log_characters_);
  if (!log.empty()) {
    text += "\n" + log + "\n";
    page += "<pre>" + html_escaped(log) + "</pre>\n";
  }
  page += "</body></html>\n";

  mail_message made = blank_;
  made.subject(std::move(subject)).text(std::move(text)).html(std::move(page));
  made.id(hex_digest(report.id)).date(report.time).header("X-Ovrseer-Unit", excerpt_of(to_text(report.unit)));
  return made;
}

}  // namespace ovrseer
