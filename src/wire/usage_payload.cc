#include "wire/usage_payload.h"

#include <limits>
#include <utility>

#include "wire/json_cursor.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace portolan::wire {
namespace {

constexpr std::string_view basis_engine = "engine";
constexpr std::string_view basis_estimated = "estimated";

void write_versions(JsonWriter& json, const HeldVersions& versions) {
  json.member("world", versions.world)
      .member("keyring", versions.keyring)
      .member("restrictions", versions.restrictions);
}

void write_counts(JsonWriter& json, const UsageCounts& counts) {
  json.member("prompt_tokens", counts.prompt.value)
      .member("completion_tokens", counts.completion.value)
      .member("cached_tokens", counts.cached.value)
      .member("basis", counts.estimated ? basis_estimated : basis_engine);
}

void write_request(JsonWriter& json, const UsageRequest& request) {
  json.member("request_id", request.request_id)
      .member("trace_id", request.trace_id)
      .member("began", request.began.ns)
      .member("org", request.org)
      .member("workspace", request.workspace)
      .member("key_id", request.key_id)
      .member("model", request.model)
      .member("path", request.path)
      .member("stream", request.stream)
      .member("scope", request.scope)
      .member("entry_region", request.entry_region)
      .member("entry_zone", request.entry_zone);
  write_versions(json, request.versions);
}

void write(JsonWriter& json, const UsageSegment& segment) {
  json.member("network", segment.network)
      .member("gateway", segment.gateway)
      .member("epoch", segment.epoch)
      .member("index", segment.index)
      .member("began", segment.began.ns)
      .member("after_index", segment.after_index)
      .member("after_end", segment.after_end)
      .member("first_number", segment.first_number)
      .member("open_from", segment.open_from);
}

void write(JsonWriter& json, const UsageStart& start) {
  json.member("at", start.at.ns).member("crashed", start.crashed).key("earlier").begin_array();
  for (const UsageStart::EpochEnd& end : start.earlier) {
    json.begin_object().member("epoch", end.epoch).member("last", end.last).end_object();
  }
  json.end_array();
}

void write(JsonWriter& json, const UsageOpen& open) { write_request(json, open.request); }

void write(JsonWriter& json, const UsageCheckpoint& checkpoint) {
  json.member("request_id", checkpoint.request_id)
      .member("executor_region", checkpoint.executor_region)
      .member("executor_zone", checkpoint.executor_zone)
      .member("executor_gateway", checkpoint.executor_gateway);
  write_counts(json, checkpoint.counts);
}

void write(JsonWriter& json, const UsageClose& close) {
  write_request(json, close.request);
  json.member("ended", close.ended.ns)
      .member("outcome", close.outcome)
      .member("status", close.status)
      .member("executor_region", close.executor_region)
      .member("executor_zone", close.executor_zone)
      .member("executor_gateway", close.executor_gateway)
      .member("attempts", close.attempts)
      .member("executions", close.executions);
  write_counts(json, close.counts);
  json.member("receipt", close.receipt);
}

void write(JsonWriter& json, const UsageExec& exec) {
  json.member("request_id", exec.request_id)
      .member("entry_gateway", exec.entry_gateway)
      .member("entry_zone", exec.entry_zone)
      .member("workspace", exec.workspace)
      .member("key_id", exec.key_id)
      .member("model", exec.model)
      .member("model_digest", exec.model_digest)
      .member("engine_kind", exec.engine_kind)
      .member("scope", exec.scope)
      .member("region", exec.region)
      .member("zone", exec.zone)
      .member("began", exec.began.ns)
      .member("ended", exec.ended.ns)
      .member("outcome", exec.outcome);
  write_counts(json, exec.counts);
  write_versions(json, exec.versions);
}

// Reads members into what they are for; after the first fault nothing more.
class Fields {
 public:
  explicit Fields(const JsonCursor& here) : here_(here) {}

  void read(std::string_view name, std::string& into) { take(here_.text(name), into); }
  void read(std::string_view name, bool& into) { take(here_.boolean(name), into); }
  void read(std::string_view name, std::uint64_t& into) { take(here_.count(name), into); }
  void read(std::string_view name, WallTime& into) { take(here_.integer(name), into.ns); }
  void read(std::string_view name, Tokens& into) { take(here_.count(name), into.value); }
  void read(std::string_view name, std::uint32_t& into) {
    std::uint64_t wide = 0;
    take(here_.count(name), wide);
    if (wide > std::numeric_limits<std::uint32_t>::max()) refuse(name);
    into = static_cast<std::uint32_t>(wide);
  }
  void read_status(int& into) {
    std::uint64_t wide = 0;
    take(here_.count("status"), wide);
    if (wide > 999) refuse("status");
    into = static_cast<int>(wide);
  }
  // What the head of a post to the meter has no use for.
  void read_optional(std::string_view name, std::uint64_t& into) {
    take(here_.count_or(name, 0), into);
  }
  void read_optional(std::string_view name, WallTime& into) {
    take(here_.integer_or(name, 0), into.ns);
  }
  void read_ends(std::vector<UsageStart::EpochEnd>& into) {
    const auto ends = here_.elements("earlier");
    if (!ends) return fail(ends.error());
    for (const JsonCursor& element : *ends) {
      Fields fields(element);
      UsageStart::EpochEnd end;
      fields.read("epoch", end.epoch);
      fields.read("last", end.last);
      if (fields.fault_) return fail(*fields.fault_);
      into.push_back(end);
    }
  }

