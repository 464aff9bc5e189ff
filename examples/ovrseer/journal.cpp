// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// `ovrseer journal`: what a journal on disk tells, of events and of past states.
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include <asio/io_context.hpp>

#include <ovrseer/config/values.hpp>
#include <ovrseer/event/read_journal.hpp>
#include <ovrseer/event/replay.hpp>
#include <ovrseer/event/replay_difference.hpp>
#include <ovrseer/event/replay_json.hpp>

#include "load.hpp"
#include "options.hpp"

namespace program {
namespace {

using ovrseer::event;
using ovrseer::journal_item;
using ovrseer::journal_loss;
using ovrseer::stored_event;
using ovrseer::to_iso8601;
using ovrseer::to_json_text;
using ovrseer::wall_time;

/// What the command line says and is not right.
struct usage_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Moments.

wall_time last_moment() { return wall_time::max(); }

/// "2024-01-31", "2024-01-31T09:30", with seconds, with milliseconds, with or without Z; in UTC.
std::optional<wall_time> parse_calendar(std::string text) {
  if (text.ends_with('Z')) text.pop_back();
  std::ranges::replace(text, ' ', 'T');
  constexpr std::string_view rest = "2000-01-01T00:00:00.000Z";
  if (text.size() != 10 && text.size() != 16 && text.size() != 19 && text.size() != 23) return std::nullopt;
  return ovrseer::from_iso8601(text.append(rest.substr(text.size())));
}

/// A moment of the calendar, or how long ago it is, such as 10m.
wall_time parse_moment(const std::string& text) {
  if (const auto moment = parse_calendar(text)) return *moment;
  const auto ago = ovrseer::parse_duration(text);
  const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
  if (!ago || is_number) {
    throw usage_error("\"" + text + "\" is no time: 2024-01-31, 2024-01-31T09:30:00, or so long ago, such as 10m");
  }
  return std::chrono::system_clock::now() - std::chrono::duration_cast<wall_time::duration>(*ago);
}

/// The number of an event, or a moment.
struct place {
  std::optional<std::uint64_t> seq;
  wall_time moment = last_moment();
};

place parse_place(const std::string& text) {
  place made;
  std::uint64_t seq = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (code == std::errc() && end == text.data() + text.size()) {
    made.seq = seq;
  } else if (text != "end") {
    made.moment = parse_moment(text);
  }
  return made;
}

// What is chosen.

class filter {
 public:
  explicit filter(const journal_options& options) {
    for (const std::string& name : options.units) {
      const auto slash = name.find('/');
      units_.push_back(slash == std::string::npos ? ovrseer::unit_id(name)
                                                  : ovrseer::unit_id(name.substr(0, slash), name.substr(slash + 1)));
    }
    for (const std::string& name : options.types) {
      const auto type = ovrseer::parse_event_type(name);
      if (!type) throw usage_error("\"" + name + "\" is no type of an event, such as crashed or ready");
      types_.push_back(*type);
    }
    if (!options.severity.empty()) {
      const auto least = ovrseer::parse_severity(options.severity);
      if (!least) throw usage_error("\"" + options.severity + "\" is none of debug, info, warning, error and critical");
      least_ = *least;
    }
    if (!options.since.empty()) since_ = parse_moment(options.since);
    if (!options.until.empty()) until_ = parse_moment(options.until);
  }

  bool admits(const event& entry) const {
    const auto is_among = [](const auto& list, const auto& value) {
      return list.empty() || std::ranges::find(list, value) != list.end();
    };
    return entry.time >= since_ && entry.time <= until_ && entry.severity >= least_ && is_among(types_, entry.type) &&
           is_among(units_, entry.unit);
  }
  /// A loss concerns everybody who does not ask for other times; it has none of its own.
  bool admits_time(wall_time last_seen) const { return last_seen <= until_; }

