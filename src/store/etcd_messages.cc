#include "store/etcd_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

#include "wire/base64.h"
#include "wire/json_writer.h"

namespace portolan::store {
namespace {

using wire::Json;
using wire::JsonWriter;

Fault malformed(std::string_view what) {
  return Fault{Code::malformed_peer, Retry::never, fmt::format("etcd's answer: {}", what)};
}

void bytes_member(JsonWriter& out, std::string_view name, std::string_view bytes) {
  out.member(name, wire::render_base64(bytes));
}

// 64-bit integers are strings.
void whole_member(JsonWriter& out, std::string_view name, std::uint64_t number) {
  out.member(name, std::to_string(number));
}

Result<std::uint64_t> whole(const Json& in, std::string_view name) {
  const Json* found = in.find(name);
  if (found == nullptr) return 0;
  if (const auto number = found->as_uint64()) return *number;
  const auto* text = found->as_string();
  std::uint64_t number = 0;
  if (text != nullptr) {
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
    if (parsed.ec == std::errc{} && parsed.ptr == text->data() + text->size()) return number;
  }
  return malformed(fmt::format("'{}' is no whole number", name));
}

Result<std::string> bytes(const Json& in, std::string_view name) {
  const Json* found = in.find(name);
  if (found == nullptr) return std::string();
  const auto* text = found->as_string();
  if (text == nullptr) return malformed(fmt::format("'{}' is no text", name));
  return wire::parse_base64(*text, Code::malformed_peer);
}

bool truth(const Json& in, std::string_view name) {
  const Json* found = in.find(name);
  const bool* value = found != nullptr ? found->as_bool() : nullptr;
  return value != nullptr && *value;
}

// None where there is none: an empty list is left out.
std::span<const Json> elements(const Json& in, std::string_view name) {
  const Json* found = in.find(name);
  const auto* array = found != nullptr ? found->as_array() : nullptr;
  if (array == nullptr) return {};
  return *array;
}

Result<KeyValue> read_item(const Json& item) {
  KeyValue read;
  TRY(read.key, bytes(item, "key"));
  TRY(read.value, bytes(item, "value"));
  TRY(read.create_revision, whole(item, "create_revision"));
  TRY(read.mod_revision, whole(item, "mod_revision"));
  return read;
}

std::string render_put(const Transaction::Put& put) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("request_put").begin_object();
  bytes_member(out, "key", put.key);
  bytes_member(out, "value", put.value);
  if (put.lease != 0) whole_member(out, "lease", put.lease);
  out.end_object().end_object();
  return text;
}

std::string render_delete(const std::string& key) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("request_delete_range").begin_object();
  bytes_member(out, "key", key);
  out.end_object().end_object();
  return text;
}

// So many operations in each transaction of the next level up.
std::vector<std::string> fold(const std::vector<std::string>& operations) {
  std::vector<std::string> folded;
  const std::size_t width = etcd_txn_width.count();
  for (std::size_t first = 0; first < operations.size(); first += width) {
    std::string text;
    JsonWriter out(text);
    out.begin_object().key("request_txn").begin_object().key("success").begin_array();
    const auto last = std::min(first + width, operations.size());
    for (std::size_t i = first; i < last; ++i) out.raw(operations[i]);
    out.end_array().end_object().end_object();
    folded.push_back(std::move(text));
  }
  return folded;
}

std::size_t bytes_of(const Transaction& transaction) {
  std::size_t sum = 0;
  for (const auto& compare : transaction.compares) sum += compare.key.size();
  for (const auto& put : transaction.puts) sum += put.key.size() + put.value.size();
  for (const auto& key : transaction.deletes) sum += key.size();
  return sum;
}

Fault over(const Limit& limit, std::size_t count) {
  return Fault{
      Code::limit_exceeded, Retry::never,
      fmt::format("A change of the store has {}; {} is {}.", count, limit.name, limit.value)};
}

void render_compares(JsonWriter& out, const Transaction& transaction) {
  out.key("compare").begin_array();
  for (const auto& compare : transaction.compares) {
    out.begin_object();
    bytes_member(out, "key", compare.key);
    out.member("target", "MOD").member("result", "EQUAL");
    whole_member(out, "mod_revision", compare.mod_revision);
    out.end_object();
  }
  out.end_array();
}

void render_looks(JsonWriter& out, const Transaction& transaction) {
  out.key("failure").begin_array();
  bool first = true;
  for (const auto& compare : transaction.compares) {
    out.begin_object().key("request_range").begin_object();
    bytes_member(out, "key", compare.key);
    if (!first) out.member("keys_only", true);
    first = false;
    out.end_object().end_object();
  }
  out.end_array();
}

}  // namespace

