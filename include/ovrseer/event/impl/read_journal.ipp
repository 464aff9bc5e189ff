// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/event/read_journal.hpp>.
#pragma once

#include <ovrseer/event/read_journal.hpp>

namespace ovrseer {

OVRSEER_DECL std::string to_text(const journal_loss& loss) {
  using enum journal_loss::kind;
  if (loss.why == unfinished) {
    return std::to_string(loss.bytes) + " bytes at the end are not a whole event: " + loss.file + " at offset " +
           std::to_string(loss.offset);
  }
  const std::uint64_t count = loss.events.value_or(loss.records);
  const std::string noun = loss.events ? "event" : "record";
  std::string text = std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
  if (loss.first_seq != 0) text += " from number " + std::to_string(loss.first_seq) + " on";
  const std::string verb = count == 1 ? " is " : " are ";
  switch (loss.why) {
    case removed: text += verb + "no longer kept"; break;
    case dropped: text += count == 1 ? " was not written" : " were not written"; break;
    case doubtful: text += count == 1 ? " was written without an fsync" : " were written without an fsync"; break;
    case damaged: text += verb + "damaged"; break;
    case unreadable: text += " cannot be read (" + loss.detail + ")"; break;
    case missing:
    case unfinished: text += verb + "missing"; break;
  }
  if (!loss.file.empty()) text += ": " + loss.file + " at offset " + std::to_string(loss.offset);
  return text;
}

OVRSEER_DECL std::optional<journal_item> journal_file_reader::next() {
  while (ready_.empty()) {
    const std::optional<stored_entry> entry = records_.next();
    if (!entry) return std::nullopt;
    if (const auto* gap = std::get_if<stored_gap>(&*entry)) {
      take(*gap);
    } else {
      take(std::get<stored_record>(*entry));
    }
  }
  journal_item item = std::move(ready_.front());
  ready_.pop_front();
  return item;
}

OVRSEER_DECL std::vector<journal_loss> journal_file_reader::at_end() const {
  std::vector<journal_loss> all = pending_;
  for (journal_loss& each : all) place(each);
  if (const auto& tail = records_.unfinished()) {
    journal_loss loss;
    loss.why = journal_loss::kind::unfinished;
    place(loss);
    loss.file = tail->file;
    loss.offset = tail->offset;
    loss.bytes = tail->bytes;
    all.push_back(std::move(loss));
  }
  return all;
}

OVRSEER_DECL void journal_file_reader::take(const stored_gap& gap) {
  // What comes again under a number that was seen is of another life.
  if (gap.reason == gap_reason::rewound) return;
  journal_loss loss;
  loss.why = gap.reason == gap_reason::corrupt ? kind::damaged : kind::missing;
  loss.records = gap.records.count();
  loss.file = gap.file;
  loss.offset = gap.offset;
  pending_.push_back(std::move(loss));
}

OVRSEER_DECL void journal_file_reader::take(const stored_record& record) {
  stored_event read;
  try {
    read = event_from_text(record.payload);
  } catch (const error& failure) {
    return unreadable(failure.context());
  }
  const std::optional<journal_gap> gap = noted_gap(read.entry);
  const std::optional<journal_gap> doubt = noted_gap(read.entry, doubtful_events);
  if (doubt) return note(kind::doubtful, read.boot_id, *doubt);
  // Numbers that cannot be: nothing of it is believed.
  const std::uint64_t count = gap ? gap->count : 1;
  if (read.entry.seq == 0 || count == 0 || count > largest_count) return unreadable("\"seq\"");
  settle(read);
  next_ = read.entry.seq + count;
  if (gap) return note(kind::dropped, read.boot_id, *gap);
  ready_.emplace_back(std::move(read));
}

OVRSEER_DECL void journal_file_reader::unreadable(std::string detail) {
  if (!pending_.empty() && pending_.back().why == kind::unreadable && pending_.back().detail == detail) {
    ++pending_.back().records;
    return;
  }
  journal_loss loss;
  loss.why = kind::unreadable;
  loss.records = 1;
  loss.detail = std::move(detail);
  pending_.push_back(std::move(loss));
}

OVRSEER_DECL void journal_file_reader::note(kind why, const std::string& boot_id, journal_gap events) {
  journal_loss loss;
  loss.why = why;
  loss.boot_id = boot_id;
  loss.first_seq = events.first_missing;
  loss.events = events.count;
  ready_.emplace_back(std::move(loss));
}

OVRSEER_DECL void journal_file_reader::settle(const stored_event& behind) {
  // A writer writes no number twice: where one goes back, somebody has given two lives the same id.
  const bool is_same = behind.boot_id == boot_id_ && behind.entry.seq >= next_;
  const bool is_oldest = boot_id_.empty();
  if (!is_same) {
    // At the end of one life, or at the beginning of the next, or both.
    for (journal_loss& each : pending_) {
      place(each);
      ready_.emplace_back(std::move(each));
    }
    pending_.clear();
    boot_id_ = behind.boot_id;
    next_ = 1;
  }
  std::uint64_t missing = behind.entry.seq - next_;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    journal_loss& each = pending_[i];
    place(each);
    each.events = i + 1 == pending_.size() ? missing : std::min(missing, each.records);
    next_ += *each.events;
    missing -= *each.events;
    ready_.emplace_back(std::move(each));
  }
  pending_.clear();
  if (missing == 0) return;
  note(is_oldest ? kind::removed : kind::missing, boot_id_, {next_, missing});
}

OVRSEER_DECL void journal_file_reader::place(journal_loss& loss) const {
  loss.boot_id = boot_id_;
  loss.first_seq = boot_id_.empty() ? 0 : next_;
}

}  // namespace ovrseer
