#include "seal/sha256.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "seal/ed25519.h"

namespace portolan::seal {
namespace {

TEST(Sha256, GivesTheVectorsOfFips180) {
  Sha256 sha;
  EXPECT_EQ(sha.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  sha.add("abc");
  EXPECT_EQ(sha.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Sha256, DoesNotSeeWhereThePiecesEnd) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& pieces) {
    Sha256 sha;
    std::string whole;
    for (const std::string& piece : pieces) {
      sha.add(piece);
      whole += piece;
      RC_ASSERT(sha.hex() == sha256_hex(whole));
    }
    RC_ASSERT(sha.bytes() == whole.size());
  }));
}

}  // namespace
}  // namespace portolan::seal
