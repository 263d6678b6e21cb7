#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace portolan::seal {

// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();

  void add(std::string_view bytes);
  std::uint64_t bytes() const { return bytes_; }
  // Of all that was added so far, in lower-case hex; more may be added behind it.
  std::string hex() const;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };

  std::unique_ptr<evp_md_ctx_st, Free> context_;
  std::uint64_t bytes_ = 0;
};

}  // namespace portolan::seal
