#include "cli/receipt_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "wire/fields.h"

namespace portolan::cli {
namespace {

constexpr std::string_view field = "portolan-receipt";
constexpr std::string_view comment = ": portolan-receipt ";

// How an engine may write the end of a stream.
constexpr std::array<std::string_view, 4> ends = {"data: [DONE]\n\n", "data: [DONE]\r\n\r\n",
                                                  "data:[DONE]\n\n", "data:[DONE]\r\n\r\n"};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const auto begin = text.find_first_not_of(blank);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

// A saved answer in two; the head is empty where the text begins with the body.
struct Message {
  std::string_view head;
  std::string_view body;
};

Message split_message(std::string_view text) {
  Message message{{}, text};
  // curl writes the heads of interim answers (100 Continue) too.
  while (message.body.starts_with("HTTP/")) {
    const auto crlf = message.body.find("\r\n\r\n");
    const auto lf = message.body.find("\n\n");
    const auto end = std::min(crlf, lf);
    if (end == text.npos) return {message.body, {}};
    message.head = message.body.substr(0, end);
    message.body.remove_prefix(end + (crlf < lf ? 4 : 2));
  }
  return message;
}

// The value of the receipt's field in a head; empty when there is none.
std::string_view receipt_in_head(std::string_view head) {
  while (!head.empty()) {
    const auto end = head.find('\n');
    const std::string_view line = head.substr(0, end);
    const auto colon = line.find(':');
    if (colon != line.npos && wire::equal_ignoring_case(line.substr(0, colon), field)) {
      return trim(line.substr(colon + 1));
    }
    if (end == head.npos) break;
    head.remove_prefix(end + 1);
  }
  return {};
}

// Where the comment begins in a stream's body; it stands at a line's start,
// where no text of a model's ever does.
std::size_t comment_in(std::string_view body) {
  std::size_t at = body.find(comment);
  while (at != body.npos && at > 0 && body[at - 1] != '\n') at = body.find(comment, at + 1);
  return at;
}

seal::ReceiptFlaw answer_flaw(std::string_view sentence) {
  return {seal::ReceiptPart::answer, {}, std::string(sentence)};
}

bool is_end(std::string_view text) { return std::ranges::find(ends, text) != ends.end(); }

}  // namespace

Result<SavedReceipt> parse_saved_receipt(std::string_view text) {
  const Message message = split_message(text);
  SavedReceipt saved;
  const auto at = comment_in(message.body);
  if (at != message.body.npos) {
    const std::string_view line = message.body.substr(at + comment.size());
    saved.jws = trim(line.substr(0, line.find('\n')));
    saved.answer = std::string(message.body);
    return saved;
  }
  saved.jws = receipt_in_head(message.head);
  if (!saved.jws.empty()) {
    if (!message.body.empty()) saved.answer = std::string(message.body);
    return saved;
  }
  saved.jws = trim(text);
  const bool bare = message.head.empty() && saved.jws.find_first_of(" \t\r\n{") == text.npos;
  if (bare && !saved.jws.empty()) return saved;
  return Fault{Code::malformed_request, Retry::never,
               "it holds no receipt: neither a bare one, nor a head with portolan-receipt, nor a "
               "stream with its comment. Ask for one with the header 'portolan-receipt: inline', "
               "or fetch one with 'portolan receipt get ID'"};
}

std::optional<seal::ReceiptFlaw> find_saved_answer_flaw(const seal::ReceiptFacts& facts,
                                                        std::string_view text) {
  const std::string_view body = split_message(text).body;
  if (!facts.content || !facts.content->stream) return seal::find_answer_flaw(facts, body);
  const auto at = comment_in(body);
  std::size_t covered = at;
  std::string_view behind;
  if (at == body.npos) {
    for (const std::string_view end : ends) {
      if (body.ends_with(end)) behind = end;
    }
    covered = body.size() - behind.size();
  } else {
    const auto line_end = body.find('\n', at);
    behind = line_end == body.npos ? std::string_view() : body.substr(line_end + 1);
    if (!behind.starts_with('\n')) return answer_flaw("The answer is cut within its receipt.");
    behind.remove_prefix(1);
  }
  if (auto flaw = seal::find_answer_flaw(facts, body.substr(0, covered))) return flaw;
  if (is_end(behind)) return std::nullopt;
  return answer_flaw(behind.empty() ? "The answer is cut: its last event, [DONE], is missing."
                                    : "Behind the receipt stands something else than [DONE].");
}

}  // namespace portolan::cli
