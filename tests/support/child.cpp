// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// The child that tests supervise: it carries out the words of its command line one after the other, such
// as `child ignore TERM fork { setsid wait } print ready wait`. No dependency, and no surprise at exec.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using words = std::vector<std::string>;

void run(const words& script);

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "child: %s: %s\n", what.c_str(), std::strerror(errno));
  std::_Exit(99);
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("write");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

void say(const std::string& line) { write_all(1, line + "\n"); }

int signal_of(const std::string& name) {
  static const std::map<std::string, int> known{
      {"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"ABRT", SIGABRT}, {"KILL", SIGKILL}, {"USR1", SIGUSR1},
      {"SEGV", SIGSEGV}, {"USR2", SIGUSR2}, {"PIPE", SIGPIPE}, {"TERM", SIGTERM}, {"CHLD", SIGCHLD}, {"STOP", SIGSTOP}};
  const auto found = known.find(name);
  return found == known.end() ? std::stoi(name) : found->second;
}

int limit_of(const std::string& name) {
  static const std::map<std::string, int> known{
      {"NOFILE", RLIMIT_NOFILE}, {"CORE", RLIMIT_CORE}, {"AS", RLIMIT_AS}, {"CPU", RLIMIT_CPU}};
  return known.at(name);
}

void pause_for_ever() {
  for (;;) ::pause();
}

void pass_time(std::chrono::milliseconds time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }

std::array<int, 65> exit_codes{};
extern "C" void exit_by_signal(int number) { std::_Exit(exit_codes[static_cast<std::size_t>(number)]); }

void flood(int fd, std::size_t bytes) {
  std::string block;
  while (block.size() < 64 * 1024) block.append(63, 'x').push_back('\n');
  for (; bytes != 0; bytes -= std::min(bytes, block.size())) {
    write_all(fd, std::string_view(block).substr(0, std::min(bytes, block.size())));
  }
}

void list_descriptors() {
  DIR* folder = ::opendir("/proc/self/fd");
  if (folder == nullptr) fail("/proc/self/fd");
  std::vector<int> open;
  while (const dirent* entry = ::readdir(folder)) {
    const int fd = std::atoi(entry->d_name);
    if (entry->d_name[0] != '.' && fd != ::dirfd(folder)) open.push_back(fd);
  }
  ::closedir(folder);
  std::ranges::sort(open);
  std::string line = "descriptors";
  for (const int fd : open) line += " " + std::to_string(fd);
  say(line);
}

void print_status(const std::string& field) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field + ":")) say(line);
  }
}

void print_ids() {
  uid_t uids[3];
  gid_t gids[3];
  ::getresuid(&uids[0], &uids[1], &uids[2]);
  ::getresgid(&gids[0], &gids[1], &gids[2]);
  std::vector<gid_t> groups(1024);
  groups.resize(static_cast<std::size_t>(::getgroups(static_cast<int>(groups.size()), groups.data())));
  std::ranges::sort(groups);
  std::string line = "uid";
  for (const uid_t uid : uids) line += " " + std::to_string(uid);
  line += " gid";
  for (const gid_t gid : gids) line += " " + std::to_string(gid);
  line += " groups";
  for (const gid_t gid : groups) line += " " + std::to_string(gid);
  say(line);
}

/// Listens on the loopback and says where; connections are accepted by the kernel.
void listen_on(unsigned port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int reuse = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) fail("bind");
  if (::listen(fd, 64) < 0) fail("listen");
  socklen_t length = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  say("listening " + std::to_string(ntohs(address.sin_port)));
}

/// Sends a datagram to NOTIFY_SOCKET, with a descriptor where there is one.
void notify(const std::string& text, int descriptor = -1) {
  const char* address = std::getenv("NOTIFY_SOCKET");
  if (address == nullptr) return;
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  const std::size_t length = std::min(std::strlen(address), sizeof where.sun_path);
  std::memcpy(where.sun_path, address, length);
  if (where.sun_path[0] == '@') where.sun_path[0] = '\0';
  iovec place{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> about{};
  msghdr message{};
  message.msg_name = &where;
  message.msg_namelen = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  message.msg_iov = &place;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = about.data();
    message.msg_controllen = about.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || ::sendmsg(fd, &message, MSG_NOSIGNAL) < 0) fail("notify");
  ::close(fd);
}

