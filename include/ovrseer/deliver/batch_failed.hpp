// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How a batch fails in part, and what a failure means for each of its items.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ovrseer/async/retry.hpp>
#include <ovrseer/build.hpp>

namespace ovrseer {

/// An item of a batch that the receiver refuses for good.
struct item_refusal {
  std::size_t index = 0;  ///< in the batch, from 0
  std::string reason;     ///< in the receiver's words

  friend bool operator==(const item_refusal&, const item_refusal&) = default;
};

/// The receiver took a part of a batch. What is neither among `again` nor among `refused` was delivered.
class batch_failed : public retry_later {
 public:
  /// `code` holds for the items that may be tried again; where there are none, it is `errc::rejected`. Indices rise.
  batch_failed(std::error_code code, std::string context, std::vector<std::size_t> again,
               std::vector<item_refusal> refused, std::optional<std::chrono::nanoseconds> after = std::nullopt)
      : retry_later(again.empty() ? make_error_code(errc::rejected) : code, "deliver", std::move(context), after),
        again_(std::move(again)),
        refused_(std::move(refused)) {}

  /// The positions of the items that a later call may deliver.
  const std::vector<std::size_t>& again() const noexcept { return again_; }
  const std::vector<item_refusal>& refused() const noexcept { return refused_; }

 private:
  std::vector<std::size_t> again_;
  std::vector<item_refusal> refused_;
};

/// What follows from the end of a batch, for each item that was not delivered.
struct batch_verdict {
  enum class next : std::uint8_t {
    at_once,  ///< the receiver is well
    smaller,  ///< at once, in a smaller batch
    later,    ///< after a pause
  };

  std::vector<std::size_t> again;  ///< positions of what is tried again, rising
  std::vector<item_refusal> lost;
  next when = next::at_once;
};

/// Judges the end of a batch of `size` items by what its delivery threw; null for a success.
///
/// `batch_failed` says it for each item. `errc::rejected` is the end of all items; `errc::message_too_large` of a single
/// one, and of several means that fewer may pass. After all else, a cancellation too, the same items are tried again.
OVRSEER_DECL batch_verdict judge_batch(const std::exception_ptr& failure, std::size_t size);

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/deliver/impl/batch_failed.ipp>
#endif