 private:
  std::vector<ovrseer::unit_id> units_;
  std::vector<ovrseer::event_type> types_;
  ovrseer::severity least_ = ovrseer::severity::debug;
  wall_time since_ = wall_time::min();
  wall_time until_ = last_moment();
};

/// The one life that is meant: by the beginning of its id, or "last"; nothing: every life.
std::optional<std::string> chosen_life(const std::vector<ovrseer::journal_life>& lives, const std::string& wanted) {
  if (wanted.empty()) return std::nullopt;
  if (lives.empty()) throw usage_error("the journal is empty");
  if (wanted == "last") return lives.back().boot_id;
  std::optional<std::string> found;
  for (const ovrseer::journal_life& life : lives) {
    if (!life.boot_id.starts_with(wanted) || found == life.boot_id) continue;
    if (found) throw usage_error("several lives have a boot id that begins with \"" + wanted + "\"");
    found = life.boot_id;
  }
  if (!found) throw usage_error("no life has a boot id that begins with \"" + wanted + "\"");
  return found;
}

// What is shown.

ovrseer::ordered_json loss_to_json(const journal_loss& loss) {
  ovrseer::ordered_json json{{"v", 1}, {"kind", "loss"}, {"why", to_text(loss.why)}, {"boot_id", loss.boot_id}};
  if (loss.first_seq != 0) json["first_seq"] = loss.first_seq;
  if (loss.events) json["events"] = *loss.events;
  if (loss.records != 0) json["records"] = loss.records;
  if (!loss.file.empty()) json["file"] = loss.file, json["offset"] = loss.offset;
  if (loss.bytes != 0) json["bytes"] = loss.bytes;
  json["words"] = to_text(loss);
  return json;
}

color color_of(ovrseer::severity level) {
  using enum ovrseer::severity;
  if (level >= error) return color::red;
  return level == warning ? color::yellow : color::none;
}

color color_of(ovrseer::unit_state state) {
  using enum ovrseer::unit_state;
  if (state == failed || state == crashed || state == skipped) return color::red;
  if (state == ready || state == completed) return color::green;
  return state == backing_off || state == unhealthy ? color::yellow : color::none;
}

/// Text from a journal must not steer the terminal.
std::string printable(std::string_view text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      shown.push_back(c);
    } else {
      shown.append("^").push_back(static_cast<char>(byte ^ 0x40));
    }
  }
  return shown;
}

std::string details_of(const event& entry) {
  if (const ovrseer::cause* const why = cause_of(entry)) {
    std::string text = to_text(*why);
    const auto* const change = std::get_if<ovrseer::transition_data>(&entry.data);
    if (change != nullptr && change->pid) text += ", process " + std::to_string(*change->pid);
    if (const auto* const own = std::get_if<ovrseer::supervisor_data>(&entry.data); own != nullptr && own->exit_code) {
      text += (text.empty() ? "" : ", ") + ("exit code " + std::to_string(*own->exit_code));
    }
    return text;
  }
  if (const auto* const flag = std::get_if<ovrseer::flag_data>(&entry.data)) {
    return "\"" + flag->flag + "\" " + std::to_string(flag->count) + ": " + flag->line;
  }
  if (const auto* const check = std::get_if<ovrseer::check_data>(&entry.data)) {
    return check->check + ": " + check->reason;
  }
  if (const auto* const dropped = std::get_if<ovrseer::dropped_data>(&entry.data)) {
    return std::to_string(dropped->count) + " " + dropped->what;
  }
  return {};
}

class event_view {
 public:
  event_view(output_form form, color_choice colors) : out_(STDOUT_FILENO, colors), form_(form) {}

  void show(const stored_event& stored) {
    const event& entry = stored.entry;
    if (form_ == output_form::json) {
      ovrseer::ordered_json json = to_json(entry, stored.boot_id);
      json["kind"] = "event";
      out_.line(to_json_text(json));
      return;
    }
    if (life_ != stored.boot_id) {
      life_ = stored.boot_id;
      out_.line("-- " + printable(life_), color::bold);
    }
    const std::string seq = std::to_string(entry.seq);
    out_.text(to_iso8601(entry.time), color::gray).text(" " + std::string(seq.size() < 6 ? 6 - seq.size() : 0, ' '));
    out_.text(seq + "  ").text(padded(printable(entry.unit.name.empty() ? "-" : to_text(entry.unit)), 12), color::teal);
    const std::string details = printable(details_of(entry));
    out_.text("  ").text(padded(to_text(entry.type), details.empty() ? 0 : 19), color_of(entry.severity));
    out_.line(details.empty() ? "" : "  " + details);
  }
  void show(const journal_loss& loss) {
    if (form_ == output_form::json) {
      out_.line(to_json_text(loss_to_json(loss)));
    } else {
      out_.line("!! " + printable(to_text(loss)), color::yellow);
    }
  }
  bool is_closed() const { return out_.is_closed(); }

 private:
  console out_;
  output_form form_;
  std::string life_;
};

/// Events to a file, one line of JSON each; losses as `dropped` events, as a journal on disk notes them.
class export_file {
 public:
  explicit export_file(std::string path) : path_(std::move(path)), temporary_(path_ + ".tmp") {
    file_.reset(std::fopen(temporary_.c_str(), "wbe"));
    if (!file_) fail(temporary_);
  }
  export_file(const export_file&) = delete;
  export_file& operator=(const export_file&) = delete;
  ~export_file() {
    if (file_) std::remove(temporary_.c_str());
  }

