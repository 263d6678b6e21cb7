#include "app/source_text.h"

#include <fstream>
#include <iostream>
#include <sstream>

namespace portolan::app {

Result<std::string> read_source(const std::string& name) {
  std::stringstream text;
  if (name == "-") {
    text << std::cin.rdbuf();
    return text.str();
  }
  const std::ifstream file(name);
  if (!file) return Fault{Code::bad_configuration, Retry::never, name + " cannot be read"};
  text << file.rdbuf();
  return text.str();
}

}  // namespace portolan::app