/// Waits until the supervisor has dealt with everything that was sent before.
void notify_barrier() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
  notify("BARRIER=1", ends[1]);
  ::close(ends[1]);
  char none = 0;
  if (::read(ends[0], &none, 1) != 0) fail("the barrier is no barrier");
  ::close(ends[0]);
}

void allocate(std::size_t megabytes) {
  const std::size_t size = megabytes << 20U;
  char* memory = static_cast<char*>(std::malloc(size));
  if (memory == nullptr) fail("malloc");
  for (std::size_t at = 0; at < size; at += 4096) const_cast<volatile char*>(memory)[at] = 1;
}

void burn(std::chrono::milliseconds time) {
  const auto used = [] {
    timespec value{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &value);
    return std::chrono::seconds(value.tv_sec) + std::chrono::nanoseconds(value.tv_nsec);
  };
  while (used() < time) {}
}

void copy_input() {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t n = ::read(0, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    write_all(1, std::string_view(buffer.data(), static_cast<std::size_t>(n)));
  }
}

void read_line() {
  char byte = 0;
  while (byte != '\n' && ::read(0, &byte, 1) == 1) {}
}

/// Which of its streams are terminals, the size of that, and whether it is the controlling one with us in front.
void print_terminal() {
  std::string line = "terminal";
  for (int fd = 0; fd < 3; ++fd) line += ::isatty(fd) == 1 ? " yes" : " no";
  winsize window{};
  ::ioctl(0, TIOCGWINSZ, &window);
  line += " " + std::to_string(window.ws_col) + "x" + std::to_string(window.ws_row);
  const int own = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  line += own >= 0 && ::tcgetpgrp(own) == ::getpgrp() ? " foreground" : " background";
  ::close(own);
  say(line);
}

void skip_input() {
  std::array<char, 4096> buffer;
  while (::read(0, buffer.data(), buffer.size()) > 0) {}
}

/// The words between { and the } that belongs to it; leaves `at` behind it.
words block(const words& script, std::size_t& at) {
  words inner;
  int depth = 0;
  for (; at < script.size(); ++at) {
    if (script[at] == "{" && depth++ == 0) continue;
    if (script[at] == "}" && --depth == 0) {
      ++at;
      return inner;
    }
    inner.push_back(script[at]);
  }
  errno = EINVAL;
  fail("a block without an end");
}

void fork_and_run(const words& inner) {
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid != 0) return;
  run(inner);
  std::_Exit(0);
}

/// Leaves as a daemon does: two forks, a session of its own, nobody waits for it.
void daemonise(const words& inner) {
  const pid_t pid = ::fork();
  if (pid < 0) fail("fork");
  if (pid == 0) {
    ::setsid();
    fork_and_run(inner);
    std::_Exit(0);
  }
  ::waitpid(pid, nullptr, 0);
}

/// Starts its successor in a session of its own and ends, a thousand times: whoever looks sees another pid.
[[noreturn]] void run_away() {
  for (int generation = 0; generation < 1000; ++generation) {
    pass_time(std::chrono::milliseconds(1));
    const pid_t pid = ::fork();
    if (pid != 0) break;  // also where no process can be had
    ::setsid();
  }
  std::_Exit(0);
}

[[noreturn]] void exec_without_environment(const words& inner) {
  words arguments = inner;
  arguments.insert(arguments.begin(), "child");
  std::vector<char*> pointers;
  for (std::string& word : arguments) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  char* none[] = {nullptr};
  ::execve("/proc/self/exe", pointers.data(), none);
  fail("execve");
}

