// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// YAML through the events of yaml-cpp, into the same documents that the JSON reader makes. Words stay words
// (`no` is no boolean), duplicate keys are errors, and aliases cannot grow without bound.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <ovrseer/config/detail/masking.hpp>
#include <ovrseer/config/detail/tree.hpp>
#include <ovrseer/config/detail/yaml_spans.hpp>
#include <ovrseer/config/diagnostic.hpp>
#include <ovrseer/config/document.hpp>
#include <ovrseer/config/json.hpp>
#include <ovrseer/result.hpp>

namespace ovrseer {

namespace config_detail {

/// Builds the tree from events. A fault ends the reading as `stop`; duplicate keys do not.
class yaml_builder final : public YAML::EventHandler {
 public:
  struct stop {};

  yaml_builder(source_text& source, document_limits limits, diagnostics& out)
      : source_(source), limits_(limits), out_(out) {}

  config_node take() && { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ != 0) {
      fail(begin_of(mark), 1, "a second document begins here", "",
           "a configuration is one document: remove this \"---\"");
    }
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    config_node node;
    const std::string_view rest = source_.text().substr(begin_of(mark));
    node.where = {begin_of(mark), begin_of(mark)};
    const std::array<std::string_view, 4> words{"~", "null", "Null", "NULL"};
    for (const std::string_view word : words) {
      if (rest.starts_with(word)) node.where.end = node.where.begin + word.size();
    }
    // An empty value has no place of its own: the mark is wherever the next token stands.
    if (node.where.size() == 0 && !frames_.empty()) node.where = place_before();
    add(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    config_node node;
    node.what = config_node::kind::scalar;
    const std::size_t begin = yaml_content_begin(source_.text(), begin_of(mark));
    check_tag(begin_of(mark), tag);
    node.quotes = tag == "?" ? config_node::quoting::plain : config_node::quoting::quoted;
    node.where = {begin, end_of_scalar(begin, text)};
    node.text = text;
    add(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) fail(begin_of(mark), 1, "an alias stands inside of what it stands for", "", "");
    count(known->second.nodes, begin_of(mark));
    add(config_node(known->second.node), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, config_node::kind::sequence);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, config_node::kind::mapping);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override {
    report_duplicate_keys(source_, frames_.back().node, out_, values_reach::deeper_lines);
    merge(frames_.back().node);
    close();
  }

  /// Turns what the parser says of a fault into words for people.
  [[noreturn]] void explain(std::string_view message, std::size_t at) {
    struct entry {
      std::string_view theirs, found, cure;
    };
    static constexpr const char* quote_it = "quote text that begins so: \"...\"";
    static const std::array<entry, 13> table{{
        {YAML::ErrorMsg::END_OF_MAP, "this does not fit the mapping that it stands in",
         "indent it like the other keys, or check the line above"},
        {YAML::ErrorMsg::END_OF_SEQ, "this does not fit the list that it stands in",
         "indent it like the other \"- \" entries"},
        {YAML::ErrorMsg::TAB_IN_INDENTATION, "a tab in the indentation", "indent with blanks"},
        {YAML::ErrorMsg::MAP_VALUE, "a \":\" is not expected here",
         "indent the line like its neighbours; quote text that has \": \" in it"},
        {YAML::ErrorMsg::MAP_KEY, "a key that may not stand here", "check the indentation"},
        {YAML::ErrorMsg::BLOCK_ENTRY, "a list entry that may not stand here", "begin the list on a line of its own"},
        {YAML::ErrorMsg::UNKNOWN_TOKEN, "no text may begin with this character", quote_it},
        {YAML::ErrorMsg::FLOW_END, "this closes a list or mapping that was not opened", "remove it, or quote the text"},
        {YAML::ErrorMsg::UNKNOWN_ANCHOR, "this alias has no anchor before it",
         "define it before with &name; quote text that begins with *"},
        {YAML::ErrorMsg::ALIAS_NOT_FOUND, "a name is missing after *", quote_it},
        {YAML::ErrorMsg::ANCHOR_NOT_FOUND, "a name is missing after &", quote_it},
        {YAML::ErrorMsg::CHAR_IN_ALIAS, "an alias may not have this character", quote_it},
        {YAML::ErrorMsg::CHAR_IN_ANCHOR, "an anchor may not have this character", quote_it},
    }};
    if (message == YAML::ErrorMsg::END_OF_MAP_FLOW || message == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
      const bool is_list = message == YAML::ErrorMsg::END_OF_SEQ_FLOW;
      const std::size_t seen = at;
      if (!frames_.empty()) at = frames_.back().node.where.begin;
      // A brace ends plain text inside of { } and [ ].
      const std::size_t variable = source_.text().substr(0, seen + 2).find("${", at);
      if (variable != std::string_view::npos) {
        fail(variable, 2, "a variable that is not quoted, inside of { } or [ ]", "", "quote it: \"${...}\"");
      }
      fail(at, 1, is_list ? "this list is not closed" : "this mapping is not closed", "",
           std::string("close it with ") + (is_list ? "]" : "}") + ", and put commas between its entries");
    }
    if (message.starts_with(YAML::ErrorMsg::INVALID_ESCAPE)) {
      fail(at > 0 ? at - 1 : at, 2, "unknown escape in double quotes", "",
           "write \\\\ for a backslash, or use single quotes");
    }
    for (const entry& known : table) {
      if (message == known.theirs) fail(at, 1, std::string(known.found), "", std::string(known.cure));
    }
    fail(at, 1, "not YAML: " + printable(message), "", "");
  }

