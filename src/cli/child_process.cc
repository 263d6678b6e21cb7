#include "cli/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>

namespace portolan::cli {
namespace {

// Everything that the child needs between fork and exec, made before the fork:
// there only async-signal-safe calls are allowed, because another thread may
// have held the allocator's lock.
struct Prepared {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  pid_t parent = 0;
  int input = -1;
  int output = -1;
  int report = -1;  // closed by a successful exec; gets errno of a failed one
};

struct Descriptor {
  int number = -1;
  Descriptor() = default;
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close_now(); }
  void close_now() {
    if (number >= 0) close(number);
    number = -1;
  }
};

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_with(const std::vector<std::string>& added) {
  std::vector<std::string> all = added;
  const auto is_replaced = [&](std::string_view variable) {
    const std::string_view name = variable.substr(0, variable.find('=') + 1);
    for (const std::string& other : added) {
      if (other.starts_with(name)) return true;
    }
    return false;
  };
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!is_replaced(*variable)) all.emplace_back(*variable);
  }
  return all;
}

[[noreturn]] void fail_in_child(int report) {
  const int error = errno;
  (void)!write(report, &error, sizeof error);
  _exit(127);
}

// Runs in the child, up to exec. The signal mask and ignored signals would
// outlive exec.
[[noreturn]] void become(const Prepared& prepared) {
  setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) fail_in_child(prepared.report);
  // The parent may have died before the line above.
  if (getppid() != prepared.parent) _exit(127);
  for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD, SIGQUIT}) {
    signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (dup2(prepared.input, STDIN_FILENO) < 0 || dup2(prepared.output, STDOUT_FILENO) < 0 ||
      dup2(prepared.output, STDERR_FILENO) < 0) {
    fail_in_child(prepared.report);
  }
  // Descriptors that we inherited ourselves without close-on-exec.
  close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  execve(prepared.arguments[0], prepared.arguments.data(), prepared.environment.data());
  fail_in_child(prepared.report);
}

// The errno of an exec that failed; 0 when the pipe was closed by one that did not.
int read_report(int pipe) {
  int error = 0;
  for (;;) {
    const ssize_t got = read(pipe, &error, sizeof error);
    if (got < 0 && errno == EINTR) continue;
    return got == sizeof error ? error : 0;
  }
}

Fault cannot(const std::string& what, int error) {
  return {Code::bad_configuration, Retry::never, what + ": " + std::strerror(error)};
}

}  // namespace

Result<pid_t> start_child(const ChildOrder& order) {
  const Descriptor input(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Descriptor output(open(order.log.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (input.number < 0 || output.number < 0) return cannot("cannot open " + order.log, errno);
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return cannot("cannot make a pipe", errno);
  const Descriptor reading(ends[0]);
  Descriptor writing(ends[1]);

  const std::vector<std::string> environment = environment_with(order.environment);
  const Prepared prepared{.arguments = pointers_to(order.arguments),
                          .environment = pointers_to(environment),
                          .parent = getpid(),
                          .input = input.number,
                          .output = output.number,
                          .report = writing.number};
  const pid_t child = fork();
  if (child < 0) return cannot("cannot start another process", errno);
  if (child == 0) become(prepared);
  writing.close_now();
  if (const int error = read_report(reading.number); error != 0) {
    waitpid(child, nullptr, 0);
    return cannot("cannot run " + order.arguments.front(), error);
  }
  return child;
}

std::optional<int> take_end_of_child(pid_t child) {
  siginfo_t info{};
  const auto id = static_cast<id_t>(child);
  if (waitid(P_PID, id, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != child) {
    return std::nullopt;
  }
  kill(-child, SIGKILL);
  int status = 0;
  if (waitpid(child, &status, 0) != child) return std::nullopt;
  return status;
}

void signal_child(pid_t child, int number) { kill(-child, number); }

std::string describe_end(int wait_status) {
  if (WIFEXITED(wait_status)) return "ended with code " + std::to_string(WEXITSTATUS(wait_status));
  const int number = WTERMSIG(wait_status);
  return "was killed by signal " + std::to_string(number) + " (" + strsignal(number) + ")";
}

}  // namespace portolan::cli
