// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A small tree that both readers fill and that forgets no position, so that every message can point.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/config/source.hpp>
#include <ovrseer/units.hpp>

namespace ovrseer {

/// One value of a document: nothing, a word, a list or a mapping.
///
/// A scalar keeps its text as it was written (`0755`, `no`, `1.50`), and whoever reads it decides what it
/// means: no word turns into a boolean or a number on the way.
struct config_node {
  enum class kind : std::uint8_t {
    null,      ///< JSON `null`; in YAML also an empty value
    scalar,    ///< `text`
    sequence,  ///< `items`
    mapping,   ///< `keys[i]` has the value `items[i]`, in the order of the file
  };
  enum class quoting : std::uint8_t { plain, quoted };
  /// What interpolation has made of a scalar.
  enum class expansion : std::uint8_t {
    none,
    done,    ///< `text` is not what the file says
    secret,  ///< the same, and a variable with a secret's name went into it
    failed,  ///< a variable could not be expanded, and that was reported
    usual,   ///< the file says nothing: what the environment has for this key
  };

  kind what = kind::null;
  quoting quotes = quoting::plain;
  expansion expanded = expansion::none;
  /// Where it stands in the source; of a scalar with its quotes. `end` equals `begin` where it is not known.
  text_span where;
  std::string text;
  std::vector<config_node> keys;
  std::vector<config_node> items;

  bool is_null() const noexcept { return what == kind::null; }
  bool is_scalar() const noexcept { return what == kind::scalar; }
  bool is_sequence() const noexcept { return what == kind::sequence; }
  bool is_mapping() const noexcept { return what == kind::mapping; }

  /// The value of `key` in a mapping; null where there is none.
  const config_node* find(std::string_view key) const noexcept {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].text == key) return &items[i];
    }
    return nullptr;
  }
};

/// "nothing", "text", "a list", "a mapping": what a person would call the node.
constexpr std::string_view to_text(config_node::kind what) noexcept {
  constexpr std::string_view names[] = {"nothing", "text", "a list", "a mapping"};
  return names[static_cast<std::size_t>(what)];
}

/// What a reader of documents accepts; a file beyond is refused before it costs memory.
///
/// `nodes` counts after the aliases of YAML are expanded: a few lines cannot become a billion values.
struct document_limits {
  byte_size size = byte_size(16U << 20U);
  std::uint32_t depth = 64;
  std::uint32_t nodes = 1'000'000;
};

/// A document with the text that it was read from.
struct config_document {
  source_text source;
  config_node root;
};

/// The part of the source that `length` bytes of a scalar's text from `offset` on stand for; the whole scalar
/// where that cannot be told (escapes, several lines, expanded variables).
inline text_span span_within(const source_text& source, const config_node& node, std::size_t offset,
                             std::size_t length) noexcept {
  const std::string_view text = source.text();
  const std::size_t begin = node.where.begin + (node.quotes == config_node::quoting::quoted ? 1 : 0);
  if (begin > text.size() || offset + length > node.text.size()) return node.where;
  if (text.substr(begin, node.text.size()) == node.text) return {begin + offset, begin + offset + length};
  // A block of text is indented in the source, but what stands there once can be found.
  const std::string_view wanted = std::string_view(node.text).substr(offset, length);
  const std::string_view whole = text.substr(node.where.begin, node.where.size());
  const std::size_t found = whole.find(wanted);
  if (length < 2 || found == std::string_view::npos || whole.find(wanted, found + 1) != std::string_view::npos)
    return node.where;
  return {node.where.begin + found, node.where.begin + found + length};
}

}  // namespace ovrseer
