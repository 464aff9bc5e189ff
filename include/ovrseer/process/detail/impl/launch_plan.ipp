// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The bodies of <ovrseer/process/detail/launch_plan.hpp>.
#pragma once

#include <algorithm>

#include <sys/ioctl.h>

#include <ovrseer/process/detail/launch_plan.hpp>

namespace ovrseer::process_detail {

OVRSEER_DECL unique_fd& unique_fd::operator=(unique_fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

OVRSEER_DECL unique_fd open_or_fail(const std::filesystem::path& path, int flags) {
  unique_fd fd(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (fd.get() < 0) fail_spawn("open", errno, path.string());
  return fd;
}

OVRSEER_DECL pipe_ends make_pipe(int capacity) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) < 0) fail_spawn("pipe", errno, {});
  pipe_ends pipe{unique_fd(ends[0]), unique_fd(ends[1])};
  // A capacity beyond the user's limit is refused; the pipe then keeps what it has.
  if (capacity > 0) ::fcntl(pipe.read.get(), F_SETPIPE_SZ, capacity);
  return pipe;
}

OVRSEER_DECL terminal_ends make_terminal(terminal_size size) {
  terminal_ends made;
  made.ours = open_or_fail("/dev/ptmx", O_RDWR | O_NOCTTY);
  int lock = 0;
  winsize window{};
  window.ws_col = size.columns;
  window.ws_row = size.rows;
  const int ours = made.ours.get();
  if (::ioctl(ours, TIOCSPTLCK, &lock) < 0 || ::ioctl(ours, TIOCSWINSZ, &window) < 0) {
    fail_spawn("terminal", errno, "/dev/ptmx");
  }
  // By this call and not by its name: the name may mean another's terminal in our view of the file system.
  made.childs = unique_fd(::ioctl(ours, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (made.childs.get() < 0) fail_spawn("terminal", errno, "the child's end");
  return made;
}

OVRSEER_DECL unique_fd copy_of(const unique_fd& fd) {
  unique_fd copy(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (copy.get() < 0) fail_spawn("dup", errno, {});
  return copy;
}

OVRSEER_DECL std::optional<unsigned> number_in(std::string_view text) {
  unsigned value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

OVRSEER_DECL gid_t group_of(const std::string& name) {
  if (const auto number = number_in(name)) return *number;
  std::array<char, 16384> buffer;
  group entry{};
  group* found = nullptr;
  const int code = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) fail_spawn("group", code != 0 ? code : ENOENT, "no group named \"" + name + "\"");
  return entry.gr_gid;
}

OVRSEER_DECL identity identity_of(const command& what) {
  identity who;
  if (what.user()) {
    const std::string& name = *what.user();
    std::array<char, 16384> buffer;
    passwd entry{};
    passwd* found = nullptr;
    const auto number = number_in(name);
    const int code = number ? ::getpwuid_r(*number, &entry, buffer.data(), buffer.size(), &found)
                            : ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) {
      who.uid = entry.pw_uid;
      who.gid = entry.pw_gid;
      int count = 64;
      std::vector<gid_t> groups(static_cast<std::size_t>(count));
      while (::getgrouplist(entry.pw_name, entry.pw_gid, groups.data(), &count) < 0) {
        groups.resize(static_cast<std::size_t>(count));
      }
      groups.resize(static_cast<std::size_t>(count));
      who.groups = std::move(groups);
    } else if (number) {
      who.uid = *number;  // a number without an entry is a user all the same, with no group of its own
      who.groups.emplace();
    } else {
      fail_spawn("user", code != 0 ? code : ENOENT, "no user named \"" + name + "\"");
    }
  }
  if (!what.groups().empty()) {
    who.gid = group_of(what.groups().front());
    who.groups.emplace();
    for (const std::string& name : what.groups()) who.groups->push_back(group_of(name));
  }
  return who;
}

OVRSEER_DECL char* const* string_vector::pointers() {
  pointers_.clear();
  for (std::string& text : strings_) pointers_.push_back(text.data());
  pointers_.push_back(nullptr);
  return pointers_.data();
}

OVRSEER_DECL bool is_meant_for_us(std::string_view variable) {
  constexpr std::array<std::string_view, 6> ours{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                                                 "LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES"};
  return std::ranges::find(ours, variable) != ours.end();
}

OVRSEER_DECL launch_plan::launch_plan(const command& what, std::string_view mark) : what_(what) {
  lay_out_environment(mark);
  lay_out_program();
  lay_out_limits();
  who_ = identity_of(what);
  lay_out_stdio();
  fill_request();
}

OVRSEER_DECL void launch_plan::lay_out_environment(std::string_view mark) {
  std::map<std::string, std::string> variables;
  if (what_.inherits_environment()) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      const std::string_view text(*entry);
      const auto equals = text.find('=');
      if (equals == std::string_view::npos || is_meant_for_us(text.substr(0, equals))) continue;
      variables[std::string(text.substr(0, equals))] = text.substr(equals + 1);
    }
  }
  for (const auto& [name, value] : what_.environment()) {
    if (value)
      variables[name] = *value;
    else
      variables.erase(name);
  }
  std::string& marker = variables[std::string(marker_name)];
  if (marker.empty()) {
    const char* inherited = ::getenv(std::string(marker_name).c_str());
    if (inherited != nullptr) marker = inherited;
  }
  marker = marker.empty() ? std::string(mark) : marker + "/" + std::string(mark);
  const auto path = variables.find("PATH");
  search_path_ = path == variables.end() ? "/usr/local/bin:/usr/bin:/bin" : path->second;
  for (const auto& [name, value] : variables) environment_.add(name + "=" + value);
}

