#include "../../core/code_table.h"

#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "../support/check.h"

namespace hotspan {
namespace {

TEST(CodeTable_gives_equal_locations_one_id) {
  CodeTable table;
  const FunctionId f = table.AddFunction({.name = table.strings().Intern("f")});
  const FunctionId g = table.AddFunction({.name = table.strings().Intern("g")});
  EXPECT(f != g);
  std::set<LocationId> ids;
  for (int again = 0; again < 2; ++again) {
    ids.insert({table.JsLocation(f, 1, 2), table.JsLocation(f, 2, 1), table.JsLocation(g, 1, 2),
                table.NativeLocation(0x1000), table.NativeLocation(1),
                table.SyntheticLocation("(program)"), table.SyntheticLocation("(idle)")});
  }
  EXPECT_EQ(ids.size(), 7u);
  EXPECT_EQ(table.location_count(), 7u);

  const Location& js = table.location(table.JsLocation(g, 1, 2));
  EXPECT(js.kind == LocationKind::kJs);
  EXPECT_EQ(js.function, g);
  EXPECT_EQ(js.line, 1u);
  EXPECT_EQ(js.column, 2u);
  const Location& native = table.location(table.NativeLocation(0x1000));
  EXPECT(native.kind == LocationKind::kNative);
  EXPECT_EQ(native.address, 0x1000u);
  const Location& synthetic = table.location(table.SyntheticLocation("(idle)"));
  EXPECT(synthetic.kind == LocationKind::kSynthetic);
  EXPECT_EQ(table.strings().Get(table.function_name(synthetic.function)), "(idle)");
}

TEST(CodeTable_knows_functions_and_scripts_again) {
  CodeTable table;
  const StringId file = table.strings().Intern("/app/a.js");
  const StringId name = table.strings().Intern("f");
  const ScriptId script = table.AddScript({file, "a.js.map"});
  EXPECT_EQ(table.AddScript({file, "a.js.map"}), script);
  const ScriptId reloaded = table.AddScript({file, "b.js.map"});
  EXPECT(reloaded != script);
  EXPECT_EQ(*table.SourceMapUrl(reloaded), "b.js.map");

  const Function function{.name = name, .file = file, .start_line = 3, .script = script, .literal_id = 1};
  const FunctionId id = table.AddFunction(function);
  table.RenameFunction(id, table.strings().Intern("C.f"));
  EXPECT_EQ(table.AddFunction(function), id);
  Function other = function;
  other.literal_id = 2;  // where it starts is often not known
  EXPECT(table.AddFunction(other) != id);
  other = function;
  other.script = reloaded;
  EXPECT(table.AddFunction(other) != id);
}

TEST(CodeTable_many_threads_add_the_same) {
  CodeTable table;
  constexpr uint32_t kThreads = 4, kFunctions = 500;
  std::vector<std::vector<LocationId>> ids(kThreads);
  std::vector<std::thread> threads;
  for (uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (uint32_t i = 0; i < kFunctions; ++i) {
        const StringId name = table.strings().Intern("f" + std::to_string(i));
        const ScriptId script = table.AddScript({name, {}});
        const FunctionId function = table.AddFunction({.name = name, .script = script});
        ids[t].push_back(table.JsLocation(function, i, 1));
        ids[t].push_back(table.NativeLocation(i + 1));
        ids[t].push_back(table.SyntheticLocation("(" + std::to_string(i) + ")"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (uint32_t t = 1; t < kThreads; ++t) EXPECT(ids[t] == ids[0]);
  EXPECT_EQ(table.location_count(), 3u * kFunctions);
  EXPECT_EQ(table.script_count(), kFunctions);
}

TEST(CodeTable_renames_and_keeps_what_v8_said) {
  CodeTable table;
  const StringId first = table.strings().Intern("method");
  const FunctionId f = table.AddFunction({.name = first, .start_line = 9});
  EXPECT_EQ(table.function_name(f), first);
  const StringId better = table.strings().Intern("Class.method");
  table.RenameFunction(f, better);
  EXPECT_EQ(table.function_name(f), better);
  EXPECT_EQ(table.function(f).name, first);
  EXPECT_EQ(table.function(f).start_line, 9u);
}

TEST(CodeTable_maps_again_without_disturbing_a_reader) {
  CodeTable table;
  const LocationId id = table.JsLocation(table.AddFunction({}), 1, 1);
  EXPECT(table.mapped(id) == nullptr);
  table.SetMapped(id, {.line = 10});
  const MappedLocation* old = table.mapped(id);
  table.SetMapped(id, {.line = 10});
  EXPECT(table.mapped(id) == old);
  table.SetMapped(id, {.line = 11});
  EXPECT_EQ(table.mapped(id)->line, 11u);
  EXPECT_EQ(old->line, 10u);
}

TEST(CodeTable_full_gives_no_id) {
  CodeTable table;
  FunctionId last = 0;
  size_t count = 0;
  uint32_t line = 0;
  while ((last = table.AddFunction({.start_line = ++line})) != kNoId) ++count;
  EXPECT_EQ(count, table.function_count());
  EXPECT_EQ(table.SyntheticLocation("(new)"), kNoId);
  const LocationId js = table.JsLocation(0, 1, 1);
  EXPECT(js != kNoId);
  uint64_t address = 1;
  while (table.NativeLocation(address) != kNoId) ++address;
  EXPECT_EQ(table.location_count(), address);
  EXPECT_EQ(table.JsLocation(0, 1, 2), kNoId);
  EXPECT_EQ(table.JsLocation(0, 1, 1), js);
  EXPECT_EQ(table.NativeLocation(1), js + 1);
}

TEST(CodeTable_takes_ids_of_what_found_no_room) {
  CodeTable table;
  uint32_t line = 0;
  EXPECT(!table.IsFull());
  while (table.AddFunction({.start_line = ++line}) != kNoId) continue;
  EXPECT(table.IsFull());
  EXPECT_EQ(table.strings().Get(table.function_name(kNoId)), "(function table full)");
  EXPECT_EQ(table.function(kNoId).script, kNoId);
  const LocationId of_none = table.JsLocation(kNoId, 0, 0);
  EXPECT_EQ(table.function(table.location(of_none).function).start_line, 0u);
  EXPECT(table.location(kNoId).kind == LocationKind::kSynthetic);
  EXPECT(table.mapped(kNoId) == nullptr);
  EXPECT(table.SourceMapUrl(kNoId) == nullptr);
  table.RenameFunction(kNoId, 1);
  table.SetMapped(kNoId, {.line = 1});
  EXPECT_EQ(table.strings().Get(table.function_name(kNoId)), "(function table full)");
}

TEST(CodeTable_forgets_the_oldest_source_maps_when_they_take_too_much) {
  CodeTable table;
  const StringId file = table.strings().Intern("/app/page.js");
  const size_t each = CodeTable::kMaxMapBytes / 8;
  const auto map_of = [&](char c) { return std::string(each, c); };
  std::vector<ScriptId> scripts;
  for (char c = 'a'; c <= 'z'; ++c) scripts.push_back(table.AddScript({file, map_of(c)}));
  EXPECT(table.bytes_held() < CodeTable::kMaxMapBytes + (4 << 20));
  EXPECT(table.SourceMapUrl(scripts.front()) == nullptr);
  EXPECT_EQ(*table.SourceMapUrl(scripts.back()), map_of('z'));
  // Met again, it has the same id, and its map.
  EXPECT_EQ(table.AddScript({file, map_of('a')}), scripts.front());
  EXPECT_EQ(*table.SourceMapUrl(scripts.front()), map_of('a'));
  // One that is larger than all should be together is kept, alone.
  const ScriptId huge = table.AddScript({file, std::string(CodeTable::kMaxMapBytes + 1, 'x')});
  EXPECT_EQ(table.SourceMapUrl(huge)->size(), CodeTable::kMaxMapBytes + 1);
  EXPECT(table.SourceMapUrl(scripts.front()) == nullptr);
}

TEST(CodeTable_is_small_at_first) {
  CodeTable table;
  table.SyntheticLocation("(program)");
  EXPECT(table.bytes_held() < 192 * 1024);
}

TEST(CodeTable_Concurrent_reader_sees_whole_entries) {
  CodeTable table;
  constexpr uint32_t kCount = 4000;
  std::atomic<bool> done{false};
  size_t wrong = 0, checked = 0;
  std::thread reader([&] {
    while (!done.load(std::memory_order_acquire) || checked == 0) {
      for (size_t id = 0; id < table.location_count(); ++id, ++checked) {
        const Location& location = table.location(static_cast<LocationId>(id));
        const auto name = table.strings().Get(table.function_name(location.function));
        const std::string number = std::to_string(location.line);
        wrong += name != "f" + number && name != "better" + number;
        if (const auto* mapped = table.mapped(static_cast<LocationId>(id))) {
          wrong += mapped->line != location.line * 2;
          wrong += table.strings().Get(mapped->file) != "file" + number;
        }
      }
    }
  });
  for (uint32_t i = 1; i <= kCount; ++i) {
    const std::string number = std::to_string(i);
    const FunctionId f = table.AddFunction({.name = table.strings().Intern("f" + number)});
    const LocationId location = table.JsLocation(f, i, 1);
    table.RenameFunction(f, table.strings().Intern("better" + number));
    table.SetMapped(location, {.file = table.strings().Intern("file" + number), .line = 2 * i});
  }
  done.store(true, std::memory_order_release);
  reader.join();
  EXPECT_EQ(wrong, 0u);
  EXPECT(checked > 0);
}

}  // namespace
}  // namespace hotspan
