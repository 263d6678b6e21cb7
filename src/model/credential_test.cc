#include "model/credential.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace portolan::model {
namespace {

using Secret = std::array<unsigned char, 32>;
using Id = std::array<unsigned char, 9>;

NewKey random_key() {
  Secret secret{};
  Id id{};
  for (auto& byte : secret) byte = *rc::gen::arbitrary<unsigned char>();
  for (auto& byte : id) byte = *rc::gen::arbitrary<unsigned char>();
  return make_key(secret, id);
}

TEST(Credential, RefusesWhatIsNoKeyAndNeverRepeatsIt) {
  const std::string good = make_key(Secret{1}, Id{2}).text;
  for (const std::string& text :
       {std::string("sk-1234567890"), std::string("ptl_"),
        std::string("ptl_") + std::string(62, '!'), good.substr(0, 65), good + "0", " " + good,
        std::string(100'000, 'p'), "ptl_" + std::string(62, '\0')}) {
    const auto parsed = parse_credential(text);
    ASSERT_FALSE(parsed.has_value());
    EXPECT_EQ(parsed.error().code, Code::malformed_key);
    EXPECT_EQ(parsed.error().message.find(text), std::string::npos);
  }
}

TEST(Credential, NoticesEverySingleTypo) {
  EXPECT_TRUE(rc::check([] {
    std::string text = random_key().text;
    const auto place = *rc::gen::inRange<std::size_t>(0, text.size());
    const char typo = *rc::gen::distinctFrom(rc::gen::inRange<char>('0', 'z'), text[place]);
    text[place] = typo;
    RC_ASSERT(!parse_credential(text).has_value());
  }));
}

TEST(Credential, NoBytesFromOutsideBreakTheParser) {
  EXPECT_TRUE(rc::check([](const std::string& tail) {
    RC_ASSERT(!parse_credential(tail).has_value());
    RC_ASSERT(!parse_credential("ptl_" + tail).has_value());
  }));
}

TEST(Credential, IsReadBackAsItWasMade) {
  EXPECT_TRUE(rc::check([] {
    const NewKey key = random_key();
    RC_ASSERT(key.text.size() == 66u);
    const auto parsed = parse_credential(key.text);
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(parsed->id == key.credential.id);
    RC_ASSERT(equal_digests(parsed->digest, key.credential.digest));
  }));
}

TEST(Credential, KeepsItsFormForEver) {
  Secret secret{};
  secret.fill(0xff);
  const std::string lowest(43, '0');
  EXPECT_EQ(make_key(Secret{}, Id{}).text.substr(0, 60), "ptl_000000000000_" + lowest);
  // 2^256 - 1 in base62 and zlib's CRC-32, both computed by Python.
  EXPECT_EQ(make_key(secret, Id{}).text.substr(17, 43),
            "yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp1");
  EXPECT_EQ(make_key(Secret{}, Id{}).text.substr(60), "1AVpGA");
}

TEST(Credential, DigestsDifferInAnyByte) {
  const KeyDigest digest{};
  EXPECT_TRUE(equal_digests(digest, digest));
  for (std::size_t i = 0; i < digest.size(); ++i) {
    KeyDigest other = digest;
    other[i] = 1;
    EXPECT_FALSE(equal_digests(digest, other));
  }
}

}  // namespace
}  // namespace portolan::model
