// Copyright the ovrseer authors. SPDX-License-Identifier: BSL-1.0
// Lines and events as documents in Elasticsearch and OpenSearch, by the bulk API; fields are named as ECS has them.
// Source: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk, https://www.elastic.co/docs/reference/ecs
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ovrseer/build.hpp>
#include <ovrseer/deliver/batched.hpp>
#include <ovrseer/deliver/http_deliverer.hpp>
#include <ovrseer/event/record_json.hpp>
#include <ovrseer/net/http.hpp>

namespace ovrseer {

/// A data stream or an index.
///
/// Each document is created under an id that is its own (`id_of`), so that a batch which is sent again makes no document
/// twice. Fields of a line: `@timestamp`, `message`, `log.level`, `service.name`, `service.environment`, `host.name`,
/// `process.name` (the unit), `event.dataset` ("ovrseer.log"), `event.sequence`, `tags` (the flags it matched), `labels.namespace`,
/// `labels.stream`, `labels.boot_id`. Of an event also `event.action` (its type), `event.reason`, `event.outcome`,
/// `process.pid`, `process.exit_code`; its dataset is "ovrseer.event". Tested against an emulator, which the client of
/// Elasticsearch and rsyslog pass too.
class elasticsearch {
 public:
  /// The address of the cluster, such as "https://es:9200", and the name of the data stream or index.
  elasticsearch(url base, std::string target) : base_(std::move(base)), target_(std::move(target)) {}

  /// An API key, as Elasticsearch shows it under `encoded`.
  elasticsearch& api_key(std::string_view encoded) {
    authorization_ = "ApiKey " + std::string(encoded);
    return *this;
  }
  /// Errors: as `http_credentials::basic`.
  elasticsearch& basic(std::string_view user, std::string_view password);
  elasticsearch& host_name(std::string name) {
    host_name_ = std::move(name);
    return *this;
  }
  /// What all units are together. Default: each unit's own name.
  elasticsearch& service_name(std::string name) {
    service_name_ = std::move(name);
    return *this;
  }
  /// "production", "staging". Default: none.
  elasticsearch& environment(std::string name) {
    environment_ = std::move(name);
    return *this;
  }

  /// The document of a line or event, as JSON on one line.
  std::string document(const log_record& record) const;
  std::string document(const stored_event& what) const;

  http_request request(const std::vector<log_record>& batch, wall_time now) const;
  http_request request(const std::vector<stored_event>& batch, wall_time now) const;

  /// Errors: as `expect_success`; `errc::malformed_message` for what is no answer of the bulk API; `batch_failed` where single
  /// documents were not taken: those that it was too busy for or that failed there (429 and from 500 on) may be tried again, all
  /// others are refused. A document that is there already (409) is a success.
  void accept(const http_response& answer, wall_time now) const;

 private:
  template <class T>
  http_request bulk(const std::vector<T>& batch) const;
  // The members that all documents of a unit share.
  std::string origin_of(const unit_id& unit) const;
  void append_document(std::string& out, const log_record& record, std::string_view origin) const;
  void append_document(std::string& out, const stored_event& what, std::string_view origin) const;

  url base_;
  std::string target_;
  std::string authorization_;
  std::string host_name_;
  std::string service_name_;
  std::string environment_;
};

/// A `log_sink` (or with `stored_event` an `event_sink`) that sends batches to Elasticsearch.
///
///     elasticsearch_sink<> sink(http_deliverer(elasticsearch("https://es:9200", "logs-ovrseer-default"), client));
template <class T = log_record, http_client Client = any_http_client>
using elasticsearch_sink = batched<http_deliverer<elasticsearch, Client>, T>;

}  // namespace ovrseer

#if OVRSEER_HEADER_ONLY
#include <ovrseer/service/impl/elasticsearch.ipp>
#endif