OVRSEER_DECL void launch_plan::lay_out_program() {
  arguments_.add(what_.program());
  for (const std::string& argument : what_.arguments()) arguments_.add(argument);
  if (what_.program().find('/') != std::string::npos) {
    candidates_.push_back(what_.program());
  } else {
    std::string_view rest = search_path_;
    while (!what_.program().empty()) {
      const std::string_view folder = rest.substr(0, rest.find(':'));
      candidates_.push_back((folder.empty() ? std::string(".") : std::string(folder)) + "/" + what_.program());
      if (folder.size() == rest.size()) break;
      rest.remove_prefix(folder.size() + 1);
    }
  }
  if (what_.program().empty()) fail_spawn("exec", ENOENT, "the program's name is empty");
  for (const std::string& candidate : candidates_) candidate_pointers_.push_back(candidate.c_str());
  candidate_pointers_.push_back(nullptr);
}

OVRSEER_DECL void launch_plan::lay_out_limits() {
  for (const resource_limit& limit : what_.limits()) {
    rlimit64 present{};
    ::getrlimit64(static_cast<__rlimit_resource>(limit.resource), &present);
    rlimit64 wanted{};
    wanted.rlim_cur = limit.soft;
    wanted.rlim_max = limit.hard ? *limit.hard : std::max<rlim64_t>(present.rlim_max, limit.soft);
    limits_.push_back({limit.resource, wanted});
  }
}

OVRSEER_DECL void launch_plan::lay_out_terminal() {
  if (!std::holds_alternative<stdin_source::writer>(what_.input().value()) || !what_.output().is_piped() ||
      !std::holds_alternative<output_target::merged>(what_.error_output().value())) {
    fail_spawn("terminal", EINVAL, "all three streams are on the terminal: set none of them after it");
  }
  terminal_ends ends = make_terminal(*what_.terminal());
  // As login programs do it, so that the child may open its terminal by name.
  if (who_.uid) (void)::fchown(ends.childs.get(), *who_.uid, static_cast<gid_t>(-1));
  for (std::size_t i = 0; i < 3; ++i) sources_[i] = copy_of(ends.childs);
  terminal_ = std::move(ends.childs);
  stdin_writer = copy_of(ends.ours);
  stdout_reader = std::move(ends.ours);
}

