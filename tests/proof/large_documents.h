#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/keyring.h"
#include "seal/signed_document.h"
#include "world/resource.h"

// What measure_documents measures on, and how it says what it saw.
namespace portolan::proof {

inline constexpr std::size_t models_wanted = 500;
inline constexpr std::size_t policy_classes_wanted = 200;

// Ends the program where the figures' own making fails: there is nothing to measure then.
template <class T>
T must(Result<T> made) {
  if (made) return std::move(*made);
  std::fprintf(stderr, "nothing to measure: %s\n", made.error().message.c_str());
  std::exit(2);
}

// The reference network of a file, with so many models, each in so many of its
// zones, and workspaces of which no two are the same to its rules.
world::Contents large_contents(const std::string& path, std::size_t models,
                               std::size_t zones_a_model);
// The most zones a model that a World of so many models has room for.
std::size_t zones_that_fit(const std::string& path, std::size_t models);

// So many keys of those workspaces.
model::Keyring::Content large_keyring(const world::Contents& contents, std::size_t keys);

// Control's key with the root's word for it.
struct Authority {
  seal::VerifyKey root;
  seal::Signer signer;
};
Authority make_authority(std::string network);

// Of this process, which has one thread: what others do beside it counts less.
double cpu_ms();
// Of the heap, as malloc counts it.
std::size_t heap_bytes();
double median(std::vector<double> values);

// In milliseconds of CPU, the median of several runs of `work`; what each returned is
// destroyed outside of the time.
template <class Work>
double median_ms(int runs, Work work) {
  std::vector<double> took;
  for (int i = 0; i < runs; ++i) {
    const double began = cpu_ms();
    const auto result = work();
    took.push_back(cpu_ms() - began);
  }
  return median(std::move(took));
}

// Prints lines and remembers whether all that had to hold did.
class Report {
 public:
  // A line that `make proof` shows.
  void figure(const std::string& text) const { std::printf("figure: %s\n", text.c_str()); }
  void must_hold(bool holds, const std::string& what);
  bool all_held() const { return all_held_; }

 private:
  bool all_held_ = true;
};

}  // namespace portolan::proof
