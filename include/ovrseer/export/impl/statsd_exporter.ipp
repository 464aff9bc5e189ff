// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/export/statsd_exporter.hpp>.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include <ovrseer/export/statsd_exporter.hpp>

namespace ovrseer {

/// One number of a sample.
struct statsd_totals::part {
  enum class nature : std::uint8_t { count, sum, bucket };

  nature kind = nature::count;
  std::string suffix;
  double now = 0;
  statsd_tags bounds;  // of a bucket, the upper one last
};

OVRSEER_DECL std::vector<statsd_totals::message> statsd_totals::take(const metric_snapshot& snapshot) {
  std::vector<message> made;
  ++round_;
  for (const metric_family& family : snapshot) {
    for (const metric_sample& sample : family.samples) {
      if (family.type == metric_type::gauge) {
        const double value = std::get<double>(sample.value);
        made.push_back(message{text_of(family, sample, part(), value), nullptr, 0});
      } else {
        take_totals(family, sample, made);
      }
    }
  }
  std::erase_if(series_, [this](const auto& each) { return each.second.round != round_; });
  return made;
}

OVRSEER_DECL void statsd_totals::give_back(const message& lost) noexcept {
  if (!lost.of) return;
  lost.of->owed += lost.said;
  lost.of->is_begun = lost.of->is_begun && lost.said != 0;
}

OVRSEER_DECL std::vector<statsd_totals::part> statsd_totals::parts_of(const metric_sample& sample) {
  using nature = part::nature;
  const auto* seen = std::get_if<histogram_value>(&sample.value);
  if (seen == nullptr) return {part{nature::count, "", std::get<double>(sample.value), {}}};
  std::vector<part> made;
  made.push_back(part{nature::count, ".count", static_cast<double>(seen->count()), {}});
  made.push_back(part{nature::sum, ".sum", seen->sum, {}});
  std::string low = "-inf";
  for (std::size_t i = 0; i != seen->counts.size(); ++i) {
    std::string high = i < seen->bounds.size() ? statsd_number(seen->bounds[i]) : "inf";
    made.push_back(part{nature::bucket, ".bucket", static_cast<double>(seen->counts[i]), {}});
    made.back().bounds.emplace_back("lower_bound", std::move(low));
    made.back().bounds.emplace_back("upper_bound", high);
    low = std::move(high);
  }
  return made;
}

OVRSEER_DECL void statsd_totals::take_totals(const metric_family& family, const metric_sample& sample,
                                             std::vector<message>& out) {
  using nature = part::nature;
  series_name name{family.name};
  name.insert(name.end(), sample.label_values.begin(), sample.label_values.end());
  series& kept = series_[std::move(name)];
  kept.round = round_;
  const std::vector<part> parts = parts_of(sample);
  if (!kept.totals || kept.totals->size() != parts.size()) {
    kept.totals = std::make_shared<std::vector<total>>(parts.size());
  }
  std::vector<total>& totals = *kept.totals;
  // A sum may go back by itself; where a count does, all began anew.
  bool is_anew = false;
  for (std::size_t i = 0; i != parts.size(); ++i) {
    is_anew = is_anew || (parts[i].kind != nature::sum && parts[i].now < totals[i].last);
  }
  for (std::size_t i = 0; i != parts.size(); ++i) {
    if (!std::isfinite(parts[i].now)) continue;
    total& of = totals[i];
    of.owed += parts[i].now - (is_anew ? 0 : of.last);
    of.last = parts[i].now;
    const bool is_first = !of.is_begun && parts[i].kind != nature::bucket;
    if (of.owed == 0 && !is_first) continue;
    const double said = std::exchange(of.owed, 0);
    of.is_begun = true;
    out.push_back(message{text_of(family, sample, parts[i], said), {kept.totals, &of}, said});
  }
}

OVRSEER_DECL std::string statsd_totals::text_of(const metric_family& family, const metric_sample& sample,
                                                const part& which, double value) const {
  const bool is_gauge = family.type == metric_type::gauge;
  statsd_metric made(family.name, value, is_gauge ? statsd_type::gauge : statsd_type::count);
  if (service_.dialect() == statsd_dialect::datadog) {
    made.name += which.suffix;
    for (std::size_t i = 0; i < family.label_names.size() && i < sample.label_values.size(); ++i) {
      made.tags.emplace_back(family.label_names[i], sample.label_values[i]);
    }
    made.tags.insert(made.tags.end(), which.bounds.begin(), which.bounds.end());
    return service_.message(made);
  }
  const auto add_level = [&](std::string level) {
    std::replace(level.begin(), level.end(), '.', '_');
    made.name.append(".").append(level.empty() ? "_" : level);
  };
  for (const std::string& value_of_label : sample.label_values) add_level(value_of_label);
  made.name += which.suffix;
  if (!which.bounds.empty()) add_level(which.bounds.back().second);
  return service_.message(made);
}

OVRSEER_DECL statsd_parcels pack_parcels(std::vector<statsd_totals::message> messages, std::size_t limit) {
  statsd_parcels made;
  datagram_packer packer(limit);
  std::vector<statsd_totals::message> gathered;
  for (statsd_totals::message& each : messages) {
    const std::uint64_t before = packer.left_out();
    if (std::optional<std::string> full = packer.add(each.text)) {
      made.parcels.push_back(statsd_parcel{*std::move(full), std::exchange(gathered, {})});
    }
    if (packer.left_out() == before) gathered.push_back(std::move(each));
  }
  if (std::optional<std::string> rest = packer.take()) {
    made.parcels.push_back(statsd_parcel{*std::move(rest), std::move(gathered)});
  }
  made.left_out = packer.left_out();
  return made;
}

}  // namespace ovrseer
