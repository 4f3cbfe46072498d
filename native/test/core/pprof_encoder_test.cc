#include "../../core/pprof_encoder.h"

#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../support/check.h"
#include "../support/pprof_reader.h"

namespace hotspan {
namespace {

using test::PprofFrame;
using test::PprofProfile;

struct Fixture {
  std::shared_ptr<CodeTable> code = std::make_shared<CodeTable>();
  PprofOptions options{.sample_types = {{"samples", "count"}, {"cpu", "nanoseconds"}}};

  StringId Text(std::string_view text) { return code->strings().Intern(text); }
  LocationId Js(std::string_view name, std::string_view file, uint32_t start, uint32_t line,
                uint32_t column) {
    const FunctionId f =
        code->AddFunction({.name = Text(name), .file = Text(file), .start_line = start});
    return code->JsLocation(f, line, column);
  }
  ProfilePart Part(std::initializer_list<std::pair<std::vector<LocationId>, int64_t>> stacks) {
    auto profile = std::make_shared<StackProfile>(code);
    for (const auto& [stack, ns] : stacks) profile->Add(stack, 0, {1, ns});
    return {.profile = profile, .labels = {}};
  }
  PprofProfile Encode(const std::vector<ProfilePart>& parts,
                      const NativeSymbolizer& symbolize = nullptr) {
    std::string error;
    auto profile = test::ReadPprof(EncodePprof(options, parts, symbolize), error);
    EXPECT_EQ(error, "");
    return profile.value_or(PprofProfile{});
  }
};

std::vector<std::string> Names(const test::PprofSample& sample) {
  std::vector<std::string> names;
  for (const auto& frame : sample.frames) names.push_back(frame.name);
  return names;
}

TEST(EncodePprof_writes_the_head) {
  Fixture f;
  f.options.default_sample_type = "cpu";
  f.options.period_type = {"cpu", "nanoseconds"};
  f.options.period = 10101010;
  f.options.time_unix_ns = 1700000000123456789;
  f.options.duration_ns = 60000000000;
  f.options.comments = {"hotspan", "idle 3 s", "hotspan"};
  const auto profile = f.Encode({});
  EXPECT(profile.sample_types == (std::vector<test::PprofValueType>{
                                     {"samples", "count"}, {"cpu", "nanoseconds"}}));
  EXPECT_EQ(profile.default_sample_type, "cpu");
  EXPECT(profile.period_type == (test::PprofValueType{"cpu", "nanoseconds"}));
  EXPECT_EQ(profile.period, 10101010);
  EXPECT_EQ(profile.time_nanos, 1700000000123456789);
  EXPECT_EQ(profile.duration_nanos, 60000000000);
  EXPECT(profile.comments == f.options.comments);
  EXPECT(profile.samples.empty());
}

TEST(EncodePprof_writes_stacks_leaf_first) {
  Fixture f;
  const LocationId main = f.Js("main", "/app/a.js", 1, 5, 3);
  const LocationId work = f.Js("work", "/app/b.js", 10, 12, 7);
  const auto profile = f.Encode({f.Part({{{work, main}, 100}, {{main}, 7}})});
  EXPECT_EQ(profile.samples.size(), 2u);
  const auto& sample = profile.samples[0];
  EXPECT(Names(sample) == (std::vector<std::string>{"work", "main"}));
  EXPECT(sample.values == (std::vector<int64_t>{1, 100}));
  EXPECT_EQ(sample.frames[0].file, "/app/b.js");
  EXPECT_EQ(sample.frames[0].start_line, 10);
  EXPECT_EQ(sample.frames[0].line, 12);
  EXPECT_EQ(sample.frames[0].column, 7);
  EXPECT_EQ(profile.samples[1].values[1], 7);
}

TEST(EncodePprof_prefers_mapped_locations_and_new_names) {
  Fixture f;
  const LocationId kept = f.Js("a", "bundle.js", 1, 1, 100);
  const LocationId renamed = f.Js("b", "bundle.js", 1, 1, 200);
  f.code->SetMapped(kept, {.file = f.Text("src/a.ts"), .line = 30, .column = 4,
                           .function_start_line = 28});
  f.code->SetMapped(renamed, {.function_name = f.Text("load"), .file = f.Text("src/b.ts"),
                              .line = 9, .column = 2, .function_start_line = 8});
  f.code->RenameFunction(f.code->location(kept).function, f.Text("A.a"));
  const auto profile = f.Encode({f.Part({{{kept, renamed}, 1}})});
  const PprofFrame expected_kept{.name = "A.a", .file = "src/a.ts", .start_line = 28, .line = 30,
                                 .column = 4};
  const PprofFrame expected_renamed{.name = "load", .file = "src/b.ts", .start_line = 8,
                                    .line = 9, .column = 2};
  EXPECT(profile.samples[0].frames == (std::vector<PprofFrame>{expected_kept, expected_renamed}));
}

TEST(EncodePprof_merges_functions_locations_and_samples_over_parts) {
  Fixture a, b;
  const auto part_a = a.Part({{{a.Js("f", "x.js", 1, 2, 3)}, 10}});
  // The same place under other ids, twice in one part.
  b.Js("other", "y.js", 1, 1, 1);
  const LocationId first = b.Js("f", "x.js", 1, 2, 3), second = b.Js("f", "x.js", 1, 2, 3);
  const auto part_b = b.Part({{{first}, 20}, {{second}, 40}, {{second, first}, 5}});
  const auto profile = a.Encode({part_a, part_b});
  EXPECT_EQ(profile.function_count, 1u);
  EXPECT_EQ(profile.location_count, 1u);
  EXPECT_EQ(profile.samples.size(), 2u);
  EXPECT(profile.samples[0].values == (std::vector<int64_t>{3, 70}));
  EXPECT(profile.samples[1].values == (std::vector<int64_t>{1, 5}));
}

TEST(EncodePprof_adds_up_label_sets_that_are_written_alike) {
  Fixture f;
  const LocationId at = f.Js("f", "x.js", 1, 2, 3);
  auto profile = std::make_shared<StackProfile>(f.code);
  profile->Add(std::vector{at}, 1, {1, 1});
  profile->Add(std::vector{at}, 2, {1, 2});
  // Keys that are no UTF-8 differ here and are one replacement character there.
  for (const auto& [first, second] : {std::pair("a", "b"), std::pair("b", "a")}) {
    const std::vector<Label> labels{{.key = "\xfe", .text = first}, {.key = "\xff", .text = second}};
    profile->labels().Assign(profile->labels().Reserve(), labels);
  }
  const auto out = f.Encode({{.profile = profile, .labels = {}}});
  EXPECT_EQ(out.samples.size(), 1u);
  for (const auto& sample : out.samples) EXPECT_EQ(sample.values[1], 3);
}

TEST(EncodePprof_keeps_threads_and_label_sets_apart) {
  Fixture f;
  const LocationId at = f.Js("f", "x.js", 1, 2, 3);
  auto profile = std::make_shared<StackProfile>(f.code);
  profile->Add(std::vector{at}, 0, {1, 1});
  profile->Add(std::vector{at}, 1, {1, 2});
  profile->Add(std::vector{at}, 2, {1, 4});   // equal to set 1, in another order
  profile->Add(std::vector{at}, 99, {1, 8});  // not given: no labels
  const Label span{.key = "span_id", .text = "00ff"};
  const Label count{.key = "n", .number = -3, .is_number = true};
  for (const auto& labels : {std::vector{span, count}, std::vector{count, span}}) {
    profile->labels().Assign(profile->labels().Reserve(), labels);
  }
  const ProfilePart main{profile, {{.key = "thread", .text = "main"}}};
  ProfilePart worker = main;
  worker.labels[0].text = "worker-1";
  const auto out = f.Encode({main, worker});
  EXPECT_EQ(out.samples.size(), 4u);
  EXPECT(out.samples[0].labels == (std::vector<test::PprofLabel>{{"thread", "main", 0}}));
  EXPECT_EQ(out.samples[0].values[1], 9);
  EXPECT(out.samples[1].labels == (std::vector<test::PprofLabel>{
                                      {"n", "", -3}, {"span_id", "00ff", 0}, {"thread", "main", 0}}));
  EXPECT_EQ(out.samples[1].values[1], 6);
  EXPECT_EQ(out.samples[2].labels[0].text, "worker-1");
}

TEST(EncodePprof_names_native_frames) {
  Fixture f;
  const LocationId memcpy_at = f.code->NativeLocation(0x7000);
  const LocationId nameless = f.code->NativeLocation(0x5000);
  const LocationId nowhere = f.code->NativeLocation(0x1);
  const LocationId dropped = f.code->NativeLocation(0x6000);
  int calls = 0;
  const auto symbolize = [&](std::span<const uint64_t> addresses) {
    ++calls;
    EXPECT(std::vector(addresses.begin(), addresses.end()) ==
           (std::vector<uint64_t>{0x1, 0x5000, 0x6000, 0x7000}));
    NativeFrame libc{.file = "/lib/libc.so.6", .build_id = "ab12", .mapping_start = 0x4000,
                     .mapping_limit = 0x8000, .mapping_offset = 0x10};
    NativeFrame copy = libc, drop = libc;
    copy.function = "memcpy";
    drop.drop = true;
    return std::vector<NativeFrame>{{}, libc, drop, copy};
  };
  // Two threads that share the addresses.
  const auto part = f.Part({{{memcpy_at, dropped, nameless, nowhere}, 1}, {{dropped}, 2}});
  const auto profile = f.Encode({part, part}, symbolize);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(profile.mapping_count, 1u);
  EXPECT(Names(profile.samples[0]) ==
         (std::vector<std::string>{"memcpy", "[libc.so.6]", "(unknown)"}));
  const PprofFrame expected{.name = "memcpy", .file = "/lib/libc.so.6", .address = 0x7000,
                            .mapping_file = "/lib/libc.so.6", .build_id = "ab12",
                            .mapping_start = 0x4000, .mapping_limit = 0x8000, .mapping_offset = 0x10};
  EXPECT(profile.samples[0].frames[0] == expected);
  EXPECT(profile.samples[0].frames[2].mapping_file.empty());
  // A stack of which nothing is left keeps its values.
  EXPECT(Names(profile.samples[1]) == (std::vector<std::string>{"(unknown)"}));
  EXPECT_EQ(profile.samples[1].values[1], 4);
}

TEST(EncodePprof_names_threads_by_their_outermost_function) {
  Fixture f;
  auto profile = std::make_shared<StackProfile>(f.code);
  const LocationId start = f.code->NativeLocation(1), pool = f.code->NativeLocation(2),
                   hash = f.code->NativeLocation(3), other = f.code->NativeLocation(4);
  profile->Add(std::vector{hash}, 1, {1, 10});  // the walk got lost
  profile->Add(std::vector{hash, pool, start}, 1, {1, 20});
  profile->Add(std::vector{hash, other, start}, 2, {1, 40});
  profile->Add(std::vector{hash, pool, start}, 3, {1, 80});
  ProfilePart part{.profile = profile, .labels = {}, .label_sets = {{}}};
  for (const char* name : {"node", "node", "mine"}) {
    Label label{"thread", name};
    label.by_root = std::string_view(name) == "node";
    part.label_sets.push_back({label});
  }
  part.label_of_root = [](std::string_view function) -> const char* {
    return function == "f2" ? "the pool" : nullptr;
  };
  const auto encoded = f.Encode({part}, [](std::span<const uint64_t> addresses) {
    std::vector<NativeFrame> frames(addresses.size());
    for (size_t i = 0; i < frames.size(); ++i) frames[i].function = "f" + std::to_string(addresses[i]);
    return frames;
  });
  std::map<std::string, int64_t> cpu;
  for (const auto& sample : encoded.samples) cpu[sample.labels.at(0).text] += sample.values[1];
  EXPECT(cpu == (std::map<std::string, int64_t>{{"the pool", 30}, {"node", 40}, {"mine", 80}}));
}

TEST(EncodePprof_survives_a_short_answer_of_the_symbolizer) {
  Fixture f;
  const auto part = f.Part({{{f.code->NativeLocation(1), f.code->NativeLocation(2)}, 1}});
  for (const NativeSymbolizer& symbolize :
       {NativeSymbolizer(), NativeSymbolizer([](auto) { return std::vector<NativeFrame>(); })}) {
    EXPECT(Names(f.Encode({part}, symbolize).samples[0]) ==
           (std::vector<std::string>{"(unknown)", "(unknown)"}));
  }
}

TEST(EncodePprof_leaves_out_what_no_value_reaches) {
  Fixture f;
  const LocationId used = f.Js("used", "", 0, 0, 0);
  const LocationId unused = f.Js("unused", "", 0, 0, 0);
  auto profile = std::make_shared<StackProfile>(f.code);
  profile->Add(std::vector{used}, 0, {0, 5});
  profile->Add(std::vector{unused, used}, 0, {0, 0, 9});  // a value that has no type
  const auto out = f.Encode({{profile, {}}, {nullptr, {}}});
  EXPECT_EQ(out.samples.size(), 1u);
  EXPECT_EQ(out.function_count, 1u);
  EXPECT_EQ(Names(out.samples[0])[0], "used");
}

TEST(EncodePprof_shows_what_overflowed) {
  Fixture f;
  const LocationId at = f.Js("f", "", 0, 0, 0);
  auto profile = std::make_shared<StackProfile>(f.code, StackProfile::Limits{.max_nodes = 2});
  profile->Add(std::vector{at}, 0, {1, 10});
  profile->Add(std::vector{at, at}, 0, {1, 20});
  profile->Add(std::vector{at, at, at}, 0, {1, 40});
  const auto out = f.Encode({{profile, {{.key = "thread", .text = "main"}}}});
  EXPECT_EQ(out.samples.size(), 2u);
  EXPECT_EQ(Names(out.samples[1])[0], "(stack table full)");
  EXPECT(out.samples[1].values == (std::vector<int64_t>{2, 60}));
  EXPECT_EQ(out.samples[1].labels[0].text, "main");
}

TEST(EncodePprof_names_the_nameless_and_the_unknown) {
  Fixture f;
  const LocationId anonymous = f.Js("", "x.js", 1, 1, 1);
  const auto out = f.Encode({f.Part({{{anonymous}, 1}, {{kNoId}, 2}, {{}, 4}})});
  EXPECT_EQ(Names(out.samples[0])[0], "(anonymous)");
  EXPECT_EQ(Names(out.samples[1])[0], "(code table full)");
  EXPECT_EQ(Names(out.samples[2])[0], "(unknown)");
}

TEST(EncodePprof_repairs_invalid_utf8) {
  Fixture f;
  f.options.comments = {"bad \xC3"};
  // Different bytes that come out the same are one function.
  const LocationId a = f.Js("\xFFname", "x", 0, 0, 0), b = f.Js("\xFEname", "x", 0, 0, 0);
  const auto out = f.Encode({f.Part({{{a}, 1}, {{b}, 2}})});
  EXPECT_EQ(out.samples.size(), 1u);
  EXPECT_EQ(Names(out.samples[0])[0], "\xEF\xBF\xBDname");
  EXPECT_EQ(out.comments[0], "bad \xEF\xBF\xBD");
}

TEST(EncodePprof_Concurrent_with_a_growing_code_table) {
  Fixture f;
  std::vector<ProfilePart> parts;
  std::vector<std::pair<std::vector<LocationId>, int64_t>> stacks;
  auto profile = std::make_shared<StackProfile>(f.code);
  std::vector<LocationId> used;
  for (uint32_t i = 0; i < 500; ++i) {
    used.push_back(f.Js("f" + std::to_string(i), "x.js", 1, i, 1));
    profile->Add(used, 0, {1, 1});
  }
  parts.push_back({profile, {}});
  std::string error;
  size_t samples = 0;
  std::thread encoder([&] {
    for (int i = 0; i < 5; ++i) {
      const auto out = test::ReadPprof(EncodePprof(f.options, parts, nullptr), error);
      if (out) samples += out->samples.size();
    }
  });
  for (uint32_t i = 0; i < 5000; ++i) {
    const std::string number = std::to_string(i);
    f.Js("new" + number, "y" + number, 1, i, 1);
    const LocationId location = used[i % used.size()];
    f.code->RenameFunction(f.code->location(location).function, f.Text("better" + number));
    f.code->SetMapped(location, {.file = f.Text("src" + number), .line = i});
  }
  encoder.join();
  EXPECT_EQ(error, "");
  EXPECT_EQ(samples, 5 * 500u);
}

}  // namespace
}  // namespace hotspan
