#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace portolan::cli {

std::size_t terminal_columns() {
  winsize window{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0) return 0;
  return window.ws_col;
}

}  // namespace portolan::cli
