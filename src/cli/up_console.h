#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/live_table.h"

namespace portolan::cli {

// Standard output of `up`. Where it is a terminal, progress and the table are
// drawn over what they were; no mode of the terminal is changed, so that there
// is nothing to restore, whatever ends this process.
class Console {
 public:
  enum class Style : unsigned char { plain, quiet, drawn };

  // Style::drawn becomes plain where standard output is no terminal.
  explicit Console(Style style);

  bool draws() const { return style_ == Style::drawn; }
  TableSize size() const;

  // Stays, below what stands there.
  void say(std::string_view text);
  // Is replaced by what comes next. Where nothing is drawn, a line if it is news;
  // nothing when quiet.
  void progress(const std::string& line);
  void draw(const std::vector<std::string>& lines);

 private:
  void write(std::string_view text);
  void erase_drawn();

  Style style_;
  std::size_t drawn_lines_ = 0;
  std::string last_progress_;
};

}  // namespace portolan::cli
