#include "../../platform/thread_state.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "../../platform/thread_list.h"
#include "../support/check.h"

namespace hotspan {
namespace {

// A thread that works or sleeps, as long as the object lives.
class OtherThread {
 public:
  explicit OtherThread(bool works)
      : thread_([this, works] {
          id_.store(gettid());
          while (!ends_.load()) {
            if (!works) std::this_thread::sleep_for(std::chrono::milliseconds(200));
          }
        }) {
    while (id_.load() == 0) std::this_thread::yield();
    // Until it does what it is to do.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ~OtherThread() { End(); }
  int id() const { return id_.load(); }
  void End() {
    ends_.store(true);
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::atomic<int> id_{0};
  std::atomic<bool> ends_{false};
  std::thread thread_;
};

ThreadState Read(ThreadStateReader& reader, int id) {
  return reader.Read(CpuNsOfThread(id).value_or(0));
}

int OpenFiles() {
  int count = 0;
  DIR* directory = opendir("/proc/self/fd");
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

int LowestFreeFile() {
  int file = open("/dev/null", O_RDONLY);
  close(file);
  return file;
}

TEST(ThreadStateReader_tells_work_from_sleep) {
  OtherThread works(true), sleeps(false);
  ThreadStateReader of_works(works.id()), of_sleeps(sleeps.id());
  int working = 0, sleeping = 0;
  for (int i = 0; i < 50; ++i) {
    working += Read(of_works, works.id()) != ThreadState::kSleeps;
    sleeping += Read(of_sleeps, sleeps.id()) == ThreadState::kSleeps;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(working, 50);
  EXPECT(sleeping >= 48);  // it wakes now and then
}

TEST(ThreadStateReader_of_a_thread_that_is_gone_sees_sleep_and_holds_no_file) {
  OtherThread other(false);
  int id = other.id();
  int before = OpenFiles();
  {
    ThreadStateReader reader(id), unused(id);
    Read(reader, id);
    EXPECT_EQ(OpenFiles(), before + 1);
    other.End();
    EXPECT(reader.Read(0) == ThreadState::kSleeps);
    EXPECT(reader.Read(0) == ThreadState::kSleeps);
  }
  EXPECT_EQ(OpenFiles(), before);
}

TEST(ThreadStateReader_leaves_alone_the_file_of_an_app_that_closed_ours) {
  OtherThread sleeps(false);
  int first = LowestFreeFile();
  {
    ThreadStateReader reader(sleeps.id());
    Read(reader, sleeps.id());
    close(first);
    EXPECT_EQ(open("/proc/self/status", O_RDONLY), first);
    int second = LowestFreeFile();
    EXPECT(Read(reader, sleeps.id()) == ThreadState::kSleeps);
    EXPECT(fcntl(second, F_GETFD) >= 0);
    close(second);
    EXPECT_EQ(open("/proc/self/status", O_RDONLY), second);
  }
  for (int file : {first, first + 1}) {
    EXPECT(fcntl(file, F_GETFD) >= 0);
    close(file);
  }
}

}  // namespace
}  // namespace hotspan
