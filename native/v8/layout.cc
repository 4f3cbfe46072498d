#include "layout.h"

#include <dlfcn.h>
#include <v8.h>

#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>

#include "stack_record.h"

namespace hotspan {
namespace {

// What no exported symbol tells, by V8 major.minor. To support a new V8, find
// these by dumping a known function's objects and add a row.
struct VersionFacts {
  int major, minor;
  int sfi_function_data;
  int sfi_name_or_scope_info;
  int sfi_script;
  int bytecode_position_table;
  int code_deoptimization_data, code_position_table;
  int code_instruction_start, code_flags, code_instruction_size;
  int instruction_stream_header;
  int type_js_function_last;  // beyond JS_FUNCTION_TYPE, used without the symbol
  bool scope_info_flags_are_smi;
  PositionEncoding position_encoding;
  bool maglev_peels_loops;
  int chunk_flags;
  bool scope_info_module_count_leads;
  bool turbofan_places_allocations;
  WasmLayout wasm;
};

constexpr VersionFacts kVersions[] = {
    // Node 20
    {11, 3, 8, 16, 32, 32, 16, 24, 40, 48, 56, 16, 16, true, PositionEncoding::kSign, false, 8, false, false,
     {{0xd0, 0x18}, {0xd0, 0x20}, 0xc8, 0x130, 0x160, 0x10, 0x18, 0x28, 0x50, 3, 3, 12}},
    // Node 22
    {12, 4, 8, 16, 32, 24, 8, 16, 40, 48, 52, 32, 16, true, PositionEncoding::kSign, false, 0, true, true,
     {{0xa0, 0x20, 0x18}, {0xa0, 0x20, 0x20}, 0xc8, 0x188, 0x1b8, 0x10, 0x18, 0x28, 0x50, 3, 3, 13}},
    // Node 24
    {13, 6, 8, 24, 40, 24, 8, 16, 40, 52, 56, 32, 16, false, PositionEncoding::kSign, true, 0, true, true,
     {{0x108}, {0x98, 0x20, 0x20}, 0xf0, 0x138, 0x168, 0x18, 0x20, 0x34, 0x60, 3, 3, 13}},
    // Node 26
    {14, 6, 8, 24, 40, 24, 8, 16, 40, 52, 56, 32, 16, false, PositionEncoding::kFlagBits, true, 0, true, true,
     {{0xd8}, {0x68, 0x20, 0x20}, 0xe8, 0x130, 0x160, 0x18, 0x20, 0x34, 0x78, 7, 4, 13}},
};

class SymbolReader {
 public:
  // Tries the names in turn: a symbol's name holds its field's C++ type, which
  // changes between versions.
  int Get(std::initializer_list<const char*> names) {
    for (const char* name : names) {
      std::string full = std::string("v8dbg_") + name;
      if (const void* at = dlsym(RTLD_DEFAULT, full.c_str())) {
        int value;
        std::memcpy(&value, at, sizeof value);
        return value;
      }
    }
    if (missing_.empty()) missing_ = *names.begin();
    return 0;
  }
  int GetOr(std::initializer_list<const char*> names, int otherwise) {
    std::string missing = missing_;
    missing_.clear();
    int value = Get(names);
    if (!missing_.empty()) value = otherwise;
    missing_ = missing;
    return value;
  }
  const std::string& missing() const { return missing_; }

