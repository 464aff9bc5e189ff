// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// A strict reader of DogStatsD and the real StatsD: what we send is what they have, and nothing that they refuse.
#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>

#include <nlohmann/json.hpp>

#include <catch.hpp>
#include <counterparty.hpp>
#include <datagram_receiver.hpp>
#include <disk_folder.hpp>
#include <leaks.hpp>
#include <node_packages.hpp>
#include <report_samples.hpp>

#include <ovrseer/async/attempt.hpp>
#include <ovrseer/export/statsd_exporter.hpp>
#include <ovrseer/metric/registry.hpp>
#include <ovrseer/process/process.hpp>
#include <ovrseer/report/datadog_reporter.hpp>

namespace t_statsd_counterparts {

using namespace ovrseer;
using namespace ovrseer::test;
using nlohmann::json;

/// A server of datagrams and a socket to it; ends with its test.
class server {
 public:
  server(asio::io_context& context, command what, datagram_address at)
      : context_(context), address_(at), socket_(context.get_executor(), at) {
    child_ = run_task(context_, spawn(std::move(what)));
    // Of two datagrams to a port where nobody listens the second is refused.
    const bool is_there = eventually([&] { return !socket_.send("ready:1|c") && !socket_.send("ready:1|c"); });
    if (!is_there) throw std::runtime_error("the server does not listen");
  }
  server(const server&) = delete;
  server& operator=(const server&) = delete;
  ~server() {
    child_.send(signal_number(SIGKILL), stop_scope::group);
    run_task(context_, child_.wait());
  }

  datagram_socket& socket() { return socket_; }
  const datagram_address& address() const { return address_; }
  /// What the child writes up to `word`.
  std::string said_until(const std::string& word) {
    while (said_.find(word) == std::string::npos) {
      const std::string_view bytes = run_task(context_, child_.read_output(output_stream::out));
      if (bytes.empty()) throw std::runtime_error("the server ended: " + said_);
      said_ += bytes;
    }
    const std::size_t end = said_.find(word) + word.size();
    const std::string made = said_.substr(0, end);
    said_.erase(0, end);
    return made;
  }

 private:
  asio::io_context& context_;
  datagram_address address_;
  datagram_socket socket_;
  process child_;
  std::string said_;
};

std::uint16_t free_udp_port() { return datagram_receiver::udp().port(); }

/// The strict reader: each message as JSON.
class strict_reader {
 public:
  explicit strict_reader(datagram_address at) : server_(context, start(at), at) {}

  static command start(const datagram_address& at) {
    const bool is_udp = at.type() == datagram_address::kind::udp;
    return command("python3", counterparty("dsd_server.py"), is_udp ? std::to_string(at.port()) : at.name(), "120");
  }
  datagram_socket& socket() { return server_.socket(); }
  /// All that it read until now, without what was sent to find out.
  std::vector<json> received() {
    const std::string mark = "mark." + std::string(++marks_, 'x');
    // A unix socket holds as few as ten datagrams.
    REQUIRE(eventually([&] { return !socket().send(mark + ":1|c"); }));
    const std::string text =
        server_.said_until("\"" + mark + "\", \"type\": \"c\", \"values\": [1.0], \"tags\": []}}\n");
    std::vector<json> made;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      json each = json::parse(text.substr(at, end - at));
      at = end + 1;
      const std::string name = each.contains("ok") ? each["ok"].value("name", "") : "";
      if (name != "ready" && name != mark) made.push_back(std::move(each));
    }
    return made;
  }
  template <class Policy, class Item>
  std::error_code deliver(Policy& policy, const Item& item) {
    const auto ended = run_task(context, attempt(policy.deliver(item)));
    return ended ? std::error_code() : ended.reason().code();
  }

  asio::io_context context;

 private:
  server server_;
  std::size_t marks_ = 0;
};

#define NEEDS_READER()                                                                    \
  if (!has_program("python3") || !std::filesystem::exists(counterparty("dsd_server.py"))) \
  SKIP("needs python3 and " << counterparty("dsd_server.py"))

