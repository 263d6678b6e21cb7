#include "cli/up_console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace portolan::cli {

Console::Console(Style style) : style_(style) {
  if (style_ == Style::drawn && isatty(STDOUT_FILENO) == 0) style_ = Style::plain;
}

TableSize Console::size() const {
  winsize window{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row < 2) {
    return {};
  }
  // The cursor stands on the line below the table.
  return {.columns = window.ws_col, .lines = static_cast<std::size_t>(window.ws_row) - 1};
}

void Console::say(std::string_view text) {
  erase_drawn();
  write(text);
}

void Console::progress(const std::string& line) {
  if (style_ == Style::quiet || line == last_progress_) return;
  last_progress_ = line;
  if (style_ == Style::drawn) {
    draw({line.substr(0, size().columns)});
  } else {
    write(line + "\n");
  }
}

void Console::draw(const std::vector<std::string>& lines) {
  erase_drawn();
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  drawn_lines_ = lines.size();
  write(text);
}

void Console::erase_drawn() {
  if (drawn_lines_ == 0) return;
  write("\x1b[" + std::to_string(drawn_lines_) + "A\r\x1b[J");
  drawn_lines_ = 0;
}

void Console::write(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace portolan::cli
