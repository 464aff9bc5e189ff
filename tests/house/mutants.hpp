// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Every mutant of a decision in one program: each is switched on by its number in the environment (OVRSEER_MUTANT), and
// without one all is as it was written. mutate_decisions.py writes these names into a copy of the headers.
//
// The tags stand between the operands of an operator, so that nobody has to know where those begin and end: `a < b`
// becomes `a < mutant::comparison<17>() < b`, which has the same precedence and asks which of the operators is meant.
#pragma once

#include <sys/time.h>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace mutant {

/// Which mutant is on, and which were asked for: that no test comes by is worth knowing.
class switchboard {
 public:
  static switchboard& get() {
    static switchboard one;
    return one;
  }
  bool is_on(int number) {
    seen_[number] = true;
    return number == chosen_;
  }
  void refuse(int number) { unfit_[number] = true; }

 private:
  switchboard() {
    if (const char* const number = std::getenv("OVRSEER_MUTANT")) chosen_ = std::atoi(number);
    if (const char* const limit = std::getenv("OVRSEER_MUTANT_MS")) {
      // Of the processor's time, not the wall's: what loops for ever ends, and who waits for a busy machine does not.
      const long ms = std::atol(limit);
      const itimerval timer{{0, 0}, {ms / 1000, ms % 1000 * 1000}};
      ::setitimer(ITIMER_PROF, &timer, nullptr);
    }
  }
  ~switchboard() {
    const char* const path = std::getenv("OVRSEER_MUTANTS_SEEN");
    std::FILE* const file = path == nullptr ? nullptr : std::fopen(path, "w");
    if (file == nullptr) return;
    for (std::size_t i = 0; i < std::size(seen_); ++i) {
      if (seen_[i] || unfit_[i]) std::fprintf(file, "%s %zu\n", unfit_[i] ? "unfit" : "seen", i);
    }
    std::fclose(file);
  }

