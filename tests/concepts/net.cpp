// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// What is an HTTP client or server or sends a stream, and what only looks like one.
#include <ovrseer/net/http_client.hpp>
#include <ovrseer/net/server.hpp>
#include <ovrseer/net/stream.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace t_net_concepts {

using namespace ovrseer;

static_assert(http_client<null_http_client>);
static_assert(http_client<scripted_http_client>);
static_assert(http_client<any_http_client>);
static_assert(http_client<http_client_archetype>);
static_assert(http_client<any_http_client&>);

struct returns_a_value {
  http_response exchange(http_request);
};
struct takes_a_text {
  task<http_response> exchange(std::string);
};
struct says_it_otherwise {
  task<http_response> send(http_request);
};
static_assert(!http_client<returns_a_value>);
static_assert(!http_client<takes_a_text>);
static_assert(!http_client<says_it_otherwise>);
static_assert(!http_client<const null_http_client>);
static_assert(!http_client<int>);

static_assert(http_server<http_server_archetype>);
static_assert(http_server<any_http_server>);

struct serves_without_end {
  void serve(http_handler);
  server_endpoint endpoint() const;
};
struct serves_nowhere {
  task<void> serve(http_handler);
};
struct endpoint_that_changes {
  task<void> serve(http_handler);
  server_endpoint endpoint();
};
static_assert(!http_server<serves_without_end>);
static_assert(!http_server<serves_nowhere>);
static_assert(!http_server<endpoint_that_changes>);
static_assert(!http_server<http_client_archetype>);

struct sends_at_once {
  std::error_code send(std::string_view);
};
struct counts_what_it_sends {
  task<std::size_t> send(std::string_view);
};
static_assert(stream_sender<stream_sender_archetype>);
static_assert(stream_sender<stream_socket>);
static_assert(stream_sender<recording_stream_sender&>);
static_assert(!stream_sender<sends_at_once>);
static_assert(!stream_sender<counts_what_it_sends>);

}  // namespace t_net_concepts
