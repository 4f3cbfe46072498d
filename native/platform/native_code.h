#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace hotspan {

// Where the process's native code lies: to tell a return address from data when
// a function uses the frame pointer register for itself. Process-wide.
class NativeCode {
 public:
  // Never destroyed.
  static NativeCode& Get();
  // The same once Get() was called, null before.
  static const NativeCode* Current_signal();

  // False before the first update.
  bool Contains_signal(uint64_t pc) const;

  // Looks again when libraries were loaded or unloaded since.
  void Update();

 private:
  struct Ranges {
    static constexpr size_t kMax = 256;
    size_t count = 0;
    uint64_t start[kMax], limit[kMax];  // ascending
  };

  std::atomic<const Ranges*> current_{nullptr};
  // Guards what follows. A handler may still read what was current before, so
  // nothing is freed; an app that loads libraries without end is not followed.
  std::mutex mutex_;
  std::vector<std::unique_ptr<Ranges>> all_;
  static constexpr size_t kMaxUpdates = 64;
  uint64_t loads_ = 0;
};

}  // namespace hotspan