  void add(const event& entry, const std::string& boot_id) {
    const std::string line = ovrseer::to_record(entry, boot_id);
    if (std::fwrite(line.data(), 1, line.size(), file_.get()) != line.size()) fail(temporary_);
    ++count_;
  }
  void add(const journal_loss& loss, const event& near) {
    if (!loss.events || *loss.events == 0 || loss.first_seq == 0 || loss.why == journal_loss::kind::doubtful) return;
    event note;
    note.seq = loss.first_seq;
    note.time = near.time;
    note.mono_ns = near.mono_ns;
    note.type = ovrseer::event_type::dropped;
    note.severity = ovrseer::severity::warning;
    note.data = ovrseer::dropped_data{std::string(ovrseer::dropped_events), *loss.events};
    add(note, loss.boot_id);
    --count_;
  }
  /// Puts it in its place; yields the number of events.
  std::uint64_t finish() {
    if (std::fclose(file_.release()) != 0) fail(temporary_);
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail(path_);
    return count_;
  }

 private:
  struct closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  [[noreturn]] static void fail(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), path);
  }

  std::string path_;
  std::string temporary_;
  std::unique_ptr<std::FILE, closer> file_;
  std::uint64_t count_ = 0;
};

// The past.

/// The state at a place, found while the journal is read from its beginning.
class past {
 public:
  past(place where, std::optional<std::string> life) : where_(where), life_(std::move(life)) {}

  void take(const stored_event& stored) {
    if (is_found_ || (life_ && stored.boot_id != *life_)) return;
    if (replay_.state().boot_id != stored.boot_id || stored.entry.seq <= replay_.state().last_seq) {
      // Of lives that overlap in no number, the last one that began before the moment counts.
      if (!where_.seq && replay_.state().last_seq != 0 && stored.entry.time > where_.moment) {
        is_found_ = true;
        return;
      }
      replay_ = ovrseer::journal_replay(stored.boot_id);
    }
    const bool is_beyond = where_.seq ? stored.entry.seq > *where_.seq : stored.entry.time > where_.moment;
    if (is_beyond) {
      is_found_ = !where_.seq || replay_.state().last_seq != 0;
      // Where the event itself is missing, so is what it changed.
      if (is_found_ && where_.seq) replay_.skip(*where_.seq);
      return;
    }
    replay_.apply(stored.entry);
  }

  const ovrseer::replayed_stack& state() const { return replay_.state(); }
  bool has_any() const { return replay_.state().last_seq != 0; }

 private:
  place where_;
  std::optional<std::string> life_;
  ovrseer::journal_replay replay_;
  bool is_found_ = false;
};

void show_state(const ovrseer::replayed_stack& stack, output_form form, color_choice colors) {
  console out(STDOUT_FILENO, colors);
  if (form == output_form::json) {
    out.line(to_json_text(to_json(stack)));
    return;
  }
  out.text("after event " + std::to_string(stack.last_seq) + " of " + printable(stack.boot_id), color::bold);
  out.line(" (" + to_iso8601(stack.time) + "): the supervisor is " + std::string(to_text(stack.phase)) +
           (stack.is_phase_outdated ? " as far as is known" : ""));
  if (stack.missing != 0) {
    out.line(std::to_string(stack.missing) + " events before that are missing", color::yellow);
  }
  std::size_t width = 0;
  for (const auto& [id, unit] : stack.units) width = std::max(width, to_text(id).size());
  for (const auto& [id, unit] : stack.units) {
    out.text("  ").text(padded(printable(to_text(id)), width), color::teal).text("  ");
    out.line(printable(to_text(unit)), color_of(unit.state));
  }
}

void show_difference(const ovrseer::replay_difference& what, output_form form, color_choice colors) {
  console out(STDOUT_FILENO, colors);
  if (form == output_form::json) {
    out.line(to_json_text(to_json(what)));
    return;
  }
  out.line("from event " + std::to_string(what.before.last_seq) + " (" + to_iso8601(what.before.time) + ") to " +
               std::to_string(what.after.last_seq) + " (" + to_iso8601(what.after.time) + ")",
           color::bold);
  if (!what.is_same_life()) {
    out.line("another life: " + printable(what.before.boot_id) + " -> " + printable(what.after.boot_id));
  }
  if (what.before.phase != what.after.phase) {
    out.line("the supervisor: " + std::string(to_text(what.before.phase)) + " -> " +
             std::string(to_text(what.after.phase)));
  }
  for (const ovrseer::unit_difference& each : what.units) {
    out.line(printable(to_text(each)), each.after ? color_of(each.after->state) : color::gray);
  }
  if (what.is_empty()) out.line("nothing has changed");
}

