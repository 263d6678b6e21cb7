#include <array>
#include <cstdlib>
#include <new>

#include "runtime/task.h"

namespace portolan::runtime {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PORTOLAN_FRAMES_FROM_MALLOC 1
#endif
#endif

#ifndef PORTOLAN_FRAMES_FROM_MALLOC
constexpr std::size_t step = 64;
constexpr std::size_t classes = 64;      // frames up to 4 KiB are kept
constexpr std::size_t kept_max = 1'024;  // of one size, so that a burst's memory is given back

struct FreeFrame {
  FreeFrame* next;
};

struct FrameLists {
  std::array<FreeFrame*, classes> first{};
  std::array<std::size_t, classes> count{};
  ~FrameLists() {
    for (FreeFrame* frame : first) {
      while (frame != nullptr) {
        std::free(std::exchange(frame, frame->next));
      }
    }
  }
};

thread_local FrameLists lists;
#endif

void* allocate(std::size_t bytes) {
  void* memory = std::malloc(bytes);
  check(memory != nullptr, "out of memory");
  return memory;
}

}  // namespace

#ifdef PORTOLAN_FRAMES_FROM_MALLOC
void* allocate_frame(std::size_t bytes) { return allocate(bytes); }
void free_frame(void* frame, std::size_t) { std::free(frame); }
#else
void* allocate_frame(std::size_t bytes) {
  const std::size_t size_class = (bytes - 1) / step;
  if (size_class >= classes) return allocate(bytes);
  FreeFrame* frame = lists.first[size_class];
  if (frame == nullptr) return allocate((size_class + 1) * step);
  lists.first[size_class] = frame->next;
  --lists.count[size_class];
  return frame;
}

void free_frame(void* memory, std::size_t bytes) {
  const std::size_t size_class = (bytes - 1) / step;
  if (size_class >= classes || lists.count[size_class] >= kept_max) {
    std::free(memory);
    return;
  }
  auto* frame = static_cast<FreeFrame*>(memory);
  frame->next = lists.first[size_class];
  lists.first[size_class] = frame;
  ++lists.count[size_class];
}
#endif

}  // namespace portolan::runtime
