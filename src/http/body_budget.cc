#include "http/body_budget.h"

namespace daybook::http {

bool BodyBudget::Take(std::size_t bytes) {
  if (used_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= bytes_max_) return true;
  GiveBack(bytes);
  return false;
}

bool BodyShare::Resize(std::size_t bytes) {
  if (bytes > bytes_ && !budget_->Take(bytes - bytes_)) return false;
  if (bytes < bytes_) budget_->GiveBack(bytes_ - bytes);
  bytes_ = bytes;
  return true;
}

Error Overloaded() {
  return {Code::Service_Unavailable, "overloaded",
          "the bodies that are under way take all the memory that is set aside for them"};
}

}  // namespace daybook::http