  [[noreturn]] void fail(std::size_t at, std::size_t length, std::string found, std::string expected,
                         std::string cure) {
    hide_secrets_by_guess(source_, at, values_reach::deeper_lines);
    diagnostic& finding = out_.error(source_, {at, at + length}, std::move(found));
    finding.expected = std::move(expected);
    finding.cure = std::move(cure);
    throw stop();
  }

 private:
  struct frame {
    config_node node;
    YAML::anchor_t anchor = 0;
    std::uint32_t nodes_before = 0;
  };
  struct anchored {
    config_node node;
    std::uint32_t nodes = 0;
  };

  std::size_t begin_of(const YAML::Mark& mark) const noexcept {
    const auto at = static_cast<std::size_t>(mark.pos < 0 ? 0 : mark.pos);
    return at < source_.text().size() ? at : source_.text().size();
  }

  /// The parser takes the end of the file for the end of quoted text; that is an error here.
  std::size_t end_of_scalar(std::size_t begin, std::string_view value) {
    const std::size_t end = end_of_yaml_scalar(source_, begin, value);
    if (end == std::string_view::npos) {
      fail(begin, 1, "this quote is not closed", "", std::string("close it with ") + source_.text()[begin]);
    }
    return end;
  }

  /// The key, or the last entry, that an empty value follows.
  text_span place_before() const noexcept {
    const config_node& parent = frames_.back().node;
    if (parent.is_mapping() && parent.keys.size() > parent.items.size()) return parent.keys.back().where;
    const text_span last = parent.items.empty() ? parent.where : parent.items.back().where;
    return {last.begin, last.begin};
  }

  void check_tag(std::size_t at, std::string_view tag) {
    constexpr std::string_view core = "tag:yaml.org,2002:";
    if (tag.empty() || tag == "?" || tag == "!") return;
    constexpr std::array<std::string_view, 7> known{"str", "int", "float", "bool", "null", "map", "seq"};
    for (const std::string_view word : known) {
      if (tag.starts_with(core) && tag.substr(core.size()) == word) return;
    }
    fail(at, 1, "the tag " + in_quotes(tag) + " has no meaning here", "", "remove it; quote text that begins with !");
  }

  void count(std::uint32_t more, std::size_t at) {
    if (more > limits_.nodes - nodes_) {
      fail(at, 1, "the document has more than " + std::to_string(limits_.nodes) + " values, with aliases expanded", "",
           "expand fewer aliases");
    }
    nodes_ += more;
  }

  void open(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor, config_node::kind what) {
    const std::size_t begin = yaml_content_begin(source_.text(), begin_of(mark));
    check_tag(begin_of(mark), tag);
    if (frames_.size() >= limits_.depth) {
      fail(begin, 1, "nested more than " + std::to_string(limits_.depth) + " levels deep", "", "flatten the document");
    }
    frame made;
    made.node.what = what;
    made.node.where = {begin, begin};
    made.anchor = anchor;
    made.nodes_before = nodes_;
    frames_.push_back(std::move(made));
  }

  void close() {
    frame done = std::move(frames_.back());
    frames_.pop_back();
    done.node.where.end = end_of_yaml_collection(source_.text(), done.node);
    if (done.anchor != 0) anchors_[done.anchor] = {done.node, nodes_ - done.nodes_before + 1};
    add(std::move(done.node), 0);
  }

