// Checks of the generator's parts that a wrong measurement would not show by itself.
#pragma once

namespace daybook::bench {

// Prints what does not hold; true where all does.
[[nodiscard]] bool SelfTest();

}  // namespace daybook::bench
