// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Where a document comes from that somebody else keeps: the concept, any model of it, and one by script.
#pragma once

#include <concepts>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ovrseer/asio.hpp>
#include <ovrseer/error.hpp>

namespace ovrseer {

/// One version of a document.
struct fetched_document {
  fetched_document() = default;
  explicit fetched_document(std::string content, std::string entity_tag = {})
      : text(std::move(content)), tag(std::move(entity_tag)) {}

  std::string text;
  std::string tag;  ///< by which the source knows this version again, such as an ETag; empty where it has none
};

/// A source that `fetch` asks for its document: the present version, or nothing where that is still the version of `tag`
/// (empty: whoever asks has none).
///
/// `describe` names the source for messages, without secrets. Failures are thrown; as `retry_later` where the source says
/// when to come again.
/// Cancellation: every type abandons the question.
template <class S>
concept document_source = requires(S source, const S& same, std::string tag) {
  { source.fetch(std::move(tag)) } -> std::same_as<task<std::optional<fetched_document>>>;
  { same.describe() } -> std::convertible_to<std::string>;
};

/// The least that a `document_source` is; for tests of templates.
struct document_source_archetype {
  task<std::optional<fetched_document>> fetch(std::string tag);
  std::string describe() const;
};
static_assert(document_source<document_source_archetype>);

/// Any `document_source`, chosen at run time. Move-only.
class any_document_source {
 public:
  template <document_source S>
    requires(!std::same_as<S, any_document_source>)
  any_document_source(S source)  // a source is an any_document_source wherever one is wanted
      : self_(std::make_unique<holder<S>>(std::move(source))) {}

  task<std::optional<fetched_document>> fetch(std::string tag) { return self_->fetch(std::move(tag)); }
  std::string describe() const { return self_->describe(); }

 private:
  struct base {
    base() = default;
    base(const base&) = delete;
    base& operator=(const base&) = delete;
    virtual ~base() = default;
    virtual task<std::optional<fetched_document>> fetch(std::string tag) = 0;
    virtual std::string describe() const = 0;
  };
  template <class S>
  struct holder final : base {
    explicit holder(S inside) : source(std::move(inside)) {}
    task<std::optional<fetched_document>> fetch(std::string tag) override { return source.fetch(std::move(tag)); }
    std::string describe() const override { return source.describe(); }
    S source;
  };

  std::unique_ptr<base> self_;
};

/// Answers by script and keeps the tags that it was asked with; copies share both. When the script has ended, nothing has
/// changed any more. For tests.
class scripted_document_source {
 public:
  using answer = std::function<task<std::optional<fetched_document>>()>;

  scripted_document_source& then(std::string text, std::string tag = {}) {
    return then([made = fetched_document(std::move(text), std::move(tag))] { return yield(made); });
  }
  scripted_document_source& then_unchanged() {
    return then([] { return yield(std::nullopt); });
  }
  scripted_document_source& then_fail(std::error_code code) {
    return then([code] { return fail(code); });
  }
  scripted_document_source& then(answer how) {
    state_->script.push_back(std::move(how));
    return *this;
  }

  task<std::optional<fetched_document>> fetch(std::string tag) { return play(state_, std::move(tag)); }
  std::string describe() const { return "a script"; }

  const std::vector<std::string>& tags() const noexcept { return state_->tags; }
  /// Answers of the script that nobody has taken.
  std::size_t left() const noexcept { return state_->script.size(); }

 private:
  struct state {
    std::deque<answer> script;
    std::vector<std::string> tags;
  };

  static task<std::optional<fetched_document>> yield(std::optional<fetched_document> what) { co_return what; }
  static task<std::optional<fetched_document>> fail(std::error_code code) {
    throw error(code, "fetch", "by script");
    co_return std::nullopt;
  }
  static task<std::optional<fetched_document>> play(std::shared_ptr<state> shared, std::string tag) {
    shared->tags.push_back(std::move(tag));
    if (shared->script.empty()) co_return std::nullopt;
    const answer how = std::move(shared->script.front());
    shared->script.pop_front();
    std::optional<fetched_document> said = co_await how();
    co_return said;
  }

  std::shared_ptr<state> state_ = std::make_shared<state>();
};

}  // namespace ovrseer
