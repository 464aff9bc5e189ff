// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Events for tests of journals: a plausible story of some units, random ones, and all that a journal on disk gives.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <ovrseer/event/journal_writer.hpp>
#include <ovrseer/event/read_journal.hpp>
#include <ovrseer/event/replay.hpp>

namespace ovrseer_test {

/// A change of state; the time goes on by a second an event.
inline ovrseer::event change_event(std::uint64_t seq, const std::string& unit, ovrseer::unit_state from,
                                   ovrseer::unit_state to, std::uint32_t incarnation = 1) {
  ovrseer::event made;
  made.seq = seq;
  made.time = ovrseer::wall_time(std::chrono::seconds(1'900'000'000 + static_cast<std::int64_t>(seq)));
  made.mono_ns = static_cast<std::int64_t>(seq) * 1'000'000'000;
  made.unit = ovrseer::unit_id(unit);
  made.incarnation = incarnation;
  made.type = ovrseer::type_of(to);
  made.cause_seq = seq - 1;
  ovrseer::transition_data data;
  data.from = from;
  data.why = {"because of " + std::to_string(seq), "rule", "decision"};
  if (to == ovrseer::unit_state::running) data.pid = static_cast<std::int32_t>(1000 + seq);
  if (to == ovrseer::unit_state::crashed) data.status = ovrseer::exit_status::exited(static_cast<int>(seq % 256));
  made.data = std::move(data);
  return made;
}
inline ovrseer::event plain_event(std::uint64_t seq, const std::string& unit, ovrseer::event_type type,
                                  ovrseer::event_data data = {}) {
  ovrseer::event made = change_event(seq, unit, ovrseer::unit_state::created, ovrseer::unit_state::created, 0);
  made.type = type;
  made.data = std::move(data);
  return made;
}

/// `count` events of three units that start, crash and start again, from number 1 on.
inline std::vector<ovrseer::event> story(std::uint64_t count) {
  using enum ovrseer::unit_state;
  using ovrseer::event_type;
  const std::vector<std::string> names{"db", "api", "worker"};
  std::vector<ovrseer::event> all;
  const auto next = [&] { return all.size() + 1; };
  for (const std::string& name : names) all.push_back(plain_event(next(), name, event_type::unit_added));
  all.push_back(plain_event(next(), "", event_type::supervisor_started));
  for (std::uint32_t life = 1; all.size() < count; ++life) {
    for (const std::string& name : names) {
      all.push_back(change_event(next(), name, life == 1 ? created : backing_off, waiting, life - 1));
      all.push_back(change_event(next(), name, waiting, starting, life));
      if (life != 1) all.push_back(plain_event(next(), name, event_type::restarted));
      all.push_back(change_event(next(), name, starting, running, life));
      all.push_back(change_event(next(), name, running, ready, life));
      all.push_back(change_event(next(), name, ready, crashed, life));
      all.push_back(change_event(next(), name, crashed, backing_off, life));
    }
  }
  all.resize(static_cast<std::size_t>(count));
  return all;
}

/// An event of any type with any data in which every member is by chance; what JSON cannot hold is left out.
class random_events {
 public:
  explicit random_events(std::uint64_t seed) : random_(seed) {}

  ovrseer::event next(std::uint64_t seq) {
    ovrseer::event made;
    made.seq = seq;
    made.time = ovrseer::wall_time(std::chrono::milliseconds(number(0, 4'000'000'000'000)));
    made.mono_ns = number(0, INT64_MAX);
    made.unit = ovrseer::unit_id(text(), text());
    made.incarnation = static_cast<std::uint32_t>(number(0, UINT32_MAX));
    made.type = static_cast<ovrseer::event_type>(number(0, 23));
    made.severity = static_cast<ovrseer::severity>(number(0, 4));
    made.cause_seq = static_cast<std::uint64_t>(number(0, INT64_MAX));
    made.data = data();
    return made;
  }

 private:
  std::int64_t number(std::int64_t from, std::int64_t to) {
    return std::uniform_int_distribution<std::int64_t>(from, to)(random_);
  }
  bool toss() { return number(0, 1) == 1; }
  std::string text() {
    static constexpr std::string_view parts[] = {
        "a", "Z", "0", "\"", "\\",   "\n",  "\t", "\x01", "\xC3\xA4", "\xF0\x9F\x98\x80",
        "{", "}", "/", " ",  "null", "\x7F"};
    std::string made;
    for (auto i = number(0, 6); i > 0; --i) made += parts[static_cast<std::size_t>(number(0, 15))];
    return made;
  }
  std::chrono::nanoseconds duration() { return std::chrono::nanoseconds(number(0, INT64_MAX)); }
  ovrseer::cause cause() { return {text(), text(), text()}; }
  ovrseer::exit_status status() {
    using ovrseer::exit_status;
    exit_status made = exit_status::lost();
    const auto kind = number(0, 2);
    if (kind == 0) made = exit_status::exited(static_cast<int>(number(0, 255)));
    if (kind == 1) {
      made = exit_status::signaled(ovrseer::signal_number(static_cast<int>(number(1, 64))),
                                   toss() ? exit_status::core::dumped : exit_status::core::none);
    }
    if (toss()) {
      ovrseer::resource_usage used;
      used.user_time = std::chrono::microseconds(number(1, INT64_MAX));
      used.max_resident = ovrseer::byte_size(static_cast<std::uint64_t>(number(0, INT64_MAX)));
      used.voluntary_switches = static_cast<std::uint64_t>(number(0, INT64_MAX));
      made.usage(used);
    }
    return made;
  }
  ovrseer::event_data data() {
    switch (number(0, 5)) {
      case 0: {
        ovrseer::transition_data made;
        made.from = static_cast<ovrseer::unit_state>(number(0, 13));
        made.why = cause();
        if (toss()) made.pid = static_cast<std::int32_t>(number(INT32_MIN, INT32_MAX));
        if (toss()) made.status = status();
        if (toss()) made.uptime = duration();
        if (toss()) made.delay = duration();
        if (toss()) made.took = duration();
        made.restarts = static_cast<std::uint32_t>(number(0, UINT32_MAX));
        return made;
      }
      case 1: {
        ovrseer::flag_data made{text(), static_cast<std::uint64_t>(number(0, INT64_MAX)), std::nullopt, text()};
        if (toss()) made.target = static_cast<std::uint64_t>(number(0, INT64_MAX));
        return made;
      }
      case 2: return ovrseer::check_data{text(), text()};
      case 3: return ovrseer::dropped_data{text(), static_cast<std::uint64_t>(number(0, INT64_MAX))};
      case 4: {
        ovrseer::supervisor_data made{cause(), std::nullopt};
        if (toss()) made.exit_code = static_cast<int>(number(-1, 255));
        return made;
      }
      default: return std::monostate();
    }
  }

  std::mt19937_64 random_;
};

inline ovrseer::journal_file_options journal_options(ovrseer::file_system& files) {
  ovrseer::journal_file_options made("journal");
  made.sync = ovrseer::journal_sync::left_to_system();
  made.files = &files;
  return made;
}

/// All that a journal on disk gives.
struct journal_content {
  std::vector<ovrseer::stored_event> events;
  std::vector<ovrseer::journal_loss> losses;
  ovrseer::journal_reading found;

  std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> all;
    for (const auto& each : events) all.push_back(each.entry.seq);
    return all;
  }
  /// The losses in short: "damaged 3+1", "unfinished".
  std::vector<std::string> told() const {
    std::vector<std::string> all;
    for (const auto& loss : losses) {
      std::string text(ovrseer::to_text(loss.why));
      if (loss.why != ovrseer::journal_loss::kind::unfinished) {
        text += " " + std::to_string(loss.first_seq) + "+" + (loss.events ? std::to_string(*loss.events) : "?");
      }
      all.push_back(std::move(text));
    }
    return all;
  }
};

inline journal_content read_all(ovrseer::file_system& files, const std::string& folder = "journal") {
  journal_content made;
  const auto sink = [&made](const ovrseer::journal_item& item) {
    if (const auto* loss = std::get_if<ovrseer::journal_loss>(&item)) {
      made.losses.push_back(*loss);
    } else {
      made.events.push_back(std::get<ovrseer::stored_event>(item));
    }
  };
  made.found = ovrseer::read_journal(folder, sink, &files);
  return made;
}

/// The state that a journal of one life gives.
inline ovrseer::replayed_stack replay_of(const journal_content& found) {
  ovrseer::journal_replay past;
  for (const auto& each : found.events) past.apply(each.entry);
  return past.state();
}

/// Whether an event is the one that was written, but for the words of its data.
inline bool is_same(const ovrseer::event& a, const ovrseer::event& b) {
  const auto* const why = ovrseer::cause_of(a);
  const auto* const other = ovrseer::cause_of(b);
  return a.seq == b.seq && a.time == b.time && a.mono_ns == b.mono_ns && a.unit == b.unit &&
         a.incarnation == b.incarnation && a.type == b.type && a.severity == b.severity && a.cause_seq == b.cause_seq &&
         a.data.index() == b.data.index() && (why == nullptr ? other == nullptr : other != nullptr && *why == *other);
}

/// What is told of a unit that was otherwise; empty where nothing is.
inline std::string falsehood(const ovrseer::replayed_unit& told, const ovrseer::replayed_unit* live) {
  if (live == nullptr) return "it was not there";
  if (told.is_outdated) return {};
  if (told.state != live->state || told.since_seq != live->since_seq) return "another state";
  if (told.incarnation != live->incarnation || told.restarts > live->restarts) return "another incarnation";
  if (told.pid && told.pid != live->pid) return "another process";
  if (told.last_status && told.last_status != live->last_status) return "another end";
  return told.is_whole && !(told == *live) ? "not the whole of it" : "";
}

/// What a damaged journal must never give: an event that was not written, a number twice, a state that was not; empty
/// where it gives none. `all` are the events that were written, from number 1 on, as one life.
inline std::string falsehood(const journal_content& found, const std::vector<ovrseer::event>& all) {
  ovrseer::journal_replay past;
  ovrseer::journal_replay right;
  std::uint64_t last = 0;
  for (const auto& [entry, boot_id] : found.events) {
    const std::string where = "event " + std::to_string(entry.seq) + ": ";
    if (entry.seq <= last || entry.seq > all.size()) return where + "out of order";
    if (!is_same(entry, all[static_cast<std::size_t>(entry.seq) - 1])) return where + "not as it was written";
    past.apply(entry);
    while (last < entry.seq) right.apply(all[static_cast<std::size_t>(last++)]);
    for (const auto& [id, unit] : past.state().units) {
      const std::string wrong = falsehood(unit, right.state().find(id));
      if (!wrong.empty()) return where + to_text(id) + ": " + wrong;
    }
  }
  return {};
}

}  // namespace ovrseer_test
