#include "app/follow_opening.h"

#include <csignal>
#include <iostream>
#include <sstream>

#include "app/admin_flags.h"
#include "cli/opening_view.h"
#include "cli/opening_words.h"
#include "cli/up_console.h"
#include "runtime/combine.h"
#include "runtime/epoll_shard.h"
#include "runtime/signals.h"

namespace portolan::app {
namespace {

constexpr int opening_not_serving = 3;
constexpr int view_ended = 130;  // as shells say of SIGINT

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// A finding's sentence goes on in the next line; of a table's row the end is cut off.
void add_wrapped(std::vector<std::string>& lines, std::string line, std::size_t columns) {
  constexpr std::size_t indent = 4;
  while (line.size() > columns && line.starts_with("  ") && columns > 2 * indent) {
    const std::size_t space = line.rfind(' ', columns);
    const bool at_word = space != line.npos && space > indent;
    lines.push_back(line.substr(0, at_word ? space : columns));
    line = std::string(indent, ' ') + line.substr(at_word ? space + 1 : columns);
  }
  lines.push_back(line.substr(0, columns));
}

// A drawing that is taller than the terminal cannot be drawn over: its last lines are shown.
std::vector<std::string> fit(const std::vector<std::string>& text, const cli::TableSize& size) {
  std::vector<std::string> lines;
  for (const std::string& line : text) add_wrapped(lines, line, size.columns);
  if (lines.size() <= size.lines) return lines;
  return {lines.end() - static_cast<std::ptrdiff_t>(size.lines), lines.end()};
}

class OpeningView {
 public:
  explicit OpeningView(bool json)
      : json_(json), console_(json ? cli::Console::Style::plain : cli::Console::Style::drawn) {}

  void show(const wire::Json& now) {
    if (json_) {
      auto news = now;
      news.set("now", "");
      if (news != last_) std::cout << wire::render_canonical(now) << std::endl;
      last_ = std::move(news);
      return;
    }
    if (console_.draws()) {
      console_.draw(fit(lines_of(cli::render_opening(now)), console_.size()));
    } else {
      for (const auto& line : cli::opening_news(last_, now)) console_.say(line + "\n");
    }
    last_ = now;
  }
  // All of it, also what a small terminal could not show.
  void end() {
    if (json_) return;
    console_.draw({});
    console_.say((console_.draws() ? "" : "\n") + cli::render_opening(last_));
  }
  void leave() {
    std::cerr << "\nThe opening goes on without this view. " << cli::opening_advice(last_) << "\n";
  }
  void miss_control(const Fault& fault) {
    if (!json_) console_.progress(fault.message + "; asking again");
  }

 private:
  bool json_;
  cli::Console console_;
  wire::Json last_;
};

runtime::Task<void> await_second(runtime::EpollShard& shard, runtime::Signals& signals,
                                 bool& told) {
  auto signal = signals.wait();
  const Instant deadline = shard.now() + Duration::seconds(1);
  const auto number = co_await runtime::until(shard, deadline, std::move(signal));
  told = number.has_value();
}

// Waits a second, or less where a signal comes, or came since the first of these calls.
bool is_told_to_leave() {
  bool told = false;
  runtime::EpollShard shard;
  runtime::Signals signals(shard, {SIGINT, SIGTERM});
  shard.run(await_second(shard, signals, told));
  return told;
}

}  // namespace

int follow_opening(const FollowedOpening& followed) {
  OpeningView view(followed.json);
  for (;;) {
    const auto answer = cli::call_admin(followed.access, "GET", followed.target, "");
    if (!answer && answer.error().retry == Retry::never) {
      return print_fault(followed.command, answer.error());
    }
    if (answer) view.show(*answer);
    if (!answer) view.miss_control(answer.error());
    if (answer && cli::is_opening_over(*answer)) {
      view.end();
      return cli::does_opening_serve(*answer) ? 0 : opening_not_serving;
    }
    if (!is_told_to_leave()) continue;
    view.leave();
    return view_ended;
  }
}

}  // namespace portolan::app
