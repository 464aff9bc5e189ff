// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// How much of what is secret is found: secrets from tools/secret_corpus.py, which knows nothing of what finds them.
#include <ovrseer/redact/chunk_redactor.hpp>
#include <ovrseer/redact/redactor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"

namespace t_redact_recall {

using ovrseer::chunk_redactor;
using ovrseer::redactor;

struct sample {
  std::string kind;
  std::string where;
  std::string text;
  std::string secret;
};

std::vector<sample> made_by(const std::string& arguments) {
#ifdef OVRSEER_SOURCE_DIR
  const std::string folder = OVRSEER_SOURCE_DIR;
#else
  const std::string folder = ".";
#endif
  const std::string command = "python3 -B '" + folder + "/tools/secret_corpus.py' " + arguments;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::vector<sample> made;
  std::string line;
  for (int c = 0; pipe && (c = std::fgetc(pipe.get())) != EOF;) {
    if (c != '\n') {
      line.push_back(static_cast<char>(c));
      continue;
    }
    const auto json = nlohmann::json::parse(std::exchange(line, {}));
    made.push_back({json.at("kind"), json.at("where"), json.at("text"), json.at("secret")});
  }
  return made;
}

/// Whether a part of the secret is left that is long enough to matter: of a short one all of it, else 10 characters.
bool is_left(const std::string& text, std::string_view secret) {
  while (!secret.empty()) {
    const std::string_view piece = secret.substr(0, secret.find('\n'));
    secret.remove_prefix(std::min(piece.size() + 1, secret.size()));
    const std::size_t size = std::min<std::size_t>(piece.size(), 10);
    for (std::size_t i = 0; i + size <= piece.size(); ++i) {
      if (text.find(piece.substr(i, size)) != std::string::npos) return true;
    }
  }
  return false;
}

class score {
 public:
  void add(const sample& one, bool is_found, const std::string& out) {
    auto& [found, all] = by_kind_[one.kind];
    ++all;
    ++all_;
    if (is_found) {
      ++found;
      ++found_;
      return;
    }
    ++missed_places_[one.kind + " in " + one.where];
    if (examples_.size() < 400) examples_.push_back(one.kind + " in " + one.where + ": " + out);
  }
  double recall() const { return all_ == 0 ? 0.0 : static_cast<double>(found_) / static_cast<double>(all_); }

  void print(const char* name) const {
    std::cout << "redact: " << name << ": " << found_ << " of " << all_ << " secrets of " << by_kind_.size()
              << " kinds found\n";
    for (const auto& [kind, counts] : by_kind_) {
      if (counts.first != counts.second)
        std::cout << "  " << kind << ": " << counts.first << " of " << counts.second << "\n";
    }
    for (const auto& [place, count] : missed_places_) std::cout << "    missed " << place << ": " << count << "\n";
    if (std::getenv("OVRSEER_SHOW_MISSED") == nullptr) return;
    for (const std::string& each : examples_) std::cout << "      " << each << "\n";
  }

 private:
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_kind_;
  std::map<std::string, std::size_t> missed_places_;
  std::vector<std::string> examples_;
  std::size_t found_ = 0;
  std::size_t all_ = 0;
};

TEST_CASE("of generated secrets at least 98 in a hundred are hidden wholly") {
  const std::vector<sample> corpus = made_by("--seed 1");
  if (corpus.empty()) SKIP("no python3 to make secrets with");
  const redactor rules;
  score whole;
  for (const sample& one : corpus) {
    const std::string out = rules.redact(one.text);
    whole.add(one, !is_left(out, one.secret), out);
  }
  whole.print("whole texts");
  CHECK(corpus.size() > 2000);
  CHECK(whole.recall() >= 0.98);
}

TEST_CASE("secrets across the borders of chunks are hidden as within one") {
  const std::vector<sample> corpus = made_by("--seed 2 --each 4");
  if (corpus.empty()) SKIP("no python3 to make secrets with");
  score cut;
  std::mt19937 random(3);
  for (const sample& one : corpus) {
    chunk_redactor whole;
    std::string expected;
    whole.append(expected, one.text);
    whole.finish(expected);
    std::size_t different = 0;
    for (std::size_t at = random() % 3; at < one.text.size(); at += 3 * (1 + one.text.size() / 300)) {
      chunk_redactor stream;
      std::string out;
      stream.append(out, std::string_view(one.text).substr(0, at));
      stream.append(out, std::string_view(one.text).substr(at));
      stream.finish(out);
      if (out != expected) ++different;
    }
    CHECK(different == 0);
    cut.add(one, !is_left(expected, one.secret), expected);
  }
  cut.print("in chunks");
  CHECK(cut.recall() >= 0.98);
}

TEST_CASE("variables and arguments of commands are hidden where their names say so") {
  const std::vector<sample> corpus = made_by("--seed 3 --each 4");
  if (corpus.empty()) SKIP("no python3 to make secrets with");
  const redactor rules;
  score named;
  for (const sample& one : corpus) {
    if (one.where == "environment") {
      const std::size_t equals = one.text.find('=');
      const std::string out = rules.redact_environment(one.text.substr(0, equals), one.text.substr(equals + 1));
      named.add(one, !is_left(out, one.secret), out);
    } else if (one.where == "argument") {
      const std::size_t blank = one.text.find(' ');
      std::vector<std::string> arguments{one.text.substr(0, blank)};
      if (blank != std::string::npos) arguments.push_back(one.text.substr(blank + 1));
      rules.redact_arguments(arguments);
      std::string out;
      for (const std::string& each : arguments) out += each + " ";
      named.add(one, !is_left(out, one.secret), out);
    }
  }
  named.print("environment and arguments");
  CHECK(named.recall() >= 0.98);
}

}  // namespace t_redact_recall