  // The body, unless something was missing or of another type.
  template <class T>
  Result<std::optional<UsageBody>> result(T body) {
    if (fault_) return *std::move(fault_);
    return UsageBody(std::move(body));
  }

 private:
  template <class T, class U>
  void take(const Result<T>& read, U& into) {
    if (!read) return fail(read.error());
    into = U(*read);
  }
  void refuse(std::string_view name) { fail(here_.fault(std::string(name) + " is out of range")); }
  void fail(const Fault& fault) {
    if (!fault_) fault_ = fault;
  }

  const JsonCursor& here_;
  std::optional<Fault> fault_;
};

void read_versions(Fields& fields, HeldVersions& versions) {
  fields.read("world", versions.world);
  fields.read("keyring", versions.keyring);
  fields.read("restrictions", versions.restrictions);
}

void read_counts(Fields& fields, UsageCounts& counts) {
  std::string basis;
  fields.read("prompt_tokens", counts.prompt);
  fields.read("completion_tokens", counts.completion);
  fields.read("cached_tokens", counts.cached);
  fields.read("basis", basis);
  counts.estimated = basis != basis_engine;
}

void read_request(Fields& fields, UsageRequest& request) {
  fields.read("request_id", request.request_id);
  fields.read("trace_id", request.trace_id);
  fields.read("began", request.began);
  fields.read("org", request.org);
  fields.read("workspace", request.workspace);
  fields.read("key_id", request.key_id);
  fields.read("model", request.model);
  fields.read("path", request.path);
  fields.read("stream", request.stream);
  fields.read("scope", request.scope);
  fields.read("entry_region", request.entry_region);
  fields.read("entry_zone", request.entry_zone);
  read_versions(fields, request.versions);
}

void read(Fields& fields, UsageSegment& segment) {
  fields.read("network", segment.network);
  fields.read("gateway", segment.gateway);
  fields.read("epoch", segment.epoch);
  fields.read_optional("index", segment.index);
  fields.read_optional("began", segment.began);
  fields.read_optional("after_index", segment.after_index);
  fields.read_optional("after_end", segment.after_end);
  fields.read_optional("first_number", segment.first_number);
  fields.read_optional("open_from", segment.open_from);
}

void read(Fields& fields, UsageStart& start) {
  fields.read("at", start.at);
  fields.read("crashed", start.crashed);
  fields.read_ends(start.earlier);
}

void read(Fields& fields, UsageOpen& open) { read_request(fields, open.request); }

void read(Fields& fields, UsageCheckpoint& checkpoint) {
  fields.read("request_id", checkpoint.request_id);
  fields.read("executor_region", checkpoint.executor_region);
  fields.read("executor_zone", checkpoint.executor_zone);
  fields.read("executor_gateway", checkpoint.executor_gateway);
  read_counts(fields, checkpoint.counts);
}

void read(Fields& fields, UsageClose& close) {
  read_request(fields, close.request);
  fields.read("ended", close.ended);
  fields.read("outcome", close.outcome);
  fields.read_status(close.status);
  fields.read("executor_region", close.executor_region);
  fields.read("executor_zone", close.executor_zone);
  fields.read("executor_gateway", close.executor_gateway);
  fields.read("attempts", close.attempts);
  fields.read("executions", close.executions);
  read_counts(fields, close.counts);
  fields.read("receipt", close.receipt);
}

void read(Fields& fields, UsageExec& exec) {
  fields.read("request_id", exec.request_id);
  fields.read("entry_gateway", exec.entry_gateway);
  fields.read("entry_zone", exec.entry_zone);
  fields.read("workspace", exec.workspace);
  fields.read("key_id", exec.key_id);
  fields.read("model", exec.model);
  fields.read("model_digest", exec.model_digest);
  fields.read("engine_kind", exec.engine_kind);
  fields.read("scope", exec.scope);
  fields.read("region", exec.region);
  fields.read("zone", exec.zone);
  fields.read("began", exec.began);
  fields.read("ended", exec.ended);
  fields.read("outcome", exec.outcome);
  read_counts(fields, exec.counts);
  read_versions(fields, exec.versions);
}

template <class T>
Result<std::optional<UsageBody>> read_as(const JsonCursor& root) {
  Fields fields(root);
  T body;
  read(fields, body);
  return fields.result(std::move(body));
}

}  // namespace

void render_usage_payload(std::string& out, const UsageBody& body) {
  JsonWriter json(out);
  json.begin_object();
  std::visit([&json](const auto& what) { write(json, what); }, body);
  json.end_object();
}

Result<std::optional<UsageBody>> parse_usage_body(const RawUsageRecord& record) {
  if (name_of(record.kind).empty()) return std::nullopt;
  TRY(const Json json, parse_json(record.payload, Code::malformed_peer));
  const JsonCursor root(json, Code::malformed_peer);
  switch (record.kind) {
    case UsageKind::segment:
      return read_as<UsageSegment>(root);
    case UsageKind::start:
      return read_as<UsageStart>(root);
    case UsageKind::open:
      return read_as<UsageOpen>(root);
    case UsageKind::checkpoint:
      return read_as<UsageCheckpoint>(root);
    case UsageKind::close:
      return read_as<UsageClose>(root);
    case UsageKind::exec:
      return read_as<UsageExec>(root);
  }
  return std::nullopt;
}

}  // namespace portolan::wire
