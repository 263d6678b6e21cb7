#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/limits.h"
#include "http/client.h"
#include "runtime/network.h"
#include "runtime/shard.h"
#include "wire/json_value.h"

namespace portolan::store {

inline constexpr Limit etcd_attempt_ms{"etcd_attempt_ms", 3'000, "one question to one member"};
inline constexpr Limit etcd_call_ms{
    "etcd_call_ms", 10'000, "one question to any of them; an election takes one or two seconds"};
inline constexpr Limit etcd_pause_ms{"etcd_pause_ms", 200, "after all members were asked in vain"};
inline constexpr Limit etcd_answer_bytes_max{"etcd_answer_bytes_max", 32 * 1024 * 1024,
                                             "one answer of etcd, or one line of a watch"};

// The members of one etcd cluster, asked one after another, beginning with the
// one that answered last.
//
// Every question carries `hasleader`: a member that is cut off from the others
// says so instead of waiting. What is asked is linearizable, so that an answer
// to it is as fresh as the question.
//
// Lives on: one shard.  Owner: an EtcdControlStore, which awaits close().
// Invariants: (1) a member was accepted (version, settings, cluster) before it is
// asked anything else, and again after each time it did not answer;
// (2) all that were accepted belong to cluster_.
class EtcdMembers {
 public:
  struct Options {
    std::vector<runtime::Address> addresses;  // at least one
    // Null: in clear, which is for loopback alone.
    std::shared_ptr<const runtime::Credentials> credentials;
    // The same without a certificate of ours: to see whether strangers are let in.
    std::shared_ptr<const runtime::Credentials> stranger;
    Duration patience = etcd_call_ms.milliseconds();
  };
  EtcdMembers(runtime::Shard& shard, Options options);

  // Errors: bad_configuration for any member that answers and must not be used;
  // store_failed when none answers or the cluster says that its data is damaged.
  runtime::Task<Status> accept_all();

  // For what may be asked twice. Errors: store_failed when no member answers
  // within patience(); etcd's own word.
  runtime::Task<Result<wire::Json>> ask(std::string path, std::string body);
  // For what must not be done twice: never sent again once it may have been
  // taken. Errors: as ask(), then nothing has happened; timed_out: not known.
  runtime::Task<Result<wire::Json>> tell(std::string path, std::string body);

  // One member alone, once. Errors: unreachable: it has not taken it; timed_out:
  // not known; etcd's own word.
  runtime::Task<Result<wire::Json>> ask_member(std::size_t member, std::string path,
                                               std::string body);
  // The stream of answers to that, on a connection of its own.
  runtime::Task<Result<http::ClientExchange>> open_stream(std::size_t member, std::string path,
                                                          std::string body);

  Duration patience() const { return options_.patience; }
  std::size_t preferred() const { return preferred_; }
  // Another one is asked first from now on, if that is still the first.
  void pass_over(std::size_t member);

  runtime::Task<void> close();

 private:
  struct Member {
    std::unique_ptr<http::Pool> pool;
    bool accepted = false;
  };
  runtime::Task<Status> accept(std::size_t member);
  runtime::Task<Status> check_strangers(std::size_t member);
  runtime::Task<Status> check_alarms();
  runtime::Task<Result<wire::Json>> converse(std::size_t member, std::string path,
                                             std::string body);
  runtime::Task<Result<wire::Json>> call(std::string path, std::string body, bool once);
  runtime::Task<Result<wire::Json>> rounds(std::string path, std::string body, bool once,
                                           std::string& why);
  Result<wire::Json> check_answer(std::size_t member, int answered, std::string text);
  Status check_cluster(std::uint64_t cluster, const std::string& member);
  std::string name_of(std::size_t member) const;

  runtime::Shard& shard_;
  Options options_;
  std::vector<Member> members_;
  std::size_t preferred_ = 0;
  std::uint64_t cluster_ = 0;  // 0: no member was accepted yet
};

}  // namespace portolan::store
