#include "world/document.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "world/utf8.h"

namespace portolan::world {
namespace {

Place place_at(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

Node node_at(const YAML::Mark& mark, Node::Kind kind = Node::Kind::null) {
  Node node;
  node.kind = kind;
  node.place = place_at(mark);
  return node;
}

// Builds Nodes from yaml-cpp's events. After a bound is broken it takes no more.
class Builder : public YAML::EventHandler {
 public:
  Builder(const std::string& file, ProblemList& problems) : file_(file), problems_(problems) {}

  bool stopped() const { return stopped_; }
  // The document that has just ended, or null for an empty one.
  Node take() { return std::exchange(root_, {}); }

  // yaml-cpp 0.7 makes empty documents of ",[}" for ever, all at one place.
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(document_start_, mark.pos) == mark.pos) {
      stop(place_at(mark), "This is not YAML: nothing can begin here.");
    }
    root_ = node_at(mark);
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    close(node_at(mark));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    add(place_at(mark), "An alias (*) is not supported; write the value out.");
    close(node_at(mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    Node node = node_at(mark, Node::Kind::scalar);
    node.text = value;
    node.quoted = tag == "!";
    close(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(node_at(mark, Node::Kind::list));
  }
  void OnSequenceEnd() override { close_open(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    open(node_at(mark, Node::Kind::map));
  }
  void OnMapEnd() override {
    if (!stopped_) refuse_repeated_keys();
    close_open();
  }

 private:
  // A list or map that has not ended, and the key that waits for its value.
  struct Open {
    Node node;
    bool has_key = false;
    std::string key;
    Place key_place;
  };

  void add(Place place, std::string sentence) {
    if (!stopped_) problems_.add({file_, place, std::move(sentence)});
  }
  void stop(Place place, std::string sentence) {
    add(place, std::move(sentence));
    stopped_ = true;
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) add(place_at(mark), "An anchor (&) is not supported; write the value out.");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    const bool plain = tag.empty() || tag == "?" || tag == "!";
    if (!plain) add(place_at(mark), "A tag (!) is not supported; leave it out.");
  }

  void open(Node node) {
    if (open_.size() >= source_depth_max.count()) {
      stop(node.place, fmt::format("Lists and maps are nested deeper than {} ({}).",
                                   source_depth_max.name, source_depth_max.value));
    }
    if (stopped_) return;
    open_.emplace_back().node = std::move(node);
  }

  void close_open() {
    if (stopped_) return;
    Node node = std::move(open_.back().node);
    open_.pop_back();
    close(std::move(node));
  }

  // Puts a node that is complete where it belongs.
  void close(Node node) {
    if (!stopped_ && ++nodes_ > source_nodes_max.count()) {
      stop(node.place, fmt::format("The file has more than {} ({}) keys and values.",
                                   source_nodes_max.name, source_nodes_max.value));
    }
    if (stopped_) return;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (parent.has_key) {
      parent.node.members.push_back({std::move(parent.key), parent.key_place, std::move(node)});
      parent.has_key = false;
    } else {
      if (node.kind != Node::Kind::scalar) {
        stop(node.place, fmt::format("A key must be text, not {}.", name_of(node.kind)));
      }
      parent.key = std::move(node.text);
      parent.key_place = node.place;
      parent.has_key = true;
    }
  }

  // Reports each key that its map has already, and drops it.
  void refuse_repeated_keys() {
    auto& members = open_.back().node.members;
    std::vector<const Node::Member*> sorted;
    for (const auto& member : members) sorted.push_back(&member);
    std::ranges::sort(sorted, {}, [](const auto* member) {
      return std::pair(std::string_view(member->key), member);
    });
    std::vector<const Node::Member*> repeated;
    for (std::size_t i = 1, first = 0; i < sorted.size(); ++i) {
      if (sorted[i]->key != sorted[first]->key) {
        first = i;
        continue;
      }
      add(sorted[i]->place, fmt::format("The key '{}' stands twice, first in line {}.",
                                        sorted[i]->key, sorted[first]->place.line));
      repeated.push_back(sorted[i]);
    }
    if (repeated.empty()) return;
    std::ranges::sort(repeated);
    std::vector<Node::Member> kept;
    for (auto& member : members) {
      if (!std::ranges::binary_search(repeated, &member)) kept.push_back(std::move(member));
    }
    members = std::move(kept);
  }

  const std::string& file_;
  ProblemList& problems_;
  Node root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
  int document_start_ = -1;
  bool stopped_ = false;
};

// The wrapper of yaml-cpp, which throws.
void parse_all(std::string_view text, Builder& builder, std::vector<Node>& documents,
               Problem& trouble) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (!builder.stopped() && parser.HandleNextDocument(builder)) {
      Node node = builder.take();
      if (!builder.stopped() && node.kind != Node::Kind::null) documents.push_back(std::move(node));
    }
  } catch (const YAML::Exception& exception) {
    trouble.place = place_at(exception.mark);
    trouble.sentence = fmt::format("This is not YAML: {}.", exception.msg);
  } catch (const std::exception& exception) {
    trouble.place = {1, 1};
    trouble.sentence = fmt::format("The YAML reader gave up: {}.", exception.what());
  }
}

}  // namespace

std::vector<Node> parse_documents(const std::string& file, std::string_view text,
                                  ProblemList& problems) {
  if (text.size() > source_bytes_max.count()) {
    problems.add({file,
                  {1, 1},
                  fmt::format("The file has {} bytes; {} is {}.", text.size(),
                              source_bytes_max.name, source_bytes_max.value)});
    return {};
  }
  if (const auto bad = find_bad_utf8(text)) {
    const auto line = 1 + std::ranges::count(text.substr(0, *bad), '\n');
    problems.add({file,
                  {static_cast<int>(line), 1},
                  "The file has a byte that is no UTF-8 text, or a control character."});
    return {};
  }
  std::vector<Node> documents;
  Builder builder(file, problems);
  Problem trouble{file, {}, {}};
  parse_all(text, builder, documents, trouble);
  if (!trouble.sentence.empty() && !builder.stopped()) problems.add(std::move(trouble));
  return documents;
}

}  // namespace portolan::world
