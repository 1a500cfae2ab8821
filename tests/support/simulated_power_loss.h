// StateAfterPowerLoss: what of a SimulatedState a LossModel leaves.
#pragma once

#include <cstdint>

#include "support/simulated_file_system.h"
#include "support/simulated_state.h"

namespace daybook::test {

SimulatedState StateAfterPowerLoss(const SimulatedState& before, LossModel model,
                                   std::uint64_t seed);

}  // namespace daybook::test
