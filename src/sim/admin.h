#pragma once

#include <memory>
#include <string>

#include "http/client.h"
#include "runtime/shard.h"

namespace portolan::sim {

struct MadeKey {
  std::string id;
  std::string text;
};

// The operator: the admin API from a machine of the network. Asks again where
// the network loses a request, as people do.
//
// Lives on: one shard.  Owner: a Network.
class Admin {
 public:
  Admin(runtime::Shard& shard, runtime::Address control) : shard_(shard), control_(control) {}

  void set_key(std::string key) { key_ = std::move(key); }

  // The hash of the World that there is then.
  runtime::Task<Result<std::string>> apply(std::string resources);
  runtime::Task<Result<MadeKey>> create_key(std::string workspace);
  runtime::Task<Status> revoke_key(std::string id);
  runtime::Task<Status> drain(std::string place);
  runtime::Task<Status> lift_drain(std::string place);

  // The body of an answer below 300; another status is a fault with its body.
  runtime::Task<Result<std::string>> call(std::string method, std::string target, std::string body);

 private:
  runtime::Task<Result<http::Answer>> ask(http::Request request);

  runtime::Shard& shard_;
  runtime::Address control_;
  std::string key_;
};

}  // namespace portolan::sim