// The command.

class journal_command {
 public:
  journal_command(const journal_options& options, std::string folder)
      : options_(options), folder_(std::move(folder)), filter_(options) {}

  int run() {
    const bool asks_past = !options_.at.empty() || !options_.difference.empty();
    std::string wanted = options_.boot;
    // A number means something within one life only.
    const auto is_number = [](const std::string& text) { return parse_place(text).seq.has_value(); };
    if (asks_past && wanted.empty() &&
        ((!options_.at.empty() && is_number(options_.at)) || std::ranges::any_of(options_.difference, is_number))) {
      wanted = "last";
    }
    if (!wanted.empty()) {
      const ovrseer::journal_reading found = ovrseer::read_journal(folder_, [](const journal_item&) {});
      life_ = chosen_life(found.lives, wanted);
    }
    if (!options_.at.empty()) return show_at();
    if (!options_.difference.empty()) return show_between();
    return show_events();
  }

 private:
  bool is_chosen(const std::string& boot_id) const { return !life_ || *life_ == boot_id; }

  int show_events() {
    std::uint64_t shown = 0;
    std::optional<event_view> view;
    std::optional<export_file> file;
    if (options_.export_to.empty())
      view.emplace(options_.form, options_.colors);
    else
      file.emplace(options_.export_to);
    event last;
    const auto sink = [&](const journal_item& item) {
      if (const auto* const loss = std::get_if<journal_loss>(&item)) {
        if (!loss->boot_id.empty() && !is_chosen(loss->boot_id)) return;
        if (!filter_.admits_time(last.time)) return;
        if (view) view->show(*loss);
        if (file) file->add(*loss, last);
        return;
      }
      const auto& stored = std::get<stored_event>(item);
      if (!is_chosen(stored.boot_id)) return;
      last = stored.entry;
      if (!filter_.admits(stored.entry)) return;
      ++shown;
      if (view) view->show(stored);
      if (file) file->add(stored.entry, stored.boot_id);
    };
    (void)ovrseer::read_journal(folder_, sink);
    if (file) {
      console errors(STDERR_FILENO, options_.colors);
      errors.line(std::to_string(file->finish()) + " events written to " + options_.export_to);
    }
    return shown != 0 ? success : 1;
  }

  /// Reads the journal once, for several places.
  std::vector<past> look_back(const std::vector<std::string>& places) {
    std::vector<past> all;
    for (const std::string& text : places) all.emplace_back(parse_place(text), life_);
    console errors(STDERR_FILENO, options_.colors);
    const auto sink = [&](const journal_item& item) {
      if (const auto* const stored = std::get_if<stored_event>(&item)) {
        for (past& each : all) each.take(*stored);
      } else if (const auto& loss = std::get<journal_loss>(item); loss.boot_id.empty() || is_chosen(loss.boot_id)) {
        errors.text("ovrseer: ").line(printable(to_text(loss)), color::yellow);
      }
    };
    (void)ovrseer::read_journal(folder_, sink);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!all[i].has_any()) throw usage_error("the journal has no event at or before " + places[i]);
    }
    return all;
  }

  int show_at() {
    const std::vector<past> found = look_back({options_.at});
    show_state(found.front().state(), options_.form, options_.colors);
    return success;
  }

  int show_between() {
    const std::vector<past> found = look_back(options_.difference);
    show_difference(difference(found[0].state(), found[1].state()), options_.form, options_.colors);
    return success;
  }

  const journal_options& options_;
  std::string folder_;
  filter filter_;
  std::optional<std::string> life_;
};

/// The folder that is meant: as given, or as the configuration says; nothing where that was reported.
std::optional<std::string> folder_of(const journal_options& options) {
  if (!options.folder.empty()) return options.folder;
  asio::io_context io(1);
  stack_options stack;
  stack.file = options.file;
  stack.form = options.form;
  stack.colors = options.colors;
  const std::optional<stack_configuration> read = load(stack, io.get_executor());
  if (!read) return std::nullopt;
  if (!read->journal) throw usage_error("the configuration keeps no journal on disk: add journal: { path: ... }");
  return read->journal->folder;
}

}  // namespace

int run_journal(const journal_options& options) {
  try {
    const std::optional<std::string> folder = folder_of(options);
    if (!folder) return usage;
    return journal_command(options, *folder).run();
  } catch (const std::exception& failure) {
    console errors(STDERR_FILENO, options.colors);
    errors.text("ovrseer: ").line(failure.what());
    return usage;
  }
}

}  // namespace program
