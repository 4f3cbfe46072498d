#pragma once

#include <v8.h>

#include <cstdint>
#include <cstring>

namespace hotspan {

// A handle is the address of a slot that holds the object's tagged address. Over
// anything that is no object it would end the process at the next collection: REQUIRES
// an object with a proven map.
inline v8::Local<v8::Data> HandleOver(const uint64_t* slot) {
  v8::Local<v8::Data> local;
  static_assert(sizeof local == sizeof slot);
  std::memcpy(static_cast<void*>(&local), &slot, sizeof slot);
  return local;
}

// The tagged address of a handle's object, good until the next collection.
inline uint64_t AddressOf(v8::Local<v8::Data> local) {
  const uint64_t* slot;
  std::memcpy(&slot, &local, sizeof slot);
  return *slot;
}

}  // namespace hotspan
