#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace portolan::world {

// Bytes that many hold and nobody changes: a copy copies none of them.
class SharedBytes {
 public:
  SharedBytes() = default;
  SharedBytes(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}
  SharedBytes(std::string bytes) : bytes_(std::make_shared<std::string>(std::move(bytes))) {}
  SharedBytes(const char* bytes) : SharedBytes(std::string(bytes)) {}

  std::string_view view() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
  operator std::string_view() const { return view(); }
  std::size_t size() const { return view().size(); }

  friend bool operator==(const SharedBytes& one, const SharedBytes& other) {
    return one.view() == other.view();
  }

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace portolan::world
