#include "control/resource_version.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "world/document.h"
#include "world/node.h"

namespace portolan::control {
namespace {

constexpr std::string_view member_name = "resourceVersion";
constexpr std::string_view blanks = " \t\r\n";

// Where the line begins; the text's end when there is none of that number.
std::size_t line_start(std::string_view text, int line) {
  std::size_t at = 0;
  for (int i = 1; i < line && at < text.size(); ++i) {
    const auto end = text.find('\n', at);
    at = end == text.npos ? text.size() : end + 1;
  }
  return at;
}

// The end of the value that begins behind the member's colon.
std::size_t value_end(std::string_view text, std::size_t colon) {
  const auto begin = text.find_first_not_of(" \t", colon + 1);
  if (begin == text.npos) return text.size();
  if (text[begin] == '"' || text[begin] == '\'') {
    const auto close = text.find(text[begin], begin + 1);
    return close == text.npos ? text.size() : close + 1;
  }
  return std::min(text.find_first_of(" \t\r\n,}#", begin), text.size());
}

// Blanks `name: value` at that line, and one comma next to it.
bool blank_member(std::string& text, int line) {
  const auto name = text.find(member_name, line_start(text, line));
  if (name == text.npos) return false;
  auto begin = name;
  if (begin > 0 && (text[begin - 1] == '"' || text[begin - 1] == '\'')) --begin;
  const auto colon = text.find(':', name);
  if (colon == text.npos) return false;
  auto end = value_end(text, colon);
  const auto next = text.find_first_not_of(blanks, end);
  if (next != text.npos && text[next] == ',') {
    end = next + 1;
  } else if (begin > 0) {
    const auto before = text.find_last_not_of(blanks, begin - 1);
    if (before != text.npos && text[before] == ',') begin = before;
  }
  for (auto i = begin; i < end; ++i) {
    if (text[i] != '\n') text[i] = ' ';
  }
  return true;
}

std::optional<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0) return std::nullopt;
  return number;
}

}  // namespace

std::vector<WrittenVersion> take_resource_versions(const std::string& file, std::string& text,
                                                   world::ProblemList& problems) {
  std::vector<WrittenVersion> versions;
  if (text.find(member_name) == text.npos) return versions;
  world::ProblemList left_to_the_reader;
  for (const auto& document : world::parse_documents(file, text, left_to_the_reader)) {
    const auto* metadata = document.find("metadata");
    const auto* kind = document.find("kind");
    if (!metadata || !kind) continue;
    const auto member =
        std::ranges::find(metadata->members, member_name, &world::Node::Member::key);
    const auto* name = metadata->find("name");
    if (member == metadata->members.end() || !name) continue;
    const auto number = read_number(member->value.text);
    if (!number) {
      problems.add({file, member->place,
                    "'resourceVersion' must be the number that was read with the resource."});
    }
    if (!blank_member(text, member->place.line)) continue;
    if (number) versions.push_back({kind->text, name->text, *number});
  }
  return versions;
}

}  // namespace portolan::control
