#include "app/small_file.h"

namespace portolan::app {

Result<std::string> read_file_named_by(runtime::Disk& disk, std::string_view source,
                                       const std::string& file) {
  auto text = disk.read(file, small_file_bytes_max);
  if (text && !text->empty()) return text;
  return Fault{Code::bad_configuration, Retry::never,
               std::string(source) + " names " + file + ", " +
                   (text ? "which is empty" : "which cannot be read: " + text.error().message)};
}

}  // namespace portolan::app
