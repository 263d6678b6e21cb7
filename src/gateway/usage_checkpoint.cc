#include "gateway/usage_checkpoint.h"

#include "gateway/usage_limits.h"

namespace portolan::gateway {

bool checkpoint_due(const wire::UsageCounts& counts, const wire::UsageCounts& last) {
  if (last.prompt.value == 0 && counts.prompt.value > 0) return true;
  if (last.completion.value == 0) return counts.completion.value > 0;
  return counts.completion.value >= last.completion.value + usage_checkpoint_tokens.value;
}

}  // namespace portolan::gateway
