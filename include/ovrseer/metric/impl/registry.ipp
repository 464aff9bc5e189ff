// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/metric/registry.hpp>.
#pragma once

#include <ovrseer/metric/names.hpp>
#include <ovrseer/metric/registry.hpp>

namespace ovrseer {

OVRSEER_DECL family<counter>& registry::counters(std::string name, std::string help,
                                                 std::vector<std::string> label_names) {
  return obtain<counter>(std::move(name), std::move(help), std::move(label_names),
                         [] { return std::make_shared<counter>(); });
}

OVRSEER_DECL family<gauge>& registry::gauges(std::string name, std::string help, std::vector<std::string> label_names) {
  return obtain<gauge>(std::move(name), std::move(help), std::move(label_names),
                       [] { return std::make_shared<gauge>(); });
}

OVRSEER_DECL family<histogram>& registry::histograms(std::string name, std::string help,
                                                     std::vector<std::string> label_names, std::vector<double> bounds) {
  bounds = histogram::checked(std::move(bounds));
  if (std::find(label_names.begin(), label_names.end(), "le") != label_names.end()) {
    refuse(name, "a histogram cannot have the label \"le\"");
  }
  auto& found = obtain<histogram>(std::move(name), std::move(help), std::move(label_names),
                                  [bounds] { return std::make_shared<histogram>(bounds); });
  const std::lock_guard lock(mutex_);
  if (bounds_.emplace(found.name(), bounds).first->second != bounds) {
    refuse(found.name(), "taken by a histogram of other bounds");
  }
  return found;
}

OVRSEER_DECL metric_snapshot registry::collect() const {
  metric_snapshot snapshot;
  metric_family overflow{std::string(overflow_metric),
                         "Look-ups that were refused a series of their own.",
                         metric_type::counter,
                         {"family"},
                         {}};
  for (const metric_detail::any_family* each : all()) {
    metric_family taken = each->collect();
    if (const auto refused = each->refused(); refused != 0) {
      overflow.samples.push_back({{each->name()}, static_cast<double>(refused)});
    }
    if (!taken.samples.empty()) snapshot.push_back(std::move(taken));
  }
  if (!overflow.samples.empty()) {
    const auto behind = std::find_if(snapshot.begin(), snapshot.end(),
                                     [&](const metric_family& each) { return each.name > overflow.name; });
    snapshot.insert(behind, std::move(overflow));
  }
  return snapshot;
}

OVRSEER_DECL metric_snapshot registry::collect(std::chrono::steady_clock::time_point now) {
  for (metric_detail::any_family* each : all()) each->expire(now);
  return collect();
}

OVRSEER_DECL void registry::reserve(const std::string& name, metric_type type) {
  std::set<std::string> wanted{name};
  if (type == metric_type::histogram) {
    wanted.insert({name + "_bucket", name + "_sum", name + "_count", name + "_created"});
  } else if (type == metric_type::counter) {
    const std::string base(counter_base(name));
    wanted.insert({base, base + "_total", base + "_created"});
  }
  for (const std::string& each : wanted) {
    if (shown_.contains(each)) refuse(name, each + " is shown by another family");
  }
  shown_.insert(wanted.begin(), wanted.end());
}

OVRSEER_DECL void registry::check_names(const std::string& name, const std::vector<std::string>& label_names) {
  if (!is_valid_metric_name(name)) refuse(name, "not a metric name");
  std::set<std::string_view> seen;
  for (const std::string& label : label_names) {
    if (!is_valid_label_name(label)) refuse(name, "not a label name: \"" + label + "\"");
    if (!seen.insert(label).second) refuse(name, "has the label \"" + label + "\" twice");
  }
}

OVRSEER_DECL std::vector<metric_detail::any_family*> registry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<metric_detail::any_family*> list;
  for (const auto& [name, each] : families_) list.push_back(each.get());
  return list;
}

}  // namespace ovrseer
