#pragma once

// The record that the signal handler writes for one sample, and the sampler thread
// for what followed a thread's last one, in 64-bit words:
//
//   0      RecordKind | flags
//   1..4   cpu, wall since the thread's previous record (ns); context word; what
//          of the wall the thread waited where that previous record found it
//   5..    leaf registers and the words at sp, see LeafState
//   then   frames, leaf first: a native frame is its pc; a frame in generated
//          code is its pc with kGeneratedBit set, followed by FrameSlots
//
// A generated frame with pc 0 is the exit frame of a call into C++ that was found
// by V8's word for it: the native frames above it are not known.
//
// Generated code's slots are copied unread: which of them mean something is
// decided at the safepoint.

#include <cstddef>
#include <cstdint>
#include <span>

namespace hotspan {

enum class RecordKind : uint8_t {
  kStack = 0,
  kGc = 1,        // during a collection: no frames, the epilogue supplies them
  kDrain = 2,     // while hotspan itself worked on this thread
  kRest = 3,      // what the thread did after the record before, until it was idle: no frames
  kNotSampled = 4,  // while the thread did not answer the signal: no frames
};

// What a frame in generated code keeps at its frame pointer, and where: V8's own
// order, the same for every processor. Layout::Load() refuses a V8 with another.
struct FrameSlots {
  static constexpr int kContext = -8, kFunction = -16, kBytecodeArray = -32, kBytecodeOffset = -40;

  uint64_t context_or_marker;
  uint64_t function;
  uint64_t bytecode_array;
  uint64_t bytecode_offset;
  uint64_t receiver;
};

struct LeafState {
  // Builtins without a frame push up to some twenty registers before they call.
  static constexpr size_t kStackWords = 24;
  uint64_t bytecode_offset, bytecode_array, function;  // registers
  uint64_t stack[kStackWords];                         // from sp upwards
};

struct RecordHeader {
  RecordKind kind;
  uint8_t gc_type;
  bool truncated;  // deeper than the walk goes
  uint64_t cpu_ns, wall_ns;
  uint64_t context;
  uint64_t waited_ns;

  static constexpr size_t kWords = 5, kContextWord = 3;
};

inline constexpr size_t kFrameSlotWords = sizeof(FrameSlots) / 8;
inline constexpr size_t kLeafWords = sizeof(LeafState) / 8;
inline constexpr size_t kMaxFrames = 1024;
inline constexpr size_t kMaxRecordWords =
    RecordHeader::kWords + kLeafWords + kMaxFrames * (1 + kFrameSlotWords);
// Addresses of user space fit in 47 bits.
inline constexpr uint64_t kGeneratedBit = uint64_t{1} << 63;

inline uint64_t PackHeader_signal(const RecordHeader& header) {
  return uint64_t{static_cast<uint8_t>(header.kind)} | uint64_t{header.gc_type} << 8 |
         uint64_t{header.truncated} << 16;
}

inline RecordHeader UnpackHeader(std::span<const uint64_t> record) {
  return {static_cast<RecordKind>(record[0] & 0xff),
          static_cast<uint8_t>(record[0] >> 8),
          (record[0] >> 16 & 1) != 0,
          record[1],
          record[2],
          record[RecordHeader::kContextWord],
          record[4]};
}

}  // namespace hotspan
