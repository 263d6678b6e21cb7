#include "control/run_control.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "control/api_stage_test_support.h"
#include "runtime/gate.h"

namespace portolan::control {
namespace {

using namespace testing;
namespace fs = std::filesystem;

struct RunControlTest : ::testing::Test {
  std::string folder = [] {
    std::string name = "/tmp/portolan-control-XXXXXX";
    check(mkdtemp(name.data()) != nullptr, "no folder for a test");
    return name;
  }();
  ~RunControlTest() override { fs::remove_all(folder); }

  RunOptions options() const {
    auto signer = options_of("net").signer;
    return {.network = "net",
            .epoch = 0,
            .data = folder + "/data",
            .admin_key_file = folder + "/admin.key",
            .signer = std::move(signer),
            .tls = material_of({"net", seal::Identity::Kind::control, "", "control-1"}),
            .admin = {"127.0.0.1", 0},
            .gateways = {"127.0.0.1", 0}};
  }
  std::string admin_key_on_disk() const {
    std::string line;
    std::ifstream file(folder + "/admin.key");
    std::getline(file, line);
    return line;
  }
};

// A whole run that is stopped when `story` has ended.
struct Start {
  runtime::Shard& shard;
  RunOptions options;
  std::string key;
  Task<void> (*story)(Start& run, http::Pool& pool);
  runtime::Event stop;
  Ready ready;
  bool told = false;
  Status ended = {};
};

Task<http::Answer> get(Start& run, http::Pool& pool, std::string target) {
  http::Request request;
  request.target = std::move(target);
  request.fields.push_back({"x-api-key", run.key});
  const Instant deadline = run.shard.now() + Duration::seconds(30);
  auto answer = co_await http::fetch(pool, std::move(request), deadline);
  check(answer.has_value(), "control answers");
  co_return std::move(*answer);
}

Task<void> tell_story(Start& run) {
  while (!run.told) co_await runtime::yield(run.shard);
  const auto url = run.ready.admin_url;
  const auto address = runtime::parse_address(url.substr(url.find("//") + 2));
  http::Pool pool(run.shard, http::Origin{*address, {}, {}, {}});
  co_await run.story(run, pool);
  co_await pool.close();
  run.stop.notify_all();
}

Task<void> run_once(Start& run) {
  runtime::Gate beside(run.shard, 1);
  if (run.story != nullptr) beside.start(tell_story(run));
  auto tell = [&run](const Ready& ready) {
    run.ready = ready;
    run.told = true;
    std::ifstream file(run.options.admin_key_file);
    std::getline(file, run.key);
  };
  run.ended = co_await run_control(run.shard, run.options, tell, run.stop);
  co_await beside.close();
}

Task<void> apply_all(Start& run, http::Pool& pool) {
  http::Request request;
  request.method = "POST";
  request.target = "/admin/v1/apply";
  request.fields.push_back({"x-api-key", run.key});
  request.body = small_network;
  const Instant deadline = run.shard.now() + Duration::seconds(30);
  const auto answer = co_await http::fetch(pool, request, deadline);
  EXPECT_EQ(answer->status, 200);
}

Task<void> find_world_1(Start& run, http::Pool& pool) {
  const auto worlds = co_await get(run, pool, "/admin/v1/worlds");
  EXPECT_EQ(worlds.status, 200);
  EXPECT_NE(worlds.body.find("\"version\": 1"), std::string::npos) << worlds.body;
}

TEST_F(RunControlTest, AFolderThatCannotBeMadeEndsTheStart) {
  runtime::EpollShard shard;
  Start run{shard, options(), {}, nullptr, runtime::Event(shard), {}};
  std::ofstream(folder + "/file") << "in the way";
  run.options.data = folder + "/file/data";
  shard.run(run_once(run));
  EXPECT_FALSE(run.ended);
  EXPECT_FALSE(run.told);
}

TEST_F(RunControlTest, ASignerOfAnotherNetworkEndsTheStart) {
  runtime::EpollShard shard;
  Start run{shard, options(), {}, nullptr, runtime::Event(shard), {}};
  run.options.signer = options_of("other").signer;
  shard.run(run_once(run));
  EXPECT_EQ(run.ended.error().code, Code::bad_configuration);
}

TEST_F(RunControlTest, TheSecondStartFindsWorldAndAdminKeyAgain) {
  {
    runtime::EpollShard shard;
    Start run{shard, options(), {}, apply_all, runtime::Event(shard), {}};
    shard.run(run_once(run));
    EXPECT_TRUE(run.ended);
  }
  const auto key = admin_key_on_disk();
  EXPECT_TRUE(key.starts_with("pta_"));
  struct stat facts{};
  ASSERT_EQ(stat((folder + "/admin.key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  {
    runtime::EpollShard shard;
    Start run{shard, options(), {}, find_world_1, runtime::Event(shard), {}};
    shard.run(run_once(run));
    EXPECT_TRUE(run.ended);
  }
  EXPECT_EQ(admin_key_on_disk(), key);
}

}  // namespace
}  // namespace portolan::control
