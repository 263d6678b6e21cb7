#include "runtime/line_file.h"

#include <algorithm>
#include <utility>

#include "runtime/offload.h"

namespace portolan::runtime {

LineFile::LineFile(Shard& shard, std::unique_ptr<AppendFile> file)
    : shard_(shard), file_(std::move(file)), writer_(shard, 1) {}

void LineFile::add(std::string_view line) {
  if (waiting_.size() + line.size() > waiting_bytes_max) {
    ++dropped_;
    return;
  }
  waiting_ += line;
  if (!writing_) writing_ = writer_.start(write_waiting());
}

Task<void> LineFile::write_waiting() {
  while (!waiting_.empty()) {
    std::string lines = std::exchange(waiting_, {});
    AppendFile& file = *file_;
    const Status written =
        co_await offload(shard_, [&file, &lines] { return file.append(lines); });
    if (!written) dropped_ += static_cast<std::uint64_t>(std::ranges::count(lines, '\n'));
  }
  writing_ = false;
}

Task<void> LineFile::close() { co_await writer_.drain(); }

}  // namespace portolan::runtime
