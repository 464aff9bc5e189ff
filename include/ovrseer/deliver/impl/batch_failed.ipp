// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/deliver/batch_failed.hpp>.
#pragma once

#include <numeric>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/deliver/batch_failed.hpp>

namespace ovrseer {

OVRSEER_DECL batch_verdict judge_batch(const std::exception_ptr& failure, std::size_t size) {
  batch_verdict verdict;
  if (!failure) return verdict;
  try {
    std::rethrow_exception(failure);
  } catch (const batch_failed& in_part) {
    verdict.again = in_part.again();
    verdict.lost = in_part.refused();
    std::erase_if(verdict.again, [size](std::size_t index) { return index >= size; });
    std::erase_if(verdict.lost, [size](const item_refusal& one) { return one.index >= size; });
    if (!verdict.again.empty()) verdict.when = batch_verdict::next::later;
    return verdict;
  } catch (...) {  // said of the batch as a whole
  }
  const caught why(failure);
  const bool is_too_large = why.code() == errc::message_too_large;
  if (why.code() == errc::rejected || (is_too_large && size == 1)) {
    for (std::size_t index = 0; index != size; ++index) verdict.lost.push_back({index, why.what()});
    return verdict;
  }
  verdict.again.resize(size);
  std::iota(verdict.again.begin(), verdict.again.end(), std::size_t{0});
  verdict.when = is_too_large ? batch_verdict::next::smaller : batch_verdict::next::later;
  return verdict;
}

}  // namespace ovrseer
