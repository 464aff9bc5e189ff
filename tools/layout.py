# Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
"""The plan of the house: which folder stands on which floor, and which header brings which library."""
import functools
import pathlib

import sources

# From the ground up. A folder may include itself, the root, and what stands in an earlier row.
FLOORS = [
    ["pattern"],
    ["redact"],
    ["async"],
    ["disk"],
    ["process"],
    ["log"],
    ["net"],
    ["check"],
    ["event"],
    ["supervise"],
    ["sim"],
    ["metric"],
    ["deliver"],
    ["service"],
    ["report", "sink", "export"],
    ["store"],
    ["bus"],
    ["notify"],
    ["monitor"],
    ["config"],
    ["rehearse"],
    ["control"],
    ["ui"],
]
# Folders that are usable without Asio.
PURE = {"pattern", "redact"}

UMBRELLA = "ovrseer.hpp"
# Headers that many others lead to, from the ground up: where each header is compiled by itself, those above one of these
# find it compiled already. It makes no difference to what they see, and most of them are little more than it.
PRECOMPILED = ("asio.hpp", "async/clock.hpp", "event/json_members.hpp", "process/os.hpp", "supervise/detail/flag_events.hpp",
               "config/model.hpp")
# What a program with OVRSEER_SEPARATE_COMPILATION compiles once: every body.
BODIES = "src.hpp"
# Root headers that exist for includes of others alone.
NOT_IN_UMBRELLA = {UMBRELLA, BODIES, "fwd.hpp"}

# The one header that may include a library beyond Asio, fmt and nlohmann_json, and its component.
BACKENDS = {
    "net/curl.hpp": "curl",
    "net/curl_mail.hpp": "curl",
    "net/detail/curl_loop.hpp": "curl",
    "net/llhttp.hpp": "llhttp",
    "config/yaml.hpp": "yaml",
    "disk/zlib.hpp": "zlib",
    "store/sqlite.hpp": "sqlite",
    "store/postgres.hpp": "postgres",
    "bus/nats.hpp": "nats",
    "ui/ncurses.hpp": "ncurses",
}
LIBRARIES = {
    "curl/": "curl",
    "llhttp": "llhttp",
    "yaml-cpp/": "yaml",
    "zlib.h": "zlib",
    "sqlite3.h": "sqlite",
    "libpq-fe.h": "postgres",
    "nats": "nats",
    "ncurses": "ncurses",
    "curses.h": "ncurses",
}

STANDARD = set(
    """algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes
    climits clocale cmath compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef
    cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format
    forward_list fstream functional future initializer_list iomanip ios iosfwd iostream istream iterator latch
    limits list locale map memory memory_resource mutex new numbers numeric optional ostream queue random ranges
    ratio regex scoped_allocator semaphore set shared_mutex source_location span sstream stack stdexcept stop_token
    streambuf string string_view strstream syncstream system_error thread tuple type_traits typeindex typeinfo
    unordered_map unordered_set utility valarray variant vector version""".split()
)


def floor_of(folder):
    for floor, row in enumerate(FLOORS):
        if folder in row:
            return floor
    return None


def folder_of(header):
    """'' for the root, else the first folder of a path below include/ovrseer/."""
    parts = pathlib.PurePosixPath(header).parts
    return parts[0] if len(parts) > 1 else ""


def is_detail(header):
    return "detail" in pathlib.PurePosixPath(header).parts[:-1]


def is_body(file):
    """Whether it holds the bodies of a header's functions."""
    return file.endswith(".ipp")


def header_of(body):
    """log/ring.hpp for log/impl/ring.ipp: the header whose bodies these are."""
    path = pathlib.PurePosixPath(body)
    return (path.parent.parent / (path.stem + ".hpp")).as_posix()


class Tree:
    """The headers of one checkout and who includes whom."""

    def __init__(self, root=None):
        self.root = pathlib.Path(root or sources.ROOT)
        self.base = self.root / "include" / "ovrseer"
        self.headers = sorted(p.relative_to(self.base).as_posix() for p in self.base.rglob("*.hpp"))
        self.bodies = sorted(p.relative_to(self.base).as_posix() for p in self.base.rglob("*.ipp"))
        self.text = {h: sources.read(self.base / h) for h in self.headers + self.bodies}
        # A body includes its header, which includes it: that is the one ring there may be, so it is left out.
        self.edges = {h: [t for t in sources.own_includes(text) if not (is_body(h) and t == header_of(h))]
                      for h, text in self.text.items()}

    def reached(self, starts, with_bodies=True):
        """Every header that the given ones lead to, themselves included; without bodies as their declarations do."""
        seen, todo = set(), list(starts)
        while todo:
            header = todo.pop()
            if header not in seen and (with_bodies or not is_body(header)):
                seen.add(header)
                todo += self.edges.get(header, [])
        return seen

    @functools.lru_cache(maxsize=None)
    def components(self, header):
        """The optional libraries that a header leads to."""
        return tuple(sorted({BACKENDS[h] for h in self.reached([header]) if h in BACKENDS}))

    def core(self):
        return [h for h in self.headers if h not in (UMBRELLA, BODIES) and not self.components(h)]

    def extra(self):
        return [h for h in self.headers if h not in (UMBRELLA, BODIES) and self.components(h)]

    def umbrella(self):
        """What the umbrella includes: all public core headers, from the ground up."""

        def key(header):
            folder = folder_of(header)
            floor = -1 if not folder else floor_of(folder)
            # asio.hpp first: clang needs a word with Asio before anybody else includes it.
            return (len(FLOORS) if floor is None else floor, header != "asio.hpp", folder, header)

        return sorted((h for h in self.core() if not is_detail(h) and h not in NOT_IN_UMBRELLA), key=key)
