#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "position_table.h"

namespace hotspan {

// How to find the function of WebAssembly code. Offsets of V8's heap objects are as in
// Layout; those of its C++ objects (NativeModule, WasmCode) are plain.
struct WasmLayout {
  // Fields to follow from the instance that a frame keeps, 0 ends them: to the managed
  // pointer to the NativeModule, and to the Script.
  std::array<int, 4> to_native_module, to_script;
  // NativeModule: pointer to the module's bytes; tree and vector of its WasmCodes.
  int wire_bytes, code_tree, new_code;
  // WasmCode: pointer to the metadata, size of the instructions and of the first part
  // of the metadata, the protected instructions.
  int metadata, size, protected_size;
  int flags, kind_mask;  // of the byte that holds its kind
  int jump_table_kind;
  int inlining_bytes;  // of an entry of the inlining positions

  // The same in every known version.
  static constexpr int kForeignAddress = 8;          // of the managed pointer: its destructor…
  static constexpr uint64_t kDestructorShared = 24;  // …that holds a pointer to the shared_ptr
  static constexpr int kCodeSpaces = 0x68;           // NativeModule: vector of VirtualMemory
  static constexpr int kInstructions = 8;            // WasmCode: where they start
  static constexpr int kKindFunction = 0;
};

// Where V8 keeps what, for the V8 that runs. Offsets are in bytes from the
// start of the untagged object; `k…Type` values are instance types.
//
// Most facts come from the v8dbg_* constants the node binary exports. What no
// symbol tells stands in one table by V8 version, in layout.cc.
struct Layout {
  // Map
  int map_instance_size_words, map_instance_type, map_prototype, map_constructor;
  // JSObject, JSFunction
  int js_object_fields, js_receiver_properties;
  int js_function_shared, js_function_initial_map;
  int accessor_pair_getter, accessor_pair_setter;
  // SharedFunctionInfo
  int sfi_function_data, sfi_name_or_scope_info, sfi_script, sfi_flags, sfi_literal_id;
  // Script
  int script_source, script_name, script_line_offset, script_column_offset, script_id;
  int script_eval_from_shared, script_source_url, script_source_mapping_url;
  // ScopeInfo: words from its first field
  int scope_info_first_var;         // index of the first variable field
  bool scope_info_flags_are_smi;    // else a raw 32-bit integer
  bool scope_info_position_leads;   // start and end position precede the variables
  bool scope_info_module_count_leads;  // so does a module's number of variables
  // Strings
  int string_length, string_chars, cons_first, cons_second, sliced_parent, sliced_offset;
  int thin_actual, external_resource_data;
  // FixedArray and its kin: length is a Smi
  int array_length, array_data;
  // BytecodeArray
  int bytecode_length, bytecode_data, bytecode_position_table;
  // Code and the InstructionStream that holds its instructions
  int code_deoptimization_data, code_position_table, code_instruction_start;
  int code_flags, code_instruction_size, instruction_stream_header, instruction_stream_code;
  int code_kind_mask, code_kind_baseline, code_kind_maglev, code_kind_regexp;
  bool maglev_peels_loops;  // its position tables are then not exact
  bool turbofan_places_allocations;  // their slow paths have entries in the position table
  int deopt_literals, deopt_shared, deopt_inlining_positions;  // indices
  bool deopt_shared_is_wrapped;
  int deopt_inlined_count, deopt_first_entry, deopt_entry_size;  // indices
  int sfi_wrapper_shared;
  PositionEncoding position_encoding;
  int chunk_flags;  // of the MemoryChunk that an object lies in
  // Instance types
  int type_map, type_js_function_first, type_js_function_last, type_sfi, type_scope_info;
  int type_script, type_bytecode_array, type_code, type_sfi_wrapper, type_accessor_pair;
  int type_interpreter_data, type_first_js_receiver, type_allocation_memento;
  // Frame markers: values of StackFrame::Type
  int frame_builtin, frame_builtin_exit, frame_construct, frame_fast_construct;
  int frame_wasm, frame_wasm_to_js;
  // Frame slots from the frame pointer
  int fp_context, fp_function, fp_bytecode_array, fp_bytecode_offset;

  WasmLayout wasm;

  static constexpr int kSmiShift = 32;
  static constexpr uint64_t kChunkBytes = 256 * 1024;
  static constexpr uint64_t kChunkIsYoung = 0x18;  // in its flags: from-space or to-space
  static constexpr size_t kMaxFunctionHeadWords = 5;  // of a JSFunction, up to its SharedFunctionInfo
  static constexpr int kMaxInlinedScopeNames = 75;  // kScopeInfoMaxInlinedLocalNamesSize

  // The layout of the running V8, or the reason why it is not known, as one
  // line for the user.
  static std::optional<Layout> Load(std::string* why);
};

// Tagged values: Smis hold a 32-bit integer in the upper half and have low
// bits 0; heap object pointers have low bits 01, weak ones 11.
inline bool IsSmi(uint64_t word) { return (word & 0xffffffffu) == 0; }
inline int32_t SmiValue(uint64_t word) { return static_cast<int32_t>(word >> Layout::kSmiShift); }
inline bool IsStrongPointer(uint64_t word) { return (word & 3) == 1; }
inline uint64_t Untag(uint64_t word) { return word & ~uint64_t{3}; }

}  // namespace hotspan