std::string render_range(const EtcdRange& range) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  bytes_member(out, "key", range.key);
  if (!range.end.empty()) bytes_member(out, "range_end", range.end);
  if (range.revision != 0) whole_member(out, "revision", range.revision);
  if (range.keys_max != 0) whole_member(out, "limit", range.keys_max);
  if (range.changed_since != 0) whole_member(out, "min_mod_revision", range.changed_since);
  if (range.keys_only) out.member("keys_only", true);
  if (range.count_only) out.member("count_only", true);
  out.end_object();
  return text;
}

Result<EtcdRangeAnswer> read_range(const Json& answer) {
  EtcdRangeAnswer range;
  TRY(const auto header, read_header(answer));
  range.revision = header.revision;
  range.more = truth(answer, "more");
  TRY(range.count, whole(answer, "count"));
  for (const auto& element : elements(answer, "kvs")) {
    TRY(auto item, read_item(element));
    range.items.push_back(std::move(item));
  }
  return range;
}

Result<std::string> render_txn(const Transaction& transaction) {
  if (transaction.compares.size() > etcd_txn_width.count()) {
    return over(etcd_txn_width, transaction.compares.size());
  }
  const std::size_t size = bytes_of(transaction);
  if (size > etcd_commit_bytes_max.count()) return over(etcd_commit_bytes_max, size);
  std::vector<std::string> operations;
  for (const auto& put : transaction.puts) operations.push_back(render_put(put));
  for (const auto& key : transaction.deletes) operations.push_back(render_delete(key));
  while (operations.size() > etcd_txn_width.count()) operations = fold(operations);
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  render_compares(out, transaction);
  out.key("success").begin_array();
  for (const auto& operation : operations) out.raw(operation);
  out.end_array();
  render_looks(out, transaction);
  out.end_object();
  return text;
}

Result<EtcdTxnAnswer> read_txn(const Json& answer) {
  EtcdTxnAnswer txn;
  TRY(const auto header, read_header(answer));
  txn.revision = header.revision;
  txn.succeeded = truth(answer, "succeeded");
  if (txn.succeeded) return txn;
  for (const auto& response : elements(answer, "responses")) {
    const Json* range = response.find("response_range");
    if (range == nullptr) return malformed("a range was asked for, and something else came");
    const auto found = elements(*range, "kvs");
    txn.compared.emplace_back();
    if (found.empty()) continue;
    TRY(txn.compared.back(), read_item(found.front()));
  }
  return txn;
}

std::string render_watch(const EtcdWatch& watch) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().key("create_request").begin_object();
  bytes_member(out, "key", watch.key);
  bytes_member(out, "range_end", watch.end);
  whole_member(out, "start_revision", watch.from);
  out.end_object().end_object();
  return text;
}

Result<EtcdNews> read_watch(const Json& line) {
  if (line.find("error") != nullptr) return read_error(line);
  const Json* result = line.find("result");
  if (result == nullptr) return malformed("a watch says neither result nor error");
  EtcdNews news;
  TRY(const auto header, read_header(*result));
  news.revision = header.revision;
  news.canceled = truth(*result, "canceled");
  TRY(news.compacted, whole(*result, "compact_revision"));
  for (const auto& event : elements(*result, "events")) {
    const Json* item = event.find("kv");
    if (item == nullptr) return malformed("an event has no key");
    TRY(auto read, read_item(*item));
    const Json* type = event.find("type");
    const bool deleted = type != nullptr && *type == Json("DELETE");
    Change change{.key = std::move(read.key), .value = {}, .mod_revision = read.mod_revision};
    if (!deleted) change.value = std::move(read.value);
    news.changes.push_back(std::move(change));
  }
  return news;
}

std::string render_lease_grant(std::uint64_t ttl_seconds) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  whole_member(out, "TTL", ttl_seconds);
  out.end_object();
  return text;
}

std::string render_lease(std::uint64_t id) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  whole_member(out, "ID", id);
  out.end_object();
  return text;
}

Result<EtcdLease> read_lease(const Json& answer) {
  if (answer.find("error") != nullptr) return read_error(answer);
  // Keeping alive is a stream, whose lines have their answer one level down.
  const Json* result = answer.find("result");
  const Json& said = result != nullptr ? *result : answer;
  EtcdLease lease;
  TRY(lease.id, whole(said, "ID"));
  TRY(lease.ttl_seconds, whole(said, "TTL"));
  return lease;
}

std::string render_compaction(std::uint64_t revision) {
  std::string text;
  JsonWriter out(text);
  out.begin_object();
  whole_member(out, "revision", revision);
  out.end_object();
  return text;
}

Result<EtcdHeader> read_header(const Json& answer) {
  const Json* result = answer.find("result");
  const Json* header = (result != nullptr ? *result : answer).find("header");
  if (header == nullptr) return malformed("it has no header");
  EtcdHeader read;
  TRY(read.cluster, whole(*header, "cluster_id"));
  TRY(read.revision, whole(*header, "revision"));
  return read;
}

}  // namespace portolan::store