  int chosen_ = -1;
  bool seen_[10'000] = {};
  bool unfit_[10'000] = {};
};

inline const bool has_begun = (switchboard::get(), true);

/// Says at the start of the program that a mutation has no meaning for the types that it met.
template <int N>
struct unfit {
  inline static const bool is_told = (switchboard::get().refuse(N), true);
};

constexpr bool on(int number) {
  if (std::is_constant_evaluated()) return false;
  return switchboard::get().is_on(number);
}

template <class T, int N>
struct left {
  const T& value;
};

// ---- a < b: N is the neighbour at the bound, N + 1 the operands exchanged

template <int N>
struct comparison {};

#define OVRSEER_MUTANT_COMPARISON(meant, bound, exchanged)              \
  template <class T, int N>                                             \
  constexpr left<T, N> operator meant(const T & value, comparison<N>) { \
    return {value};                                                     \
  }                                                                     \
  template <class T, int N, class U>                                    \
  constexpr bool operator meant(left<T, N> a, const U& b) {             \
    if (on(N)) return static_cast<bool>(a.value bound b);               \
    if (on(N + 1)) return static_cast<bool>(a.value exchanged b);       \
    return static_cast<bool>(a.value meant b);                          \
  }
OVRSEER_MUTANT_COMPARISON(<, <=, >)
OVRSEER_MUTANT_COMPARISON(<=, <, >=)
OVRSEER_MUTANT_COMPARISON(>, >=, <)
OVRSEER_MUTANT_COMPARISON(>=, >, <=)
#undef OVRSEER_MUTANT_COMPARISON

#define OVRSEER_MUTANT_EQUALITY(meant, other)                                               \
  template <class T, int N>                                                                 \
  constexpr left<T, N> operator meant(const T & value, comparison<N>) {                     \
    return {value};                                                                         \
  }                                                                                         \
  template <class T, int N, class U>                                                        \
  constexpr bool operator meant(left<T, N> a, const U& b) {                                 \
    return on(N) ? static_cast<bool>(a.value other b) : static_cast<bool>(a.value meant b); \
  }
OVRSEER_MUTANT_EQUALITY(==, !=)
OVRSEER_MUTANT_EQUALITY(!=, ==)
#undef OVRSEER_MUTANT_EQUALITY

// ---- a + b

template <int N>
struct sum {};

#define OVRSEER_MUTANT_SUM(meant, other)                         \
  template <class T, int N>                                      \
  constexpr left<T, N> operator meant(const T & value, sum<N>) { \
    return {value};                                              \
  }                                                              \
  template <class T, int N, class U>                             \
  constexpr auto operator meant(left<T, N> a, const U& b) {      \
    using result = decltype(a.value meant b);                    \
    if constexpr (requires {                                     \
                    { a.value other b } -> std::same_as<result>; \
                  }) {                                           \
      if (on(N)) return a.value other b;                         \
    } else {                                                     \
      (void)unfit<N>::is_told;                                   \
    }                                                            \
    return a.value meant b;                                      \
  }
OVRSEER_MUTANT_SUM(+, -)
OVRSEER_MUTANT_SUM(-, +)
OVRSEER_MUTANT_SUM(*, /)
#undef OVRSEER_MUTANT_SUM

// ---- !a, ++a, --a: `->*` binds as tightly as they do

template <int N>
struct negation {
  template <class T>
  friend constexpr bool operator->*(negation, T&& value) {
    return static_cast<bool>(value) == on(N);
  }
};

/// N: it is not done; N + 1: it is done twice.
template <int N>
struct increment {
  template <class T>
  friend constexpr T& operator->*(increment, T& value) {
    if (on(N)) return value;
    if (on(N + 1)) ++value;
    return ++value;
  }
};
template <int N>
struct decrement {
  template <class T>
  friend constexpr T& operator->*(decrement, T& value) {
    if (on(N)) return value;
    if (on(N + 1)) --value;
    return --value;
  }
};

// ---- a && b: N is the other operator, N + 1 the left alone, N + 2 the right alone

template <int N, class A, class B>
constexpr bool both(const A& a, const B& b) {
  if (on(N)) return a() || b();
  if (on(N + 1)) return a();
  if (on(N + 2)) return b();
  return a() && b();
}
template <int N, class A, class B>
constexpr bool either(const A& a, const B& b) {
  if (on(N)) return a() && b();
  if (on(N + 1)) return a();
  if (on(N + 2)) return b();
  return a() || b();
}

// ---- values

/// N: one more, N + 1: one less.
template <int N, class T>
constexpr T moved(T value) {
  if (on(N)) return static_cast<T>(value + T(1));
  if (on(N + 1)) return static_cast<T>(value - T(1));
  return value;
}

template <int N>
constexpr bool truth(bool value) {
  return value != on(N);
}

template <int N, class T>
constexpr T largest(const T& a, const T& b) {
  return on(N) ? std::min(a, b) : std::max(a, b);
}
template <int N, class T>
constexpr T smallest(const T& a, const T& b) {
  return on(N) ? std::max(a, b) : std::min(a, b);
}

/// N: the old value stays.
template <int N, class T, class U = T>
constexpr T exchanged(T& object, U&& value) {
  if (on(N)) return object;
  return std::exchange(object, std::forward<U>(value));
}

// ---- for (x : range): N goes through it from its end

template <class Range, class Item>
class turned_range {
 public:
  turned_range(bool is_turned, Range&& range) : range_(std::forward<Range>(range)) {
    for (auto& each : range_) items_.push_back(std::addressof(each));
    if (is_turned) std::reverse(items_.begin(), items_.end());
  }
  turned_range(const turned_range&) = delete;

  struct iterator {
    const std::vector<Item*>* items;
    std::size_t place;
    Item& operator*() const { return *(*items)[place]; }
    iterator& operator++() {
      ++place;
      return *this;
    }
    bool operator!=(const iterator& other) const { return place != other.place; }
  };
  iterator begin() const { return {&items_, 0}; }
  iterator end() const { return {&items_, items_.size()}; }

 private:
  Range range_;
  std::vector<Item*> items_;
};

template <int N, class Range>
auto turned(Range&& range) {
  using item = std::remove_reference_t<decltype(*std::begin(range))>;
  return turned_range<Range, item>(on(N), std::forward<Range>(range));
}
template <int N, class T>
auto turned(std::initializer_list<T> range) {
  return turned_range<std::deque<T>, T>(on(N), std::deque<T>(range));
}

}  // namespace mutant
