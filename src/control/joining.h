#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/control.h"
#include "control/plan_join.h"

namespace portolan::control {

struct TokenWish {
  std::string zone;
  seal::Identity::Kind role = seal::Identity::Kind::gateway;
  Duration life = Duration::hours(1);
  bool planned = false;  // the zone is to come: it is to be opened
};
struct CreatedToken {
  TokenRecord record;
  std::string text;  // shown once, stored nowhere
};

// What a machine that was let in is told.
struct Joined {
  Machine machine;
  seal::Identity identity;
  std::string certificate;  // PEM
};

// The tokens that let machines into the network, and the machines that they let
// in. They stand in control's store beside its State and are read there whenever
// they are needed, so that of several controls none lets two in by one token.
//
// Lives on: control's shard.  Owner: the process's root task.
class Joining {
 public:
  // What control signs machines' certificates by, and tells them of the network.
  struct Authority {
    seal::TlsCredential tls;
    std::string root;  // the pinned root's public key, hex
  };

  // Where those that joined find the rest of the network, HOST:PORT.
  struct Places {
    std::string control;  // its listener for gateways
    std::vector<std::string> meters;
  };

  Joining(runtime::Shard& shard, Control& control, store::ControlStore& store,
          std::optional<Authority> authority)
      : shard_(shard), control_(control), store_(store), authority_(std::move(authority)) {}

  // Known once control listens.
  void tell_places(Places places) { places_ = std::move(places); }
  const Places& places() const { return places_; }

  const std::optional<Authority>& authority() const { return authority_; }

  // Errors of each of these, beside the store's: bad_configuration where control has
  // no authority to sign by.
  // Errors: invalid_parameter for a zone that the World does not know, unless planned, or a life
  // that no token has; limit_exceeded.
  runtime::Task<Result<CreatedToken>> create_token(TokenWish wish, Actor by);
  runtime::Task<Result<std::vector<TokenRecord>>> tokens();
  // A token that was used or revoked stays so. Errors: resource_not_found.
  runtime::Task<Result<TokenRecord>> revoke_token(std::string id, Actor by);

  // Errors: as check_token(), plan_join() and check_id(); invalid_parameter for a
  // request that is none.
  runtime::Task<Result<Joined>> join(JoinWish wish, Actor by);
  // A certificate for the key that a machine joined with; `identity` is that of the
  // certificate which it shows. Errors: as check_renewal().
  runtime::Task<Result<Joined>> renew(std::string identity, std::string request, Actor by);
  runtime::Task<Result<std::vector<Machine>>> machines();
  // One that joined, is a gateway of the World, or polls. Errors: resource_not_found; as
  // Control::revoke_machine().
  runtime::Task<Status> revoke_machine(std::string id, Actor by);

 private:
  template <class Record>
  struct Stored {
    Record record;
    std::uint64_t revision = 0;
  };
  // What stands under keys that begin so, each with the revision that it has.
  template <class Record>
  runtime::Task<Result<std::vector<Stored<Record>>>> read(
      std::string prefix, Result<Record> (*parse)(std::string_view));
  template <class Record>
  static std::optional<Stored<Record>> pick(std::vector<Stored<Record>> read,
                                            const std::string& id);
  runtime::Task<Result<std::optional<Stored<TokenRecord>>>> find_token(std::string id);
  runtime::Task<Result<std::optional<Stored<Machine>>>> find_machine(std::string id);
  runtime::Task<Result<CreatedToken>> create_once(TokenWish wish, Actor by);
  runtime::Task<Result<TokenRecord>> revoke_once(std::string id, Actor by);
  runtime::Task<Result<Joined>> join_once(JoinWish wish, Actor by);
  runtime::Task<Result<Joined>> renew_once(std::string identity, std::string request, Actor by);
  runtime::Task<Status> keep(Stored<TokenRecord> token, Stored<Machine> machine, Actor by);
  Result<Joined> sign(const std::string& request, const std::string& key,
                      seal::Identity identity) const;
  Status check_authority() const;
  bool zone_known(const std::string& zone) const;
  bool serves(const seal::Identity& identity) const;
  Status check_not_revoked(const std::string& id) const;
  std::string fresh_id(const TokenRecord& token);

  runtime::Shard& shard_;
  Control& control_;
  store::ControlStore& store_;
  std::optional<Authority> authority_;
  Places places_;
};

}  // namespace portolan::control
