#include "wire/usage_post.h"

#include "wire/json_cursor.h"
#include "wire/json_value.h"
#include "wire/json_writer.h"

namespace portolan::wire {

void render_usage_taken(std::string& out, const UsageTaken& taken) {
  JsonWriter writer(out);
  writer.begin_object()
      .member("epoch", taken.epoch)
      .member("through", taken.through)
      .member("known", taken.known)
      .key("missing")
      .begin_array();
  for (const auto& each : taken.missing) {
    writer.begin_object()
        .member("epoch", each.epoch)
        .member("first", each.first)
        .member("last", each.last)
        .end_object();
  }
  writer.end_array().end_object();
}

Result<UsageTaken> parse_usage_taken(std::string_view text) {
  TRY(const Json json, parse_json(text, Code::malformed_peer));
  const JsonCursor root(json, Code::malformed_peer);
  UsageTaken taken;
  TRY(taken.epoch, root.count("epoch"));
  TRY(taken.through, root.count("through"));
  TRY(taken.known, root.count("known"));
  TRY(const auto missing, root.elements("missing"));
  for (const auto& each : missing) {
    TRY(const auto epoch, each.count("epoch"));
    TRY(const auto first, each.count("first"));
    TRY(const auto last, each.count("last"));
    if (first > last) return each.fault("a range that ends before it begins");
    taken.missing.push_back({epoch, first, last});
  }
  return taken;
}

}  // namespace portolan::wire