OVRSEER_DECL void launch_plan::lay_out_stdio() {
  if (what_.terminal()) return lay_out_terminal();
  struct open_input {
    launch_plan& plan;
    void operator()(const stdin_source::nothing&) const { plan.sources_[0] = open_or_fail("/dev/null", O_RDONLY); }
    void operator()(const stdin_source::inherited&) const {}
    void operator()(const stdin_source::file& file) const { plan.sources_[0] = open_or_fail(file.path, O_RDONLY); }
    void operator()(const stdin_source::text& text) const { plan.sources_[0] = memory_file(text.content); }
    void operator()(const stdin_source::writer&) const {
      pipe_ends pipe = make_pipe(0);
      plan.sources_[0] = std::move(pipe.read);
      plan.stdin_writer = std::move(pipe.write);
    }
  };
  std::visit(open_input{*this}, what_.input().value());
  sources_[1] = open_output(what_.output(), stdout_reader);
  if (std::holds_alternative<output_target::merged>(what_.error_output().value())) {
    request.merge_error = true;
  } else {
    sources_[2] = open_output(what_.error_output(), stderr_reader);
  }
}

OVRSEER_DECL unique_fd launch_plan::open_output(const output_target& target, unique_fd& reader) const {
  if (const auto* file = std::get_if<output_target::file>(&target.value())) {
    const int mode = file->open == output_target::file::mode::append ? O_APPEND : O_TRUNC;
    return open_or_fail(file->path, O_WRONLY | O_CREAT | mode);
  }
  if (std::holds_alternative<output_target::discarded>(target.value())) return open_or_fail("/dev/null", O_WRONLY);
  if (!target.is_piped()) return {};
  pipe_ends pipe = make_pipe(what_.pipe_capacity());
  reader = std::move(pipe.read);
  return std::move(pipe.write);
}

OVRSEER_DECL unique_fd launch_plan::memory_file(std::string_view content) {
  unique_fd fd(::memfd_create("stdin", MFD_CLOEXEC));
  if (fd.get() < 0) fail_spawn("memfd_create", errno, {});
  while (!content.empty()) {
    const ssize_t n = ::write(fd.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_spawn("write", errno, "standard input");
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

OVRSEER_DECL void launch_plan::fill_request() {
  request.paths = candidate_pointers_.data();
  request.argv = arguments_.pointers();
  request.envp = environment_.pointers();
  directory_ = what_.working_directory().string();
  if (!directory_.empty()) request.directory = directory_.c_str();
  for (std::size_t i = 0; i < 3; ++i) request.stdio[i] = sources_[i].get();
  switch (what_.in_group()) {
    case command::group::own: request.group = 1; break;
    case command::group::session: request.group = 2; break;
    case command::group::inherited: break;
  }
  request.terminal = terminal_.get();
  request.nice = what_.nice();
  if (what_.file_mode_mask()) request.mask = static_cast<long>(*what_.file_mode_mask());
  request.limits = limits_.data();
  request.limit_count = limits_.size();
  if (who_.groups) {
    request.change_groups = true;
    request.groups = who_.groups->data();
    request.group_count = who_.groups->size();
  }
  if (who_.gid) {
    request.change_gid = true;
    request.gid = *who_.gid;
  }
  if (who_.uid) {
    request.change_uid = true;
    request.uid = *who_.uid;
  }
  if (what_.when_supervisor_dies() == command::fate::kill) request.death_signal = SIGKILL;
}

OVRSEER_DECL std::string failure_context(const command& what, launch_step step) {
  switch (step) {
    case launch_step::exec: return what.program();
    case launch_step::chdir: return what.working_directory().string();
    case launch_step::uid:
    case launch_step::gid:
    case launch_step::groups: return what.user().value_or("");
    default: return {};
  }
}

}  // namespace ovrseer::process_detail