  void add(config_node node, YAML::anchor_t anchor) {
    count(1, node.where.begin);
    if (anchor != 0) anchors_[anchor] = {node, 1};
    if (frames_.empty()) {
      root_ = std::move(node);
      return;
    }
    config_node& parent = frames_.back().node;
    if (parent.is_mapping() && parent.keys.size() == parent.items.size()) {
      if (!node.is_scalar())
        fail(node.where.begin, 1, "a key that is " + std::string(to_text(node.what)), "a word", "");
      parent.keys.push_back(std::move(node));
    } else {
      parent.items.push_back(std::move(node));
    }
  }

  /// `<<: *base` and `<<: [*a, *b]`: keys that the mapping itself has win, then those of the first named.
  void merge(config_node& mapping) {
    for (std::size_t i = 0; i < mapping.keys.size(); ++i) {
      if (mapping.keys[i].text != "<<" || mapping.keys[i].quotes == config_node::quoting::quoted) continue;
      const text_span place = mapping.keys[i].where;
      config_node merged = std::move(mapping.items[i]);
      mapping.keys.erase(mapping.keys.begin() + static_cast<std::ptrdiff_t>(i));
      mapping.items.erase(mapping.items.begin() + static_cast<std::ptrdiff_t>(i));
      if (merged.is_mapping()) {
        merge_from(mapping, std::move(merged), place);
      } else if (merged.is_sequence()) {
        for (config_node& each : merged.items) merge_from(mapping, std::move(each), place);
      } else {
        fail(place.begin, 2, "\"<<\" merges mappings, and this is none", "",
             "write <<: *name, where &name is a mapping");
      }
      return;  // a second one was reported as a duplicate
    }
  }
  void merge_from(config_node& mapping, config_node base, text_span place) {
    if (!base.is_mapping()) fail(place.begin, 2, "\"<<\" merges mappings, and one of these is none", "", "");
    std::map<std::string_view, bool> taken;
    for (const config_node& key : mapping.keys) taken[key.text] = true;
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < base.keys.size(); ++i) {
      if (!taken.contains(base.keys[i].text)) missing.push_back(i);
    }
    for (const std::size_t i : missing) {
      mapping.keys.push_back(std::move(base.keys[i]));
      mapping.items.push_back(std::move(base.items[i]));
    }
  }

  source_text& source_;
  document_limits limits_;
  diagnostics& out_;
  std::vector<frame> frames_;
  std::map<YAML::anchor_t, anchored> anchors_;
  config_node root_;
  std::uint32_t nodes_ = 0;
  int documents_ = 0;
};

}  // namespace config_detail

/// Reads YAML 1.2's useful part: anchors, aliases and merge keys are expanded; tags beyond the core and
/// several documents in one file are refused. JSON is YAML: it is read with the same places.
///
/// Errors: one of syntax with its place, and every duplicate key before it; a text beyond the limits or
/// not UTF-8.
inline result<config_document, diagnostics> read_yaml(source_text source, document_limits limits = {}) {
  diagnostics out;
  if (!config_detail::is_readable(source, limits, out)) return failure(std::move(out));
  config_detail::yaml_builder builder(source, limits, out);
  try {
    for (std::size_t i = 0; i < source.text().size(); ++i) {
      const auto c = static_cast<unsigned char>(source.text()[i]);
      // The parser would take some of them for the end of the file.
      if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
        builder.fail(i, 1, "a control character", "", "remove it; in double quotes it can be written as \\xXX");
      }
    }
    std::istringstream stream{std::string(source.text())};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {}
  } catch (const config_detail::yaml_builder::stop&) {
  } catch (const YAML::Exception& why) {
    try {
      builder.explain(why.msg, static_cast<std::size_t>(why.mark.pos < 0 ? 0 : why.mark.pos));
    } catch (const config_detail::yaml_builder::stop&) {}
  }
  if (out.has_errors()) return failure(std::move(out));
  config_node root = std::move(builder).take();
  config_detail::hide_secrets(source, root);
  return config_document{std::move(source), std::move(root)};
}

/// Reads a file whose name ends in `.json` as JSON and any other as YAML.
inline result<config_document, diagnostics> read_yaml_or_json(source_text source, document_limits limits = {}) {
  return source.name().ends_with(".json") ? read_json(std::move(source), limits) : read_yaml(std::move(source), limits);
}

}  // namespace ovrseer
