#include "../../v8/park_detector.h"

#include "../support/check.h"

namespace hotspan {
namespace {

constexpr uint64_t kSampleNs = 20'000;  // what a sample costs the thread

TEST(ParkDetector_parks_after_three_samples_at_one_place) {
  ParkDetector park;
  uint64_t cpu = 5'000'000;
  for (int sample = 0; sample < 3; ++sample) {
    EXPECT(!park.StillParked(cpu));
    EXPECT_EQ(park.Parks(true, cpu, 7), sample == 2);
    if (sample < 2) cpu += kSampleNs;
  }
  for (int tick = 0; tick < 100; ++tick) EXPECT(park.StillParked(cpu));
  EXPECT(!park.StillParked(cpu + 1));
  EXPECT(!park.StillParked(cpu));
}

TEST(ParkDetector_samples_whoever_moves) {
  ParkDetector elsewhere, working, queueing;
  for (uint64_t tick = 0; tick < 50; ++tick) {
    EXPECT(!elsewhere.StillParked(tick * kSampleNs));
    EXPECT(!elsewhere.Parks(true, tick * kSampleNs, tick % 3));
    EXPECT(!working.StillParked(tick * 1'000'000));
    EXPECT(!working.Parks(true, tick * 1'000'000, 7));
    EXPECT(!queueing.Parks(false, 5, 7));
  }
}

TEST(ParkDetector_starts_over_when_a_thread_goes_on) {
  ParkDetector park;
  for (int tick = 0; tick < 3; ++tick) park.Parks(true, 100, 7);
  EXPECT(park.StillParked(100));
  EXPECT(!park.StillParked(200));
  EXPECT(!park.Parks(true, 200, 7));
  EXPECT(!park.StillParked(200));
}

}  // namespace
}  // namespace hotspan
