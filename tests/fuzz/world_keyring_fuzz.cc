// Snapshots of a Keyring of any bytes: what is read makes a Keyring or is refused, and
// says the same when it is written again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "world/codec.h"
#include "world/keyring_snapshot.h"

namespace {

using namespace portolan;

void check_payload(std::string_view payload) {
  const auto read = world::decode_keyring_snapshot(payload);
  if (!read) return;
  const auto keyring = model::Keyring::make(*read, {"net", 1, 1});
  if (!keyring) return;
  const auto again = world::decode_keyring_snapshot(*world::encode_keyring_snapshot(*read));
  check(again && *again == *read, "a snapshot reads back");
}

// Any bytes as keys, below lines that are in order.
std::string below_tables(std::string_view records) {
  std::string payload = "portolan-keyring 1.0\n";
  payload += world::encode_keyring({.orgs = {{"o"}}, .workspaces = {}, .keys = {}});
  const auto workspaces = payload.find("\"workspaces\":[]");
  payload.insert(workspaces + 14, R"({"name":"w","org":"o","scopes":["s"]})");
  const auto keys = records.empty() ? 0 : static_cast<unsigned char>(records.back()) % 4;
  payload += "\n{\"keys\":" + std::to_string(keys) + R"(,"scopes":[{"names":["s"]}]})" + "\n";
  return payload.append(records.substr(0, records.empty() ? 0 : records.size() - 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_payload(text);
  check_payload("portolan-keyring 1.0\n" + std::string(text));
  check_payload(below_tables(text));
  return 0;
}
