#include "../../v8/allocation_group.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "../support/check.h"

namespace hotspan {
namespace {

constexpr uint16_t kMapType = 255, kMementoType = 142, kObjectType = 1057, kArrayType = 205;

// Maps, and objects that have them, as words in the order of V8's.
class Heap {
 public:
  Heap() {
    layout_.map_instance_size_words = 8;
    layout_.map_instance_type = 12;
    layout_.type_map = kMapType;
    layout_.type_allocation_memento = kMementoType;
    map_of_maps = AddMap(kMapType, 10);
    of_objects = AddMap(kObjectType, 8);
    of_mementos = AddMap(kMementoType, 2);
    of_arrays = AddMap(kArrayType, 0);
    of_fillers = AddMap(131, 1);
  }

  // An object with this map in the next words.
  Heap& Add(uint64_t map, size_t words) {
    objects_[used_] = map;
    used_ += words;
    return *this;
  }
  AllocationGroup Read(unsigned seed = 1) const {
    const HeapReader reader(layout_);
    std::minstd_rand random(seed);
    return ReadAllocationGroup(reader, address(), used_ * 8, random);
  }
  uint64_t address() const { return reinterpret_cast<uint64_t>(objects_.data()); }

  uint64_t map_of_maps = 0, of_objects, of_mementos, of_arrays, of_fillers;

 private:
  uint64_t AddMap(uint16_t type, uint8_t size_in_words) {
    uint64_t* map = maps_[map_count_++].data();
    const uint64_t tagged = reinterpret_cast<uint64_t>(map) + 1;
    map[0] = map_of_maps == 0 ? tagged : map_of_maps;
    std::memcpy(reinterpret_cast<uint8_t*>(map) + 8, &size_in_words, 1);
    std::memcpy(reinterpret_cast<uint8_t*>(map) + 12, &type, sizeof type);
    return tagged;
  }

  Layout layout_{};
  size_t map_count_ = 0, used_ = 0;
  std::array<std::array<uint64_t, 10>, 5> maps_{};
  std::array<uint64_t, 4096> objects_{};
};

void ExpectGroup(const AllocationGroup& group, uint32_t objects, uint32_t bytes) {
  EXPECT_EQ(group.objects, objects);
  EXPECT_EQ(group.bytes, bytes);
}

TEST(ReadAllocationGroup_knows_a_single_object_of_fixed_and_of_any_size) {
  Heap one;
  ExpectGroup(one.Add(one.of_objects, 8).Read(), 1, 64);
  Heap array;
  ExpectGroup(array.Add(array.of_arrays, 1000).Read(), 1, 8000);
}

TEST(ReadAllocationGroup_counts_the_objects_of_several_turns_of_a_loop) {
  Heap heap;
  for (int i = 0; i < 4; ++i) heap.Add(heap.of_objects, 8);
  ExpectGroup(heap.Read(), 4, 4 * 64);
}

TEST(ReadAllocationGroup_leaves_out_what_goes_with_the_next_collection) {
  Heap heap;
  heap.Add(heap.of_objects, 8).Add(heap.of_mementos, 2);
  ExpectGroup(heap.Read(), 1, 64);
  heap.Add(heap.of_fillers, 1).Add(heap.of_arrays, 30);
  ExpectGroup(heap.Read(), 2, 64 + 240);
}

TEST(ReadAllocationGroup_chooses_each_object_as_often_as_it_is_large) {
  Heap heap;
  heap.Add(heap.of_mementos, 2).Add(heap.of_objects, 8).Add(heap.of_arrays, 24);
  constexpr unsigned kTimes = 4000;
  unsigned array = 0;
  for (unsigned seed = 1; seed <= kTimes; ++seed) {
    // Seeds that follow one another give first numbers that do.
    const AllocationGroup group = heap.Read(seed * 2654435761u);
    const bool is_array = group.chosen == heap.address() + 10 * 8;
    EXPECT(is_array || group.chosen == heap.address() + 2 * 8);
    EXPECT_EQ(group.chosen_bytes, is_array ? 192u : 64u);
    array += is_array;
  }
  // 192 of 256 bytes; five standard deviations.
  EXPECT(array > 0.75 * kTimes - 140 && array < 0.75 * kTimes + 140);
}

TEST(ReadAllocationGroup_chooses_nothing_without_a_proven_map) {
  Heap unmade;
  const AllocationGroup group = unmade.Add(0, 8).Read();
  ExpectGroup(group, 1, 64);
  EXPECT_EQ(group.chosen, uint64_t{0});
  // What points to no map, though to something that can be read.
  Heap wrong;
  EXPECT_EQ(wrong.Add(wrong.address() + 801, 8).Read().chosen, uint64_t{0});
}

TEST(ReadAllocationGroup_takes_what_it_cannot_read_for_one_object) {
  Heap half;
  ExpectGroup(half.Add(half.of_objects, 8).Add(0x1234'5671, 8).Read(), 1, 128);
  EXPECT_EQ(half.Read().chosen, half.address());
  Heap short_of_it;
  ExpectGroup(short_of_it.Add(short_of_it.of_objects, 5).Read(), 1, 40);
  Heap mementos;
  ExpectGroup(mementos.Add(mementos.of_mementos, 2).Read(), 1, 16);
  Heap many;
  for (int i = 0; i < 200; ++i) many.Add(many.of_objects, 8);
  ExpectGroup(many.Read(), 1, 200 * 64);
}

}  // namespace
}  // namespace hotspan
