// Preloaded into a process, it sets its wall clock off by CLOCK_SHIFT_MS, as on a machine whose
// clock nobody set. Clocks that only measure stay as they are.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec* time) {
  const int result = (int)syscall(SYS_clock_gettime, clock, time);
  const char* shift = getenv("CLOCK_SHIFT_MS");
  if (result != 0 || clock != CLOCK_REALTIME || shift == NULL) return result;
  const long long shifted =
      time->tv_sec * 1000000000LL + time->tv_nsec + atoll(shift) * 1000000LL;
  time->tv_sec = (time_t)(shifted / 1000000000LL);
  time->tv_nsec = (long)(shifted % 1000000000LL);
  return 0;
}