void run(const words& script) {
  std::size_t at = 0;
  const auto word = [&]() -> const std::string& {
    if (at == script.size()) {
      errno = EINVAL;
      fail("a word is missing");
    }
    return script[at++];
  };
  const auto number = [&] { return std::stoul(word()); };
  const auto time = [&] { return std::chrono::milliseconds(number()); };
  const std::map<std::string, std::function<void()>> verbs{
      // ends
      {"exit", [&] { std::_Exit(static_cast<int>(number())); }},
      {"die",
       [&] {
         const int signal = signal_of(word());
         std::signal(signal, SIG_DFL);
         std::raise(signal);
         pause_for_ever();
       }},
      {"wait", [&] { pause_for_ever(); }},
      {"sleep", [&] { pass_time(time()); }},
      {"burn", [&] { burn(time()); }},
      // signals
      {"ignore", [&] { std::signal(signal_of(word()), SIG_IGN); }},
      {"trap",
       [&] {
         const int signal = signal_of(word());
         exit_codes[static_cast<std::size_t>(signal)] = static_cast<int>(number());
         std::signal(signal, exit_by_signal);
       }},
      {"no-core", [] { ::prctl(PR_SET_DUMPABLE, 0); }},
      // output and input
      {"print", [&] { say(word()); }},
      {"error", [&] { write_all(2, word() + "\n"); }},
      {"partial", [&] { write_all(1, word()); }},
      {"flood", [&] { flood(1, number()); }},
      {"flood-error", [&] { flood(2, number()); }},
      {"close-output", [] { ::close(1), ::close(2); }},
      {"cat", [] { copy_input(); }},
      {"skip-input", [] { skip_input(); }},
      {"read-line", [] { read_line(); }},
      {"close-input", [] { ::close(0); }},
      {"create", [&] { std::ofstream(word()) << "here\n"; }},
      // relatives
      {"fork", [&] { fork_and_run(block(script, at)); }},
      {"daemon", [&] { daemonise(block(script, at)); }},
      {"reap", [] { ::wait(nullptr); }},
      {"setsid", [] { ::setsid(); }},
      {"setpgid", [] { ::setpgid(0, 0); }},
      {"run-away", [] { run_away(); }},
      {"forget-environment", [&] { exec_without_environment(block(script, at)); }},
      // what it finds
      {"pid", [] { say("pid " + std::to_string(::getpid())); }},
      {"groups", [] { say("group " + std::to_string(::getpgrp()) + " session " + std::to_string(::getsid(0))); }},
      {"env",
       [&] {
         const std::string name = word();
         const char* value = std::getenv(name.c_str());
         say(value == nullptr ? name + " unset" : name + "=" + value);
       }},
      {"environment",
       [] {
         for (char** entry = environ; *entry != nullptr; ++entry) say(*entry);
       }},
      {"descriptors", [] { list_descriptors(); }},
      {"terminal", [] { print_terminal(); }},
      {"link",  // on the other stream, because the one that it is about may be anything
       [&] {
         std::array<char, 4096> target{};
         ::readlink(("/proc/self/fd/" + word()).c_str(), target.data(), target.size() - 1);
         write_all(2, std::string(target.data()) + "\n");
       }},
      {"status", [&] { print_status(word()); }},
      {"ids", [] { print_ids(); }},
      {"cwd",
       [] {
         std::array<char, 4096> path{};
         say(::getcwd(path.data(), path.size()) == nullptr ? "?" : path.data());
       }},
      {"umask",
       [] {
         std::array<char, 16> text{};
         std::snprintf(text.data(), text.size(), "%03o", static_cast<unsigned>(::umask(0)));
         say(text.data());
       }},
      {"nice", [] { say(std::to_string(::getpriority(PRIO_PROCESS, 0))); }},
      {"limit",
       [&] {
         rlimit limit{};
         ::getrlimit(static_cast<__rlimit_resource>(limit_of(word())), &limit);
         const auto text = [](rlim_t value) { return value == RLIM_INFINITY ? "none" : std::to_string(value); };
         say(text(limit.rlim_cur) + " " + text(limit.rlim_max));
       }},
      {"death-signal",
       [] {
         int signal = 0;
         ::prctl(PR_GET_PDEATHSIG, &signal);
         say(std::to_string(signal));
       }},
      {"arguments",
       [&] {
         while (at < script.size()) say("<" + word() + ">");
       }},
      // resources
      {"listen", [&] { listen_on(static_cast<unsigned>(number())); }},
      {"allocate", [&] { allocate(number()); }},
      // what it tells its supervisor
      {"notify", [&] { notify(word()); }},
      {"notify-with-descriptor", [&] { notify(word(), 1); }},
      {"notify-barrier", [] { notify_barrier(); }},
  };
  while (at < script.size()) {
    const std::string verb = word();
    const auto found = verbs.find(verb);
    if (found == verbs.end()) {
      errno = EINVAL;
      fail(verb);
    }
    found->second();
  }
}

}  // namespace

int main(int count, char** arguments) {
  run(words(arguments + 1, arguments + count));
  return 0;
}
