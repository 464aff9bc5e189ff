// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What every value is read with: which key it belongs to, where it stands, and how a wrong one is reported.
#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/schema.hpp>
#include <ovrseer/config/values.hpp>

namespace ovrseer::config_detail {

/// A word of other systems, without `_` and `-` and in lower case, and ours for it.
struct usual_word {
  std::string_view theirs;
  std::string_view ours;
};
/// The same for a key, whose value may be written in our way, or in theirs.
struct usual_key {
  std::string_view theirs;
  std::string_view ours;
  enum class form : unsigned char { ours, theirs } value = form::ours;
};

/// Turns nodes into values. A wrong node becomes a diagnostic and `false`, and reading goes on.
class config_reader {
 public:
  config_reader(const source_text& source, std::filesystem::path base, diagnostics& out)
      : source_(source), bases_{std::move(base)}, out_(out) {}
  /// One that reads the same and reports elsewhere.
  config_reader(const config_reader& other, diagnostics& out)
      : source_(other.source_), bases_(other.bases_), out_(out) {}

  const source_text& source() const noexcept { return source_; }
  diagnostics& out() noexcept { return out_; }
  /// What relative paths start from: in the first file, and in the one that a node stands in.
  const std::filesystem::path& base() const noexcept { return bases_.front(); }
  const std::filesystem::path& base_of(const config_node& node) const {
    return bases_[source_.part_at(node.where.begin)];
  }
  /// For the next file of the source.
  void add_base(std::filesystem::path base) { bases_.push_back(std::move(base)); }

  diagnostic& error(const config_node& at, std::string found) {
    return out_.error(source_, at.where, std::move(found));
  }
  diagnostic& warning(const config_node& at, std::string found) {
    return out_.warning(source_, at.where, std::move(found));
  }
  diagnostic::note note(const config_node& at, std::string text) const {
    return {source_.position_of(at.where.begin), std::move(text), source_.name_at(at.where.begin)};
  }

  /// "restartPolicy is …": the value is not what it should be.
  bool wrong(const config_node& node, std::string expected, std::string cure = {}) {
    return wrong_at(node, node.where, std::move(expected), std::move(cure));
  }
  bool wrong_at(const config_node& node, text_span place, std::string expected, std::string cure);

  /// The text of a scalar; anything else is wrong.
  bool text(const config_node& node, std::string& into, std::string_view expected = "text");

  /// The same for the value of a key that has no table, such as a variable.
  bool text_of(std::string_view key, const config_node& node, std::string& into);

  /// A scalar read by one of the functions of values.hpp.
  template <class T, class Parse>
  bool scalar(const config_node& node, T& into, std::string_view expected, Parse parse) {
    std::string written;
    if (!text(node, written, expected)) return false;
    auto value = parse(written);
    if (value) {
      into = *std::move(value);
      return true;
    }
    const value_error& why = value.reason();
    const text_span place = why.offset == 0 ? node.where : span_within(source_, node, why.offset, 1);
    return wrong_at(node, place, why.expected, why.cure);
  }

  /// One of some words; yields its index. `usual` has words of others with ours.
  bool word(const config_node& node, std::span<const std::string_view> words, std::size_t& into,
            std::span<const usual_word> usual = {});

  /// Calls `each` with every entry of a list; it says whether the entry was right.
  template <class Each>
  bool list(const config_node& node, std::string_view of, Each each) {
    if (!node.is_sequence())
      return wrong(node, of.empty() ? "a list" : "a list of " + std::string(of), list_cure(node));
    const bool was_entry = std::exchange(is_entry_, true);
    bool good = true;
    for (const config_node& item : node.items) {
      const subject_scope scope(*this);
      good = each(item) && good;
    }
    is_entry_ = was_entry;
    return good;
  }

  /// Whether a whole file is a mapping.
  bool is_configuration(const config_node& root);

  /// Reads the keys of a mapping by their table.
  bool section(const config_node& node, const section_shape& shape, void* draft);

  void missing_key(const config_node& node, const section_shape& shape, const key_entry& entry);

  /// Reads on as if inside of a key: for what is read later than its neighbours.
  template <class Read>
  void inside(std::string_view key, Read read) {
    const subject_scope scope(*this);
    key_ = key;
    is_entry_ = false;
    read();
  }

  /// "the key" or "an entry of the key", for the beginning of a sentence.
  std::string subject() const;

  /// `key: value` as the language of the file writes it.
  std::string written(std::string_view key, std::string_view value) const;
  bool is_json() const noexcept { return source_.name().ends_with(".json"); }

  /// Whether a message may show the text of a node.
  bool is_secret(const config_node& node) const;

  static std::string one_of(std::span<const std::string_view> words);

 private:
  /// Puts the key back that was read before.
  class subject_scope {
   public:
    explicit subject_scope(config_reader& reader) : reader_(reader), key_(reader.key_), is_entry_(reader.is_entry_) {}
    subject_scope(const subject_scope&) = delete;
    subject_scope& operator=(const subject_scope&) = delete;
    ~subject_scope();

   private:
    config_reader& reader_;
    std::string_view key_;
    bool is_entry_;
  };

  std::string what_it_is(const config_node& node) const;

  /// "write [a, b]" where a line of plain words stands for a list.
  std::string list_cure(const config_node& node) const;

  /// Reports the key; yields the one that was probably meant, if its value would be written alike.
  std::string_view unknown_key(const section_shape& shape, const config_node& key);

  static std::string listed(const std::vector<std::string_view>& words);

  /// Our name for what other systems call differently.
  static usual_key usual_name(std::string_view key, const std::vector<std::string_view>& known);

  const source_text& source_;
  std::vector<std::filesystem::path> bases_;
  diagnostics& out_;
  std::string_view key_;
  bool is_entry_ = false;
};

}  // namespace ovrseer::config_detail

#if OVRSEER_HEADER_ONLY
#include <ovrseer/config/detail/impl/reader.ipp>
#endif
