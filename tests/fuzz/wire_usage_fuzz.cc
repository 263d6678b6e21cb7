// Usage records of any bytes: what is read is whole, lies where it was found and
// says the same when it is rendered again; what stands behind a damage is found.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "wire/usage_record.h"

namespace {

using namespace portolan;
using namespace portolan::wire;

void check_body(const RawUsageRecord& record) {
  const auto body = parse_usage_body(record);
  if (!body || !*body) return;
  std::string text;
  render_usage_record(text, **body, record.number);
  const auto again = read_usage_record(text);
  check(again && *again && parse_usage_body(**again).value() == **body, "a record reads back");
}

// Any payload, in a record of every kind.
void check_payloads(std::string_view payload) {
  for (std::uint8_t kind = 0; kind < 8; ++kind) {
    const auto number = is_numbered(UsageKind{kind}) ? std::uint64_t{1} : 0;
    check_body({.kind = UsageKind{kind}, .number = number, .payload = payload, .bytes = {}});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_payloads(text);
  for (auto at = find_usage_record(text, 0); at;) {
    const auto record = read_usage_record(text.substr(*at)).value();
    check(record->bytes.data() == text.data() + *at && *at % usage_alignment == 0);
    check_body(*record);
    at = find_usage_record(text, *at + record->bytes.size());
  }
  return 0;
}
