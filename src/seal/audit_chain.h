#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/json_value.h"

namespace portolan::seal {

// An audit log is a list of statements of kind "audit", numbered from 1: each is
// one line of canonical JSON with the hash of the one before it (`previous`) and
// the SHA-256 of itself without that member (`hash`).

// The end of a chain. Whoever keeps one elsewhere sees later that the chain was
// cut there or made anew: what is left would be whole in itself.
struct ChainHead {
  std::uint64_t number = 0;  // 0: there is no entry
  std::string hash = std::string(64, '0');
  friend bool operator==(const ChainHead&, const ChainHead&) = default;
};

// "12:9f3a..." Errors: invalid_parameter.
std::string render_chain_head(const ChainHead& head);
Result<ChainHead> parse_chain_head(std::string_view text);

struct ChainLink {
  std::string text;  // the entry
  ChainHead head;    // the chain's, with it
};

// The entry that follows `head` and says `facts`, an object.
ChainLink link_entry(const ChainHead& head, const wire::Json& facts);

// Holds entries against each other, in the order in which they come.
class ChainCheck {
 public:
  // `remembered`: the head of the same chain, seen earlier.
  explicit ChainCheck(std::optional<ChainHead> remembered = std::nullopt)
      : remembered_(std::move(remembered)) {}

  // Errors: invalid_resource, naming the first entry that was changed, removed,
  // inserted or moved; unsupported_version. Nothing is added behind a fault.
  Status add(std::string_view entry);
  // Behind the last. Errors: invalid_resource, when the chain ends before what is
  // remembered of it.
  Status end() const;

  const ChainHead& head() const { return head_; }

 private:
  Status follow(std::uint64_t number, std::string_view previous) const;

  std::optional<ChainHead> remembered_;
  ChainHead head_;
};

// An exported log: a line that says where the chain ends, so that a file that was
// cut is known, and a line an entry.
std::string render_export_head(const ChainHead& head);
// Adds all of it to `check`. Errors: as ChainCheck; invalid_resource for a first
// line that is none.
Status check_export(std::string_view text, ChainCheck& check);

}  // namespace portolan::seal
