#include "../../v8/park_detector.h"

#include "../support/check.h"

namespace hotspan {
namespace {

constexpr uint64_t kSampleNs = 20'000;  // what a sample costs the thread

TEST(ParkDetector_parks_after_three_samples_at_one_place) {
  ParkDetector park;
  uint64_t cpu = 5'000'000, now = 0;
  for (int sample = 0; sample < 3; ++sample) {
    now += 10'000'000;
    EXPECT(!park.StillParked(cpu, now));
    EXPECT_EQ(park.Parks(true, cpu, 7, now), sample == 2);
    if (sample < 2) cpu += kSampleNs;
  }
  for (int tick = 0; tick < 100; ++tick) EXPECT(park.StillParked(cpu, now += 10'000'000));
  EXPECT_EQ(park.TakeParkedUntil(), 0u);  // it has not gone on yet
  const uint64_t seen = now;
  EXPECT(!park.StillParked(cpu + 1, now + 10'000'000));
  EXPECT_EQ(park.TakeParkedUntil(), seen);
  EXPECT_EQ(park.TakeParkedUntil(), 0u);
}

TEST(ParkDetector_samples_whoever_moves) {
  ParkDetector elsewhere, working, queueing;
  uint64_t now = 0;
  for (uint64_t tick = 0; tick < 50; ++tick) {
    now += 10'000'000;
    EXPECT(!elsewhere.StillParked(tick * kSampleNs, now));
    EXPECT(!elsewhere.Parks(true, tick * kSampleNs, tick % 3, now));
    EXPECT(!working.StillParked(tick * 1'000'000, now));
    EXPECT(!working.Parks(true, tick * 1'000'000, 7, now));
    EXPECT(!queueing.Parks(false, 5, 7, now));
  }
}

TEST(ParkDetector_starts_over_when_a_thread_goes_on) {
  ParkDetector park;
  for (uint64_t tick = 1; tick <= 3; ++tick) park.Parks(true, 100, 7, tick);
  EXPECT(park.StillParked(100, 4));
  EXPECT(!park.StillParked(200, 5));
  EXPECT(!park.Parks(true, 200, 7, 5));
  EXPECT(!park.StillParked(200, 6));
}

}  // namespace
}  // namespace hotspan
