// A switch between regions that stand in network namespaces of their own: what
// one of them sends to 10.77.N.x comes out at region N, after the delay of the
// pair. The kernel's own netem is missing in many places; this needs TUN alone.
//
//   packet_switch DEVICE...    region 1 is behind the first device, and so on
//
// It makes the devices, says "ready", and then takes orders from standard input,
// a line each, and answers each by a line. It ends with its standard input, and
// the devices with it.
//
//   delay FIRST OTHER MS       one way between two regions, in both directions
//   cut FIRST OTHER            drops what comes, silently
//   join FIRST OTHER           forwards again
//   watch TEXT                 counts packets between regions that hold it in clear
//   count                      {"pairs":[{"first":1,"other":2,"forwarded":..,"dropped":..}],
//                               "clear":..,"stray":..}

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <queue>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t packet_bytes_max = 65536;
constexpr int packets_per_turn = 64;            // of one device, so that no other starves
constexpr std::size_t destination_offset = 16;  // RFC 791, section 3.1
constexpr std::size_t header_bytes_min = 20;
constexpr std::array<unsigned char, 2> network = {10, 77};

struct Packet {
  Clock::time_point due;
  std::uint64_t number = 0;  // equal times keep their order
  int device = -1;
  std::string bytes;
  friend bool operator<(const Packet& a, const Packet& b) {
    return std::pair(a.due, a.number) > std::pair(b.due, b.number);
  }
};

// What lies between two regions.
struct Path {
  std::chrono::microseconds delay{0};
  bool cut = false;
  std::uint64_t forwarded = 0;
  std::uint64_t dropped = 0;
};

int open_device(const char* name) {
  const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return -1;
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
  if (ioctl(device, TUNSETIFF, &request) == 0) return device;
  close(device);
  return -1;
}

class Switch {
 public:
  explicit Switch(std::vector<int> devices) : devices_(std::move(devices)) {}

  // One line of an order; returns the line that answers it.
  std::string obey(const std::string& order);
  void receive(std::size_t region);
  void send_due();
  int wait_milliseconds() const;
  const std::vector<int>& devices() const { return devices_; }

 private:
  using Pair = std::pair<std::size_t, std::size_t>;

  static Pair pair_of(std::size_t first, std::size_t other) { return std::minmax(first, other); }
  bool is_region(std::size_t number) const { return number >= 1 && number <= devices_.size(); }
  void forward(std::size_t from, std::string_view bytes);
  std::string render_counts() const;

  std::vector<int> devices_;  // of region 1, 2, ...
  std::map<Pair, Path> paths_;
  std::priority_queue<Packet> under_way_;
  std::uint64_t number_ = 0;
  std::uint64_t clear_ = 0;
  std::uint64_t stray_ = 0;
  std::string watched_;
};

std::string Switch::obey(const std::string& order) {
  std::istringstream words(order);
  std::string what;
  words >> what;
  if (what == "count") return render_counts();
  if (what == "watch") return words >> watched_ ? "ok" : "error: watch what?";
  std::size_t first = 0;
  std::size_t other = 0;
  if (!(words >> first >> other) || !is_region(first) || !is_region(other) || first == other) {
    return "error: " + what + " is for two regions";
  }
  Path& path = paths_[pair_of(first, other)];
  if (what == "delay") {
    double milliseconds = 0;
    if (!(words >> milliseconds) || milliseconds < 0) return "error: how many milliseconds?";
    path.delay = std::chrono::microseconds(static_cast<std::int64_t>(milliseconds * 1000));
  } else if (what == "cut" || what == "join") {
    path.cut = what == "cut";
  } else {
    return "error: no such order: " + what;
  }
  return "ok";
}

std::string Switch::render_counts() const {
  std::ostringstream out;
  out << "{\"pairs\":[";
  const char* comma = "";
  for (const auto& [pair, path] : paths_) {
    out << comma << "{\"first\":" << pair.first << ",\"other\":" << pair.second
        << ",\"forwarded\":" << path.forwarded << ",\"dropped\":" << path.dropped << '}';
    comma = ",";
  }
  out << "],\"clear\":" << clear_ << ",\"stray\":" << stray_ << '}';
  return out.str();
}

void Switch::receive(std::size_t region) {
  std::array<char, packet_bytes_max> bytes;
  for (int i = 0; i < packets_per_turn; ++i) {
    const ssize_t got = read(devices_[region - 1], bytes.data(), bytes.size());
    if (got <= 0) return;
    forward(region, {bytes.data(), static_cast<std::size_t>(got)});
  }
}

void Switch::forward(std::size_t from, std::string_view bytes) {
  const auto* header = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* to = header + destination_offset;
  const bool ours = bytes.size() >= header_bytes_min && header[0] >> 4 == 4 &&
                    std::equal(network.begin(), network.end(), to) && is_region(to[2]) &&
                    to[2] != from;
  if (!ours) {
    ++stray_;  // such as IPv6's search for routers
    return;
  }
  if (!watched_.empty() && bytes.find(watched_) != std::string_view::npos) ++clear_;
  Path& path = paths_[pair_of(from, to[2])];
  if (path.cut) {
    ++path.dropped;
    return;
  }
  ++path.forwarded;
  under_way_.push({Clock::now() + path.delay, ++number_, devices_[to[2] - 1u], std::string(bytes)});
}

void Switch::send_due() {
  const auto now = Clock::now();
  while (!under_way_.empty() && under_way_.top().due <= now) {
    const Packet& packet = under_way_.top();
    // A device that is full or down loses packets, as a network does.
    (void)!write(packet.device, packet.bytes.data(), packet.bytes.size());
    under_way_.pop();
  }
}

int Switch::wait_milliseconds() const {
  if (under_way_.empty()) return -1;
  const auto left = under_way_.top().due - Clock::now();
  const auto rounded_up = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  return static_cast<int>(std::max<std::int64_t>(rounded_up, 0));
}

// Obeys whole lines of what was read; false at the end of the orders.
bool read_orders(Switch& router, std::string& unread) {
  std::array<char, 4096> bytes;
  const ssize_t got = read(STDIN_FILENO, bytes.data(), bytes.size());
  if (got <= 0) return false;
  unread.append(bytes.data(), static_cast<std::size_t>(got));
  for (std::size_t end = unread.find('\n'); end != std::string::npos; end = unread.find('\n')) {
    std::puts(router.obey(unread.substr(0, end)).c_str());
    unread.erase(0, end + 1);
  }
  std::fflush(stdout);
  return true;
}

void run(Switch& router) {
  std::vector<pollfd> waits;
  for (const int device : router.devices()) waits.push_back({device, POLLIN, 0});
  waits.push_back({STDIN_FILENO, POLLIN, 0});
  std::string unread;
  for (;;) {
    poll(waits.data(), waits.size(), router.wait_milliseconds());
    for (std::size_t i = 0; i + 1 < waits.size(); ++i) {
      if (waits[i].revents != 0) router.receive(i + 1);
    }
    router.send_due();
    if (waits.back().revents != 0 && !read_orders(router, unread)) return;
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<int> devices;
  for (int i = 1; i < argc; ++i) {
    devices.push_back(open_device(argv[i]));
    if (devices.back() >= 0) continue;
    std::fprintf(stderr, "packet_switch: no device %s: %s\n", argv[i], std::strerror(errno));
    return 1;
  }
  Switch router(std::move(devices));
  std::puts("ready");
  std::fflush(stdout);
  run(router);
  return 0;
}
