#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace portolan::world {

// The text of a network in worlds/.
inline std::string read_example(const std::string& name) {
  const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
  std::ifstream stream(root / "worlds" / name);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

}  // namespace portolan::world
