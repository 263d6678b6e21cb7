#include "seal/ed25519.h"

#include <gtest/gtest.h>

#include "seal/text_encoding.h"

namespace portolan::seal {
namespace {

SigningKey key_of(unsigned char fill) {
  KeySeed seed;
  seed.fill(fill);
  return SigningKey(seed);
}

TEST(Ed25519, NoKeyVerifiesNothing) {
  Signature all_zero{};
  EXPECT_FALSE(VerifyKey{}.verifies("", all_zero));
  EXPECT_FALSE(VerifyKey{}.verifies("anything", key_of(1).sign("anything")));
}

TEST(Ed25519, AnotherMessageOrKeyIsRefused) {
  const auto signature = key_of(1).sign("message");
  EXPECT_FALSE(key_of(1).verify_key().verifies("messagE", signature));
  EXPECT_FALSE(key_of(2).verify_key().verifies("message", signature));
  EXPECT_TRUE(key_of(1).verify_key().verifies("message", signature));
}

TEST(Ed25519, RefusesKeysThatAreNone) {
  EXPECT_FALSE(SigningKey::from_hex("abc"));
  EXPECT_FALSE(SigningKey::from_pem(""));
  EXPECT_FALSE(
      SigningKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  EXPECT_FALSE(VerifyKey::from_hex(std::string(62, 'a')));
  EXPECT_FALSE(VerifyKey::from_base64url(std::string(44, 'A')));
}

TEST(Ed25519, NeverRepeatsASecretInAFault) {
  const std::string secret = "0123456789abcdefX";
  const auto refused = SigningKey::from_hex(secret);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message.find(secret), std::string::npos);
}

TEST(Ed25519, SignsTheVectorOfRfc8032) {
  const auto key =
      SigningKey::from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->verify_key().hex(),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(
      render_hex(key->sign("")),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
      "f9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST(Ed25519, ComesBackFromHexAndPem) {
  const auto key = key_of(7);
  const auto from_hex = SigningKey::from_hex(key.hex());
  const auto from_pem = SigningKey::from_pem(key.pem());
  ASSERT_TRUE(from_hex && from_pem);
  EXPECT_EQ(from_hex->verify_key(), key.verify_key());
  EXPECT_EQ(from_pem->sign("x"), key.sign("x"));
  EXPECT_EQ(*VerifyKey::from_hex(key.verify_key().hex()), key.verify_key());
  EXPECT_EQ(*VerifyKey::from_base64url(key.verify_key().base64url()), key.verify_key());
}

TEST(Sha256, IsThatOfFips180) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace portolan::seal
