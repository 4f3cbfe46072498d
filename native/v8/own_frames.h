#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "../core/code_table.h"

namespace hotspan {

// Shows hotspan's own JavaScript as `(hotspan)`: its functions, what Node's and V8's
// do for them, down to the leaf. Not where a function of the app's runs for them
// (withLabels(), a label provider): such stacks stay as they are. By one thread.
class OwnFrames {
 public:
  explicit OwnFrames(CodeTable& code);

  // Where the files of hotspan's JavaScript are, with the slash at the end; empty
  // for nowhere.
  void set_directory(std::string directory);

  // `stack` as it is, or one that is valid until the next call. Leaf first.
  std::span<const LocationId> Collapse(std::span<const LocationId> stack);

 private:
  enum class Kind : uint8_t {
    kUnknown,
    kApp,      // the app's JavaScript
    kNeutral,  // Node's, builtins, native code: for whoever called it
    kOwn,
    kPasses,   // hotspan's, for what the app called: own where it is the leaf
  };
  Kind KindOf(LocationId id);
  Kind FindKind(LocationId id) const;

  CodeTable& code_;
  const LocationId own_;
  std::string directory_;
  std::vector<Kind> kinds_;  // by location
  std::vector<LocationId> collapsed_;
};

}  // namespace hotspan