// A report that tries to break out of every format, and one that is as large as they come.
crash_report nasty_report() {
  crash_report made = ovrseer_test::full_report();
  made.message = "pwn|c\n_sc|evil|2|m:x \xFF \xF0\x9F\x92\xA5\r\n|#,@all \\n m:\x01";
  made.last_lines = {"_e{1,1}:a|b", "x:1|c", std::string("\0nul", 4), "\xE2\x82", "\x1b[31mred", "Gr\xC3\xBC\xC3\x9F"};
  made.fields = {{"host", "a|b\nc"}, {"", "empty"}};
  return made;
}
crash_report huge_report() {
  crash_report made = ovrseer_test::full_report();
  made.message = std::string(50'000, '|');
  for (int i = 0; i != 2000; ++i) made.last_lines.push_back(std::string(300, "|,\xC3"[i % 3]) + "\xC3\xA4");
  for (int i = 0; i != 50; ++i) made.fields.emplace_back("field" + std::to_string(i), std::string(3000, 'x'));
  return made;
}

TEST_CASE("every kind of message is read as it was meant by UDP and by a unix socket") {
  NEEDS_READER();
  const no_leaks nothing_left;
  const ovrseer_test::disk_folder folder;
  for (const datagram_address& at :
       {datagram_address::udp("127.0.0.1", free_udp_port()), datagram_address::local(folder / "dsd.socket")}) {
    INFO(to_text(at));
    strict_reader reader(at);
    CHECK(reader.received().empty());
    statsd service;
    service.tag("env", "prod").limit(statsd::limit_of(at.type()));
    statsd_metric metric("a.b", -2.5, statsd_type::gauge);
    metric.time = wall_time(std::chrono::seconds(1'700'000'000));
    CHECK_FALSE(reader.socket().send(service.message(metric)));
    metric = statsd_metric("hits", 3, statsd_type::count);
    metric.rate = 0.5;
    metric.tags = {{"path", "/x,y|z"}};
    CHECK_FALSE(reader.socket().send(service.message(metric)));
    for (const statsd_type type : {statsd_type::timing, statsd_type::histogram, statsd_type::distribution}) {
      CHECK_FALSE(reader.socket().send(service.message(statsd_metric("d", 1e22, type))));
    }
    CHECK_FALSE(reader.socket().send(service.message(statsd_metric("users", "ann|bob\nx:1|c"))));
    const std::vector<json> read = reader.received();
    REQUIRE(read.size() == 6);
    CHECK(read[0]["ok"]["values"] == json{-2.5});
    CHECK(read[0]["ok"]["ts"] == 1'700'000'000);
    CHECK(read[1]["ok"]["rate"] == 0.5);
    CHECK(read[1]["ok"]["tags"] == json{"env:prod", "path:/x_y_z"});
    CHECK(read[2]["ok"]["type"] == "ms");
    CHECK(read[3]["ok"]["values"] == json{1e22});
    CHECK(read[4]["ok"]["type"] == "d");
    CHECK(read[5]["ok"]["values"] == json{"ann_bob_x_1_c"});
  }
}

TEST_CASE("reports and recoveries are an event and a check each whatever they hold") {
  NEEDS_READER();
  const ovrseer_test::disk_folder folder;
  for (const datagram_address& at :
       {datagram_address::udp("127.0.0.1", free_udp_port()), datagram_address::local(folder / "dsd.socket")}) {
    INFO(to_text(at));
    strict_reader reader(at);
    CHECK(reader.received().empty());
    datadog_reporter reporter(statsd().limit(statsd::limit_of(at.type())), reader.socket());
    std::vector<json> read;
    const auto tell = [&](const auto& item) {
      CHECK_FALSE(reader.deliver(reporter, item));
      for (json& each : reader.received()) read.push_back(std::move(each));
    };
    for (const crash_report& report : {ovrseer_test::full_report(), nasty_report(), huge_report(), crash_report()}) {
      tell(report);
    }
    tell(recovery("api", wall_time()));
    REQUIRE(read.size() == 9);
    for (const json& each : read) {
      INFO(each.dump());
      REQUIRE(each.contains("ok"));
    }
    CHECK(read[0]["ok"]["name"] == "ovrseer.unit");
    CHECK(read[0]["ok"]["status"] == 2);
    CHECK(read[0]["ok"]["m"] == "api gave up");
    CHECK(read[1]["ok"]["title"] == "api gave up");
    CHECK(read[1]["ok"]["alert"] == "error");
    CHECK(read[1]["ok"]["ts"] == 1'700'000'000);
    CHECK(read[1]["ok"]["k"].get<std::string>().size() == 32);
    const std::string text = read[3]["ok"]["text"].get<std::string>();
    CHECK(text.find("_e{1,1}:a|b\nx:1|c\n") != std::string::npos);
    CHECK(text.ends_with("Gr\xC3\xBC\xC3\x9F"));
    CHECK(read[3]["ok"]["tags"] == read[1]["ok"]["tags"]);
    CHECK(read[8]["ok"]["status"] == 0);
    CHECK(read[8]["ok"]["tags"] == read[0]["ok"]["tags"]);
  }
}

TEST_CASE("the totals that arrive are those of the registry and hostile labels stay in their tags") {
  NEEDS_READER();
  strict_reader reader(datagram_address::udp("127.0.0.1", free_udp_port()));
  registry metrics;
  auto& starts = metrics.counters("starts_total", "", {"unit", "note"});
  const auto wait = metrics.histograms("wait_seconds", "", {"unit"}, {0.5, 2.0}).with("api");
  metrics.gauges("level", "").with()->set(-1e-9);
  statsd_exporter exporter(statsd().prefix("shop.").tag("x|y", "a,b"), reader.socket());
  for (int round = 0; round != 5; ++round) {
    for (int unit = 0; unit != 50; ++unit) {
      starts.with("u" + std::to_string(unit), "a:1|c\nb:2|c,#@" + std::to_string(unit))->add(unit);
    }
    wait->observe(0.25 * round);
    CHECK_FALSE(reader.deliver(exporter, metrics.collect()));
  }
  std::map<std::string, double> sums;
  for (const json& each : reader.received()) {
    INFO(each.dump());
    REQUIRE(each.contains("ok"));
    const json& read = each["ok"];
    CHECK(read["tags"][0] == "x_y:a_b");
    if (read["type"] == "c") {
      sums[read["name"].get<std::string>() + read["tags"].dump()] += read["values"][0].get<double>();
    } else {
      CHECK(read["values"][0] == -1e-9);
    }
    if (read["name"] == "shop.starts_total") CHECK(read["tags"].size() == 3);
  }
  CHECK(sums.size() == 50 + 2 + 2);
  CHECK(sums[R"(shop.starts_total["x_y:a_b","unit:u49","note:a:1_c_b:2_c___49"])"] == 5 * 49);
  CHECK(sums[R"(shop.wait_seconds.count["x_y:a_b","unit:api"])"] == 5);
  CHECK(sums[R"(shop.wait_seconds.sum["x_y:a_b","unit:api"])"] == 2.5);
  CHECK(sums[R"(shop.wait_seconds.bucket["x_y:a_b","unit:api","lower_bound:0.5","upper_bound:2"])"] == 2);
}

TEST_CASE("random bytes in every field make one message each that is read") {
  NEEDS_READER();
  const ovrseer_test::disk_folder folder;
  strict_reader reader(datagram_address::local(folder / "dsd.socket"));
  CHECK(reader.received().empty());
  std::mt19937 random(4711);
  const auto noise = [&random] {
    constexpr std::string_view grammar = "|:,#@{}_\n\r\\m:ec\xC3\xA4\xF0\x9F\x92\xA5";
    std::string made(random() % 40, '\0');
    for (char& c : made) c = random() % 2 == 0 ? grammar[random() % grammar.size()] : static_cast<char>(random() % 256);
    return made;
  };
  statsd service;
  for (int i = 0; i != 100; ++i) {
    service = statsd();
    service.prefix(noise()).tag(noise(), noise()).limit(300);
    statsd_metric metric(noise(), i, static_cast<statsd_type>(i % 4));
    metric.tags = {{noise(), noise()}, {noise(), ""}};
    statsd_metric member(noise(), "m" + noise());
    statsd_event event(noise(), noise() + noise());
    event.host = noise();
    event.aggregation = noise();
    event.source = noise();
    event.tags = {{noise(), noise()}};
    statsd_check check(noise(), static_cast<statsd_check::state>(i % 4));
    check.message = noise();
    check.host = noise();
    for (const std::string& each :
         {service.message(metric), service.message(member), service.message(event), service.message(check)}) {
      INFO(each);
      CHECK_FALSE(each.empty());
      CHECK(each.find('\n') == std::string::npos);
      REQUIRE_FALSE(reader.socket().send(each));
    }
    const std::vector<json> read = reader.received();
    CHECK(read.size() == 4);
    for (const json& each : read) {
      INFO(each.dump());
      CHECK(each.contains("ok"));
    }
  }
}

TEST_CASE("a reader that is restarted is found again and has what it missed of the totals") {
  NEEDS_READER();
  const ovrseer_test::disk_folder folder;
  const datagram_address at = datagram_address::local(folder / "dsd.socket");
  asio::io_context context;
  datagram_socket socket(context.get_executor(), at);
  registry metrics;
  const auto count = metrics.counters("c_total", "").with();
  statsd_exporter exporter(statsd(), socket);
  const auto deliver = [&] { return run_task(context, attempt(exporter.deliver(metrics.collect()))); };
  count->add(1);
  CHECK_FALSE(deliver());
  for (const double expected : {3.0, 2.0}) {
    strict_reader reader(at);
    count->add(2);
    CHECK(deliver());
    const std::vector<json> read = reader.received();
    REQUIRE(read.size() == 1);
    CHECK(read[0]["ok"]["values"] == json{expected});
  }
  CHECK(socket.counts().no_receiver == 1);
  CHECK(socket.counts().sent == 2);
}

// What the management port answers to a command.
std::string ask(std::uint16_t port, const std::string& what) {
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  const asio::ip::tcp::endpoint where(asio::ip::address_v4::loopback(), port);
  const bool is_there = eventually([&] {
    std::error_code refused;
    socket.close(refused);
    socket.connect(where, refused);
    return !refused;
  });
  REQUIRE(is_there);
  asio::write(socket, asio::buffer(what + "\n"));
  std::string answer;
  asio::read_until(socket, asio::dynamic_buffer(answer), "END\n");
  return answer;
}

TEST_CASE("the real StatsD has our counters and gauges in the plain dialect") {
  const node_folder& packages = node_packages({"statsd@0.9.0"});
  if (!packages) SKIP(packages.reason());
  const std::string program = *packages + "/node_modules/statsd/stats.js";
  const ovrseer_test::disk_folder folder;
  const no_leaks nothing_left;
  asio::io_context context;
  const std::uint16_t port = free_udp_port();
  const std::uint16_t management = free_port(context);
  std::ofstream(folder / "config.js") << "{ address: '127.0.0.1', port: " << port << ", mgmt_address: '127.0.0.1'"
                                      << ", mgmt_port: " << management << ", flushInterval: 3600000, backends: [] }\n";
  server peer(context, command("node", program, folder / "config.js"), datagram_address::udp("127.0.0.1", port));

  registry metrics;
  auto& starts = metrics.counters("starts_total", "", {"unit"});
  const auto level = metrics.gauges("level", "", {"unit"}).with("api");
  const auto seconds = metrics.histograms("wait_seconds", "", {}, {0.5}).with();
  statsd_exporter exporter(statsd(statsd_dialect::plain).prefix("ovr.").tag("env", "prod"), peer.socket());
  const auto deliver = [&] { CHECK(run_task(context, attempt(exporter.deliver(metrics.collect())))); };
  const auto has = [&](const std::string& command, const std::string& line) {
    return eventually([&] { return ask(management, command).find(line) != std::string::npos; });
  };
  starts.with("api")->add(3);
  starts.with("web.1|c\nevil:1")->add(1);
  level->set(7);
  deliver();
  CHECK(has("gauges", "'ovr.level.api': 7"));
  starts.with("api")->add(2);
  seconds->observe(0.25);
  seconds->observe(2.0);
  level->set(-5);
  deliver();
  CHECK(has("gauges", "'ovr.level.api': -5"));
  level->set(-2.5);
  deliver();
  CHECK(has("gauges", "'ovr.level.api': -2.5"));
  level->set(0);
  deliver();
  CHECK(has("gauges", "'ovr.level.api': 0"));
  level->set(-1e-7);
  deliver();
  CHECK(has("gauges", "'ovr.level.api': -1e-7"));
  datadog_reporter silent(statsd(statsd_dialect::plain), peer.socket());
  CHECK(run_task(context, attempt(silent.deliver(nasty_report()))));
  const statsd plain(statsd_dialect::plain);
  CHECK_FALSE(peer.socket().send(plain.message(statsd_metric("took", 12.5, statsd_type::distribution))));
  CHECK_FALSE(peer.socket().send(plain.message(statsd_metric("users", "a:1|c"))));
  CHECK(has("timers", "took: [ 12.5 ]"));
  const std::string counters = ask(management, "counters");
  INFO(counters);
  for (const char* line :
       {"'ovr.starts_total.api': 5", "'ovr.starts_total.web_1_c_evil_1': 1", "'ovr.wait_seconds.count': 2",
        "'ovr.wait_seconds.sum': 2.25", "'ovr.wait_seconds.bucket.0_5': 1", "'ovr.wait_seconds.bucket.inf': 1",
        "'statsd.bad_lines_seen': 0"}) {
    INFO(line);
    CHECK(counters.find(line) != std::string::npos);
  }
  CHECK(counters.find("_e") == counters.find("_evil"));
  CHECK(counters.find("env") == std::string::npos);
}

}  // namespace t_statsd_counterparts
