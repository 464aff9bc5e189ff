#!/usr/bin/env python3
# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""Writes include/ovrseer/pattern/detail/byte_frequency.hpp: how rare each pair of bytes is in log lines.

usage: pattern_bytes.py LOGS.xz > byte_frequency.hpp

Bytes fall into 64 groups (letters without case, digits together, the common punctuation each on its
own); the table has -log2 of the probability that group b follows group a, in sixteenths, at most 255,
and the same for a group alone.
"""
import collections
import lzma
import math
import sys

SINGLES = b" \t_-.:/=,;()[]{}<>\"'@#$%&*+|\\?!~^`"


def group_of(byte):
    char = chr(byte)
    if byte < 128 and char.isalpha():
        return 1 + ord(char.lower()) - ord("a")
    if 48 <= byte <= 57:
        return 27
    if byte in SINGLES:
        return 28 + SINGLES.index(byte)
    if byte >= 128:
        return 63
    return 0


def rarity(count, total):
    return min(255, round(-16 * math.log2((count + 0.5) / (total + 32))))


def rows(values, per_line=24):
    for i in range(0, len(values), per_line):
        yield "    " + ", ".join(str(v) for v in values[i : i + per_line]) + ","


def main():
    text = lzma.open(sys.argv[1]).read()
    groups = bytes(group_of(b) for b in range(256))
    mapped = text.translate(groups)
    alone = collections.Counter(mapped)
    pairs = collections.Counter(zip(mapped, mapped[1:]))
    single = [rarity(alone[a], len(mapped)) for a in range(64)]
    after = [rarity(pairs[a, b], alone[a]) for a in range(64) for b in range(64)]
    print(
        """// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How rare bytes and pairs of bytes are in log lines: what decides which part of a pattern is worth
// looking for first. Written by tests/tools/pattern_bytes.py from real logs; a guess, never an answer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ovrseer::pattern_detail {

inline constexpr std::size_t byte_groups = 64;

// clang-format off

/// The group of a byte: letters without case, digits, punctuation, everything beyond ASCII.
inline constexpr std::array<std::uint8_t, 256> byte_group{"""
    )
    print("\n".join(rows(list(groups), 32)))
    print(
        """};

/// -log2 of the probability of a group, in sixteenths.
inline constexpr std::array<std::uint8_t, byte_groups> group_rarity{"""
    )
    print("\n".join(rows(single, 32)))
    print(
        """};

/// The same for group `b` after group `a`, at `a * byte_groups + b`.
inline constexpr std::array<std::uint8_t, byte_groups * byte_groups> pair_rarity{"""
    )
    print("\n".join(rows(after, 32)))
    print(
        """};

// clang-format on

}  // namespace ovrseer::pattern_detail"""
    )


main()
