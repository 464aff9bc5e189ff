// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/log/line_feed.hpp>.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include <ovrseer/log/line_feed.hpp>

namespace ovrseer {

OVRSEER_DECL line_feed::line_feed(const executor& ex, const log_limits& limits)
    : executor_(ex),
      clock_(clock_of(ex)),
      streams_{stream_state(limits), stream_state(limits)},
      state_(std::make_shared<log_detail::feed_state>()),
      waiting_(std::make_shared<char>()),
      lines_(ex, limits),
      flags_(limits.kept_matches()),
      least_(limits.minimum_level()) {}

OVRSEER_DECL void line_feed::finish(output_stream stream) {
  stream_state& at = state_of(stream);
  begin();
  while (at.splitter.finish()) keep_split(at, stream);
  at.ends_with_cr = false;
  if (at.masks) at.masks->reset();
  end();
}

OVRSEER_DECL void line_feed::append(std::string_view text, level severity) {
  line_splitter splitter(state_of(output_stream::out).splitter.cap());
  line remark = stamped(line_source::own);
  remark.stated = severity;
  const auto add = [&] {
    remark.text = splitter.text();
    remark.part = splitter.part();
    ++counters_.own_lines;
    keep(remark);
  };
  while (splitter.next(text)) add();
  while (splitter.finish()) add();
  if (depth_ == 0) publish();
}

OVRSEER_DECL void line_feed::close() {
  finish(output_stream::out);
  finish(output_stream::err);
  lines_.close();
}

OVRSEER_DECL std::vector<owned_line> line_feed::context_of(std::string_view flag, std::uint64_t seq) const {
  const flag_spec* const known = flags_.find(flag);
  return lines_around(lines(), seq, known != nullptr ? known->context_window() : 1);
}

OVRSEER_DECL log_counters line_feed::counters() const noexcept {
  log_counters now = counters_;
  now.missed = state_->missed;
  now.evicted = lines_.store().evicted();
  return now;
}

OVRSEER_DECL std::shared_ptr<const line_feed::line_hook> line_feed::see_below(line_hook what) {
  std::erase_if(below_, [](const auto& each) { return each.expired(); });
  auto hook = std::make_shared<const line_hook>(std::move(what));
  below_.push_back(hook);
  return hook;
}

OVRSEER_DECL line line_feed::stamped(line_source source) {
  if (depth_ == 0) now_ = clock_.wall_now();
  line made;
  made.source = source;
  made.time = now_;
  return made;
}

OVRSEER_DECL void line_feed::publish() {
  lines_.published();
  if (file_) file_->flush();
}

OVRSEER_DECL std::size_t line_feed::take(output_stream stream, std::string_view bytes, patience waits_for) {
  begin();
  std::string_view rest = bytes;
  bool scans = waits_for == patience::none;
  while (!rest.empty()) {
    if (scans && may_scan(stream)) {
      const scan_result scanned = scan(stream, rest.substr(0, lines_.store().claim_limit()));
      rest.remove_prefix(scanned.bytes);
      // Where it met a line that it leaves to the other way, those that follow are likely to be of the same kind.
      scans = scanned.is_complete;
      if (scanned.bytes != 0 && scans) continue;
    }
    if (waits_for == patience::readers && !make_room(stream, rest.size())) break;
    if (!take_one(stream, rest)) break;
  }
  counters_.bytes += bytes.size() - rest.size();
  end();
  return bytes.size() - rest.size();
}

OVRSEER_DECL bool line_feed::take_one(output_stream stream, std::string_view& rest) {
  stream_state& at = state_of(stream);
  if (!at.splitter.next(rest)) return false;
  keep_split(at, stream);
  return true;
}

OVRSEER_DECL bool line_feed::may_scan(output_stream stream) noexcept {
  const stream_state& at = state_of(stream);
  return at.splitter.is_idle() && !at.ends_with_cr && !at.masks;
}

OVRSEER_DECL line_feed::scan_result line_feed::scan(output_stream stream, std::string_view bytes) {
  stream_state& at = state_of(stream);
  ring& kept = lines_.store();
  line next = stamped(source_of(stream));
  scan_result result;
  // What is claimed stays as a whole, with the lines that are not kept.
  if (least_ == level::unknown) kept.claim(bytes.substr(0, bytes.rfind('\n') + 1));
  const std::size_t scanned = flags_.scan(bytes, [&](std::string_view text, const pattern_hits& hits) {
    if (!result.is_complete) return;
    const auto place = static_cast<std::size_t>(text.data() - bytes.data());
    // Patterns must see the line without its CR, and a long one in pieces: from here on line by line.
    at.ends_with_cr = text.ends_with('\r');
    if (at.ends_with_cr || text.size() > at.splitter.cap()) {
      result = {place, false};
      return;
    }
    next.text = text;
    ++counters_.lines;
    if (!hits.any() && is_below_level(next)) return pass_over(next);
    next.seq = kept.end_seq();
    kept.has_claim() ? kept.push_claimed(next, place) : kept.push(next);
    if (file_) file_->write(next);
    if (hits.any()) flags_.record(next, hits);
  });
  if (result.is_complete) result.bytes = scanned;
  return result;
}

OVRSEER_DECL void line_feed::keep_split(stream_state& at, output_stream stream) {
  line next = stamped(source_of(stream));
  next.text = at.splitter.text();
  next.part = at.splitter.part();
  std::string masked;
  if (at.masks) {
    at.masks->append(masked, next.text, next.part);
    next.text = masked;
  }
  if (next.part == line_part::first) {
    at.of_long_line = infer_level(next.text);
    ++counters_.split_lines;
  }
  if (next.part != line_part::whole) next.stated = at.of_long_line;
  ++counters_.lines;
  if (is_below_level(next) && !flags_.has_match(next.text)) return pass_over(next);
  keep(next);
  flags_.look_at(next);
}

OVRSEER_DECL bool line_feed::is_below_level(const line& next) const noexcept {
  if (least_ == level::unknown) return false;
  const level its = next.level();
  return its != level::unknown && its < least_;
}

OVRSEER_DECL void line_feed::pass_over(line& next) {
  ++counters_.below_level;
  next.seq = lines_.store().end_seq();
  for (const auto& each : below_) {
    if (const std::shared_ptr<const line_hook> see = each.lock()) (*see)(next);
  }
}

OVRSEER_DECL void line_feed::keep(line& next) {
  ring& kept = lines_.store();
  next.seq = kept.end_seq();
  kept.push(next);
  if (file_) file_->write(next);
}

OVRSEER_DECL bool line_feed::make_room(output_stream stream, std::size_t rest) {
  const stream_state& at = state_of(stream);
  const std::size_t longest = std::min(at.splitter.cap(), at.splitter.held() + rest);
  while (lines_.store().must_evict(longest)) {
    if (lines_.must_wait()) return false;
    lines_.store().evict_oldest();
  }
  return true;
}

OVRSEER_DECL flag_stream line_feed::stream_of(std::shared_ptr<match_broadcast>& matches, on_overrun policy,
                                              match_kind kind) {
  if (!matches) {
    matches = std::make_shared<match_broadcast>(executor_, std::size_t{256});
    flags_.on_match([&to = *matches, kind](const flag_match& found) {
      if (kind == match_kind::all || found.is_target()) to.push(owned_flag_match(found));
    });
  }
  return matches->subscribe(policy == on_overrun::wait ? on_overrun::drop_oldest : policy);
}

}  // namespace ovrseer
