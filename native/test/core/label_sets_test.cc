#include "../../core/label_sets.h"

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "../../core/stack_profile.h"
#include "../support/check.h"

namespace hotspan {
namespace {

std::vector<Label> Span(std::string id) { return {{.key = "span_id", .text = std::move(id)}}; }

std::string TextOf(const LabelSets& sets, LabelSetId id) {
  std::string text;
  for (const auto& entry : sets.Get(id)) {
    text += std::string(entry.key) + "=" +
            (entry.is_number ? std::to_string(entry.number) : std::string(entry.text)) + ";";
  }
  return text;
}

TEST(LabelSets_gives_each_id_the_first_labels_it_gets) {
  LabelSets sets;
  const LabelSetId a = sets.Reserve(), b = sets.Reserve(), c = sets.Reserve();
  EXPECT(a != 0 && b != a && c != b);
  sets.Assign(b, Span("b"));
  sets.Assign(b, Span("other"));
  sets.Assign(a, std::vector<Label>{{.key = "n", .number = -5, .is_number = true}});
  sets.Assign(77, Span("no such id"));
  EXPECT_EQ(sets.counts().awaiting, 1u);
  LateValues late;
  sets.Freeze(late);
  EXPECT_EQ(TextOf(sets, a), "n=-5;");
  EXPECT_EQ(TextOf(sets, b), "span_id=b;");
  EXPECT_EQ(TextOf(sets, c), "");
  EXPECT_EQ(TextOf(sets, 0), "");
  EXPECT_EQ(TextOf(sets, 77), "");
  sets.Assign(c, Span("too late"));
  EXPECT_EQ(TextOf(sets, c), "");
  EXPECT_EQ(sets.Reserve(), 0u);
}

TEST(LabelSets_tells_which_ids_have_equal_labels) {
  LabelSets sets;
  for (int i = 0; i < 6; ++i) sets.Reserve();
  sets.Assign(3, Span("x"));
  sets.Assign(1, Span("y"));
  sets.Assign(2, Span("x"));
  sets.Assign(4, Span("y"));
  sets.Assign(5, {});
  EXPECT(sets.FirstEqualIds() == (std::vector<LabelSetId>{0, 1, 3, 3, 1, 0, 6}));
}

TEST(LabelSets_adopts_the_sets_of_another) {
  LateValues late;
  LabelSets ended, worker;
  ended.Assign(ended.Reserve(), Span("before"));
  const LabelSetId a = worker.Reserve(), b = worker.Reserve(), same = worker.Reserve();
  worker.Reserve();  // its labels never come
  worker.Assign(a, Span("a"));
  worker.Assign(same, Span("a"));
  worker.Assign(b, std::vector<Label>{{.key = "endpoint", .late = late.Reserve()}});
  const auto ids = ended.Adopt(worker, std::vector<Label>{{.key = "thread", .text = "worker-1"}});
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_EQ(ids[a], ids[same]);
  EXPECT_EQ(ids[4], ids[0]);
  late.Set(1, "GET /");
  ended.Freeze(late);
  EXPECT_EQ(TextOf(ended, ids[a]), "thread=worker-1;span_id=a;");
  EXPECT_EQ(TextOf(ended, ids[b]), "thread=worker-1;endpoint=GET /;");
  EXPECT_EQ(TextOf(ended, ids[0]), "thread=worker-1;");
  EXPECT_EQ(TextOf(ended, 1), "span_id=before;");
}

TEST(LabelSets_counts_what_finds_no_room) {
  LabelSets sets({.max_ids = 10, .max_sets = 2});
  for (int i = 0; i < 10; ++i) EXPECT(sets.Reserve() != 0);
  EXPECT_EQ(sets.Reserve(), 0u);
  for (LabelSetId id = 1; id <= 5; ++id) sets.Assign(id, Span(std::to_string(id % 3)));
  EXPECT_EQ(sets.counts().dropped, 2u);  // one id, and the third distinct set
  LateValues late;
  sets.Freeze(late);
  EXPECT_EQ(TextOf(sets, 4), "span_id=1;");
  EXPECT_EQ(TextOf(sets, 3), "");

  LabelSets small({.max_bytes = 64 * 1024});
  for (int i = 0; i < 10'000; ++i) small.Assign(small.Reserve(), Span(std::string(100, 'x') + std::to_string(i)));
  EXPECT(small.counts().dropped > 5000);
  EXPECT(small.bytes_held() < 1024 * 1024);
}

TEST(LabelSets_takes_late_values_as_they_are_in_the_end) {
  LateValues late;
  const LateValueId known = late.Reserve(), unknown = late.Reserve();
  const auto labels = [](LateValueId id, std::string text) {
    return std::vector<Label>{{.key = "endpoint", .text = std::move(text), .late = id}};
  };
  LabelSets sets;
  for (int i = 0; i < 3; ++i) sets.Reserve();
  sets.Assign(1, labels(known, ""));
  sets.Assign(2, labels(unknown, "GET"));
  sets.Assign(3, labels(unknown, ""));
  late.Set(known, "GET /users/:id");
  late.Set(known, "never mind");
  late.Set(99, "not reserved");
  sets.Freeze(late);
  EXPECT_EQ(TextOf(sets, 1), "endpoint=GET /users/:id;");
  EXPECT_EQ(TextOf(sets, 2), "endpoint=GET;");
  EXPECT_EQ(TextOf(sets, 3), "");
  EXPECT(!late.Get(99).has_value());
}

TEST(LateValues_forgets_the_oldest) {
  LateValues late(3);
  std::vector<LateValueId> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(late.Reserve());
    late.Set(ids.back(), std::to_string(i));
  }
  EXPECT(!late.Get(ids[0]).has_value() && !late.Get(ids[1]).has_value());
  EXPECT_EQ(late.Get(ids[2]).value_or(""), "2");
  EXPECT_EQ(late.Get(ids[4]).value_or(""), "4");
}

TEST(LabelSets_may_be_frozen_while_labels_arrive) {
  for (int round = 0; round < 20; ++round) {
    LabelSets sets;
    LateValues late;
    std::atomic<bool> go{false};
    std::thread isolate([&] {
      while (!go.load()) {}
      for (int i = 0; i < 2000; ++i) sets.Assign(sets.Reserve(), Span(std::to_string(i % 50)));
    });
    go.store(true);
    for (int i = 0; i < round * 100; ++i) sets.counts();
    sets.Freeze(late);
    size_t wrong = 0;
    for (LabelSetId id = 1; id < 2000; ++id) {
      const std::string text = TextOf(sets, id);
      wrong += !text.empty() && text != "span_id=" + std::to_string((id - 1) % 50) + ";";
    }
    isolate.join();
    EXPECT_EQ(wrong, 0u);
  }
}

TEST(StackProfile_adds_up_equal_labels_before_it_overflows) {
  const std::vector<LocationId> stack{1, 2};
  StackProfile profile(std::make_shared<CodeTable>(), {.max_samples = 100});
  for (int i = 0; i < 5000; ++i) {
    const LabelSetId id = profile.labels().Reserve();
    EXPECT(profile.Add(stack, id, {1}));
    profile.labels().Assign(id, Span(std::to_string(i % 10)));
  }
  EXPECT_EQ(profile.overflow_count(), 0u);
  EXPECT(profile.samples().size() <= 100);
  int64_t sum = 0;
  for (const auto& sample : profile.samples()) sum += sample.values[0];
  EXPECT_EQ(sum, 5000);
}

TEST(StackProfile_full_of_distinct_labels_overflows_and_keeps_the_sum) {
  const std::vector<LocationId> stack{1, 2};
  StackProfile profile(std::make_shared<CodeTable>(), {.max_samples = 100});
  for (int i = 0; i < 5000; ++i) {
    const LabelSetId id = profile.labels().Reserve();
    profile.Add(stack, id, {1});
    profile.labels().Assign(id, Span(std::to_string(i)));
  }
  EXPECT_EQ(profile.samples().size(), 100u);
  int64_t sum = profile.overflow_values()[0];
  for (const auto& sample : profile.samples()) sum += sample.values[0];
  EXPECT_EQ(sum, 5000);
}

}  // namespace
}  // namespace hotspan
