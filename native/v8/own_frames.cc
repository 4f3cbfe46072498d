#include "own_frames.h"

#include <array>
#include <string_view>
#include <utility>

namespace hotspan {
namespace {

// Parts of dist/ that run in no app: commands, benchmarks, the flame page.
constexpr std::array<std::string_view, 3> kNotInApps = {"cli/", "bench/", "flame/"};

// Around a function of Node's that the app calls: reach-workers.ts around the class
// Worker, context-switches.ts around methods of async contexts.
constexpr std::array<std::string_view, 2> kPassThrough = {"construct", "switchContext"};

constexpr std::string_view kFileScheme = "file://", kNodeScheme = "node:", kSelfTest = "hotspan:self-test";

bool IsPassThrough(std::string_view name) {
  for (std::string_view known : kPassThrough) {
    if (name == known) return true;
    // With a class in front.
    if (name.ends_with(known) && name[name.size() - known.size() - 1] == '.') return true;
  }
  return false;
}

}  // namespace

OwnFrames::OwnFrames(CodeTable& code) : code_(code), own_(code.SyntheticLocation("(hotspan)")) {}

void OwnFrames::set_directory(std::string directory) {
  if (directory == directory_) return;
  directory_ = std::move(directory);
  kinds_.clear();
}

std::span<const LocationId> OwnFrames::Collapse(std::span<const LocationId> stack) {
  if (directory_.empty()) return stack;
  size_t end = 0;  // up to here it is hotspan's
  bool own_so_far = true;
  for (size_t i = 0; i < stack.size(); ++i) {
    const Kind kind = KindOf(stack[i]);
    if (kind == Kind::kApp) break;
    if (kind == Kind::kOwn || (kind == Kind::kPasses && own_so_far)) end = i + 1;
    own_so_far = end == i + 1;
  }
  if (end == 0) return stack;
  collapsed_.assign(1, own_);
  collapsed_.insert(collapsed_.end(), stack.begin() + static_cast<ptrdiff_t>(end), stack.end());
  return collapsed_;
}

OwnFrames::Kind OwnFrames::KindOf(LocationId id) {
  if (id >= kinds_.size()) {
    if (id == kNoId) return Kind::kNeutral;
    kinds_.resize(code_.location_count(), Kind::kUnknown);
    if (id >= kinds_.size()) return Kind::kNeutral;
  }
  if (kinds_[id] == Kind::kUnknown) kinds_[id] = FindKind(id);
  return kinds_[id];
}

OwnFrames::Kind OwnFrames::FindKind(LocationId id) const {
  const Location& location = code_.location(id);
  if (location.kind != LocationKind::kJs) return Kind::kNeutral;
  std::string_view file = code_.strings().Get(code_.function(location.function).file);
  if (file.empty() || file.starts_with(kNodeScheme)) return Kind::kNeutral;
  if (file == kSelfTest) return Kind::kOwn;
  if (file.starts_with(kFileScheme)) file.remove_prefix(kFileScheme.size());
  if (!file.starts_with(directory_)) return Kind::kApp;
  file.remove_prefix(directory_.size());
  for (std::string_view part : kNotInApps) {
    if (file.starts_with(part)) return Kind::kApp;
  }
  return IsPassThrough(code_.strings().Get(code_.function_name(location.function))) ? Kind::kPasses : Kind::kOwn;
}

}  // namespace hotspan
