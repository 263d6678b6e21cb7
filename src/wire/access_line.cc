#include "wire/access_line.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

#include "wire/json_writer.h"

namespace portolan::wire {
namespace {

void write_text(JsonWriter& writer, std::string_view name, std::string_view text) {
  if (!text.empty()) {
    writer.member(name, text);
  }
}

void write_milliseconds(JsonWriter& writer, std::string_view name, Duration duration) {
  fmt::memory_buffer text;
  const auto microseconds = duration.ns / 1'000;
  fmt::format_to(std::back_inserter(text), "{}.{:03}", microseconds / 1'000, microseconds % 1'000);
  writer.key(name).raw({text.data(), text.size()});
}

void write_place(JsonWriter& writer, const AccessLine& line) {
  write_text(writer, "entry_region", line.entry_region);
  write_text(writer, "entry_zone", line.entry_zone);
  write_text(writer, "entry_gateway", line.entry_gateway);
  write_text(writer, "executor_zone", line.executor_zone);
}

void write_caller(JsonWriter& writer, const AccessLine& line) {
  write_text(writer, "workspace", line.workspace);
  write_text(writer, "key_id", line.key_id);
  write_text(writer, "model", line.model);
  write_text(writer, "scope", line.scope);
}

void write_outcome(JsonWriter& writer, const AccessLine& line) {
  write_text(writer, "method", line.method);
  write_text(writer, "path", line.path);
  writer.member("status", line.status);
  write_text(writer, "code", line.code);
  writer.member("stream", line.stream)
      .member("attempts", line.attempts)
      .member("executions", line.executions)
      .member("bytes_in", line.bytes_in.value)
      .member("bytes_out", line.bytes_out.value);
  if (line.ttft) {
    write_milliseconds(writer, "ttft_ms", *line.ttft);
  }
  write_milliseconds(writer, "total_ms", line.total);
}

void write_usage(JsonWriter& writer, const UsageCounts& usage) {
  writer.member("prompt_tokens", usage.prompt.value)
      .member("completion_tokens", usage.completion.value)
      .member("cached_tokens", usage.cached.value);
  if (usage.estimated) {
    writer.member("tokens_estimated", true);
  }
}

}  // namespace

void render_access_line(std::string& out, const AccessLine& line) {
  JsonWriter writer(out);
  writer.begin_object();
  std::string stamp;
  append_rfc3339(stamp, line.time);
  writer.member("time", stamp);
  write_text(writer, "request_id", line.request_id);
  write_text(writer, "trace_id", line.trace_id);
  write_place(writer, line);
  write_caller(writer, line);
  write_outcome(writer, line);
  write_usage(writer, line.usage);
  write_text(writer, "world", line.world);
  writer.member("keyring", line.keyring).member("restrictions", line.restrictions).end_object();
  out += '\n';
}

void append_rfc3339(std::string& out, WallTime time) {
  using std::chrono::floor;
  const std::chrono::sys_time<std::chrono::nanoseconds> point{std::chrono::nanoseconds(time.ns)};
  const auto day = floor<std::chrono::days>(point);
  const std::chrono::year_month_day date(day);
  const auto rest = floor<std::chrono::milliseconds>(point) - day;
  const std::chrono::hh_mm_ss clock(std::chrono::duration_cast<std::chrono::milliseconds>(rest));
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
}

}  // namespace portolan::wire