 private:
  std::string missing_;
};

const VersionFacts* FactsFor(const char* version) {
  char* rest = nullptr;
  long major = std::strtol(version, &rest, 10);
  long minor = rest != nullptr && *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : -1;
  for (const VersionFacts& facts : kVersions) {
    if (facts.major == major && facts.minor == minor) return &facts;
  }
  return nullptr;
}

}  // namespace

std::optional<Layout> Layout::Load(std::string* why) {
  const char* version = v8::V8::GetVersion();
  // V8's headers have facts of their own; N-API loads an addon whatever they were.
  const std::string headers = std::to_string(V8_MAJOR_VERSION) + "." + std::to_string(V8_MINOR_VERSION) + ".";
  if (!std::string_view(version).starts_with(headers)) {
    *why = "the addon was built for V8 " + headers + "x, this Node has V8 " + version +
           "; in a checkout: `npm run build`";
    return std::nullopt;
  }
  const VersionFacts* facts = FactsFor(version);
  // For tests of what happens on a Node that we have not met.
  const char* fault = std::getenv("HOTSPAN_TEST_FAULT");
  if (fault != nullptr && std::strcmp(fault, "unknown-v8") == 0) facts = nullptr;
  if (facts == nullptr) {
    *why = std::string("V8 ") + version + " is not in hotspan's table of known versions";
    return std::nullopt;
  }
  SymbolReader symbols;
  Layout l{};
  l.map_instance_size_words = symbols.Get({"class_Map__instance_size_in_words__char"});
  l.map_instance_type = symbols.Get({"class_Map__instance_type__uint16_t"});
  l.map_prototype = symbols.Get({"class_Map__prototype__Object"});
  l.map_constructor = symbols.Get({"class_Map__constructor_or_back_pointer__Tagged_Object_",
                                   "class_Map__constructor_or_back_pointer__Object"});
  l.js_object_fields = symbols.Get({"class_JSObject__internal_fields__uintptr_t"});
  l.js_receiver_properties = symbols.Get({"class_JSReceiver__raw_properties_or_hash__Tagged_Object_",
                                          "class_JSReceiver__raw_properties_or_hash__Object"});
  l.js_function_shared = symbols.Get({"class_JSFunction__shared__SharedFunctionInfo"});
  l.js_function_initial_map = symbols.Get(
      {"class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_Hole_",
       "class_JSFunction__prototype_or_initial_map__Tagged_UnionOf_JSPrototype_Map_TheHole_",
       "class_JSFunction__prototype_or_initial_map__Tagged_HeapObject_",
       "class_JSFunction__prototype_or_initial_map__HeapObject"});
  l.accessor_pair_getter = symbols.GetOr(
      {"class_AccessorPair__getter__Tagged_Object_", "class_AccessorPair__getter__Object"}, 8);
  l.accessor_pair_setter = symbols.GetOr(
      {"class_AccessorPair__setter__Tagged_Object_", "class_AccessorPair__setter__Object"}, 16);

  l.sfi_function_data = facts->sfi_function_data;
  l.sfi_name_or_scope_info = facts->sfi_name_or_scope_info;
  l.sfi_script = facts->sfi_script;
  l.sfi_flags = symbols.Get({"class_SharedFunctionInfo__flags__int"});
  l.sfi_literal_id = l.sfi_flags + 4;

  l.script_source = symbols.Get({"class_Script__source__Object"});
  l.script_name = symbols.Get({"class_Script__name__Object"});
  // The fields after the name keep their order in every known version:
  // line_offset, column_offset, context_data, type, line_ends, id, eval_from_*,
  // shared_function_infos, compiled_lazy…, flags, source_url, source_mapping_url.
  l.script_line_offset = l.script_name + 8;
  l.script_column_offset = l.script_name + 16;
  l.script_id = symbols.Get({"class_Script__line_ends__Object"}) + 8;
  l.script_eval_from_shared =
      symbols.Get({"class_Script__eval_from_shared_or_wrapped_arguments__Tagged_Object_",
                   "class_Script__eval_from_shared_or_wrapped_arguments__Object"});
  l.script_source_url = l.script_eval_from_shared + 40;
  l.script_source_mapping_url = l.script_eval_from_shared + 48;

  l.scope_info_first_var = symbols.Get({"scopeinfo_idx_first_vars"});
  l.scope_info_flags_are_smi = facts->scope_info_flags_are_smi;
  l.scope_info_position_leads = l.scope_info_first_var >= 5;
  l.scope_info_module_count_leads = facts->scope_info_module_count_leads;

  l.string_length = symbols.Get({"class_String__length__int32_t"});
  l.string_chars = symbols.Get({"class_SeqOneByteString__chars__char"});
  l.cons_first = symbols.Get({"class_ConsString__first__String"});
  l.cons_second = symbols.Get({"class_ConsString__second__String"});
  l.sliced_parent = symbols.Get({"class_SlicedString__parent__String"});
  l.sliced_offset = symbols.Get({"class_SlicedString__offset__SMI"});
  l.thin_actual = symbols.Get({"class_ThinString__actual__String"});
  l.external_resource_data = symbols.Get({"class_ExternalString__resource__Object"}) + 8;

  l.array_length = symbols.Get({"class_FixedArrayBase__length__SMI"});
  l.array_data = symbols.Get({"class_FixedArray__data__uintptr_t"});
  l.bytecode_length = symbols.GetOr({"class_BytecodeArray__length__SMI"}, l.array_length);
  // A postmortem constant of its own: untagged offset of the first bytecode.
  l.bytecode_data = symbols.Get({"class_BytecodeArray__data__uintptr_t"});
  l.bytecode_position_table = facts->bytecode_position_table;

  l.code_deoptimization_data = facts->code_deoptimization_data;
  l.code_position_table = facts->code_position_table;
  l.code_instruction_start =
      symbols.GetOr({"class_Code__instruction_start__Address"}, facts->code_instruction_start);
  l.code_flags = symbols.GetOr({"class_Code__flags__uint32_t"}, facts->code_flags);
  l.code_instruction_size =
      symbols.GetOr({"class_Code__instruction_size__int"}, facts->code_instruction_size);
  l.instruction_stream_header = facts->instruction_stream_header;
  l.instruction_stream_code = 8;
  l.position_encoding = facts->position_encoding;
  l.code_kind_mask = symbols.Get({"CodeKindFieldMask"});
  l.code_kind_baseline = symbols.Get({"CodeKindBaseline"});
  l.code_kind_maglev = l.code_kind_baseline + 1;
  l.maglev_peels_loops = facts->maglev_peels_loops;
  l.turbofan_places_allocations = facts->turbofan_places_allocations;
  l.chunk_flags = facts->chunk_flags;
  l.code_kind_regexp = 3;
  l.deopt_literals = symbols.Get({"DeoptimizationDataLiteralArrayIndex"});
  l.deopt_inlining_positions = symbols.Get({"DeoptimizationDataInliningPositionsIndex"});
  int wrapped = symbols.GetOr({"DeoptimizationDataWrappedSharedFunctionInfoIndex"}, -1);
  l.deopt_shared_is_wrapped = wrapped >= 0;
  l.deopt_shared =
      wrapped >= 0 ? wrapped : symbols.Get({"DeoptimizationDataSharedFunctionInfoIndex"});
  l.deopt_inlined_count = symbols.Get({"DeoptimizationDataInlinedFunctionCountIndex"});
  // Behind the inlining positions: exit start, eager count, lazy count, then
  // entries of bytecode offset, translation index, pc.
  l.deopt_first_entry = l.deopt_inlining_positions + 4;
  l.deopt_entry_size = 3;
  l.sfi_wrapper_shared = symbols.GetOr(
      {"class_SharedFunctionInfoWrapper__shared_info__Tagged_SharedFunctionInfo_"}, 8);

  l.type_map = symbols.Get({"type_Map__MAP_TYPE"});
  int js_function = symbols.Get({"type_JSFunction__JS_FUNCTION_TYPE"});
  l.type_js_function_first = symbols.GetOr({"FirstJSFunctionType"}, js_function);
  l.type_js_function_last =
      symbols.GetOr({"LastJSFunctionType"}, js_function + facts->type_js_function_last);
  l.type_sfi = symbols.Get({"type_SharedFunctionInfo__SHARED_FUNCTION_INFO_TYPE"});
  l.type_scope_info = symbols.Get({"type_ScopeInfo__SCOPE_INFO_TYPE"});
  l.type_script = symbols.Get({"type_Script__SCRIPT_TYPE"});
  l.type_bytecode_array = symbols.Get({"type_BytecodeArray__BYTECODE_ARRAY_TYPE"});
  l.type_code = symbols.Get({"type_Code__CODE_TYPE"});
  l.type_sfi_wrapper =
      symbols.GetOr({"type_SharedFunctionInfoWrapper__SHARED_FUNCTION_INFO_WRAPPER_TYPE"}, -1);
  l.type_accessor_pair = symbols.Get({"type_AccessorPair__ACCESSOR_PAIR_TYPE"});
  l.type_interpreter_data = symbols.Get({"type_InterpreterData__INTERPRETER_DATA_TYPE"});
  l.type_first_js_receiver = symbols.Get({"type_JSProxy__JS_PROXY_TYPE"});
  l.type_allocation_memento = symbols.Get({"type_AllocationMemento__ALLOCATION_MEMENTO_TYPE"});

  l.frame_builtin = symbols.Get({"frametype_BuiltinFrame"});
  l.frame_builtin_exit = symbols.Get({"frametype_BuiltinExitFrame"});
  l.frame_construct = symbols.Get({"frametype_ConstructFrame"});
  l.frame_fast_construct = symbols.GetOr({"frametype_FastConstructFrame"}, -1);
  l.frame_wasm = symbols.GetOr({"frametype_WasmFrame"}, -1);
  l.frame_wasm_to_js = symbols.GetOr({"frametype_WasmToJsFrame"}, -1);
  l.wasm = facts->wasm;
  l.fp_context = symbols.Get({"off_fp_context_or_frame_type"});
  l.fp_function = symbols.Get({"off_fp_function"});
  l.fp_bytecode_array = symbols.Get({"off_fp_bytecode_array"});
  l.fp_bytecode_offset = symbols.Get({"off_fp_bytecode_offset"});

  bool walkable = l.fp_context == FrameSlots::kContext && l.fp_function == FrameSlots::kFunction &&
                  l.fp_bytecode_array == FrameSlots::kBytecodeArray &&
                  l.fp_bytecode_offset == FrameSlots::kBytecodeOffset;
  bool in_head = l.js_function_shared > 0 && static_cast<size_t>(l.js_function_shared) / 8 < kMaxFunctionHeadWords;
  if (symbols.missing().empty() && !(walkable && in_head)) {
    *why = std::string("V8 ") + version + " keeps frames and functions in another way than hotspan knows";
    return std::nullopt;
  }
  if (!symbols.missing().empty()) {
    *why = "this node binary does not export v8dbg_" + symbols.missing();
    return std::nullopt;
  }
  return l;
}

}  // namespace hotspan
