#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace portolan {

void fail_check(std::string_view why, std::source_location where) {
  std::fprintf(stderr, "portolan: check failed at %s:%u (%s): %.*s\n", where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name(),
               static_cast<int>(why.size()), why.data());
  std::abort();
}

}  // namespace portolan
