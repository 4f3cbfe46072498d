#include "process_heap.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "../platform/whole_file.h"

namespace hotspan {

void HeapCollector::Expect() {
  std::lock_guard lock(mutex_);
  ++expected_;
}

void HeapCollector::Add(TakenHeap taken) {
  std::lock_guard lock(mutex_);
  --expected_;
  if (taken.part.profile != nullptr) taken_.push_back(std::move(taken));
  changed_.notify_all();
}

HeapCollector::Collected HeapCollector::Wait(int patience_ms) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::milliseconds(patience_ms), [&] { return expected_ == 0; });
  Collected collected;
  for (const TakenHeap& taken : taken_) {
    collected.parts.push_back(taken.part);
    std::copy(taken.comments.begin(), taken.comments.end(), std::back_inserter(collected.comments));
  }
  collected.comments.push_back("memory: resident " + std::to_string(ResidentBytes()) + " bytes");
  if (expected_ > 0) {
    collected.comments.push_back("lost: " + std::to_string(expected_) +
                                 " threads did not answer in time; their heaps are not in the profile");
  }
  return collected;
}

ProcessHeap& ProcessHeap::Get() {
  static auto* const heap = new ProcessHeap;
  return *heap;
}

void ProcessHeap::Attach(HeapSampler& sampler) {
  std::vector<Session> sessions;
  std::optional<OutOfMemoryFile> file;
  {
    std::lock_guard lock(mutex_);
    if (std::find(samplers_.begin(), samplers_.end(), &sampler) != samplers_.end()) return;
    samplers_.push_back(&sampler);
    sessions = sessions_;
    file = out_of_memory_;
  }
  std::string why;  // without it the thread is not in the profile
  for (const Session& session : sessions) sampler.OpenSession(session.id, session.interval, &why);
  if (file) sampler.WatchOutOfMemory(*file);
}

void ProcessHeap::Detach(HeapSampler& sampler) {
  {
    std::lock_guard lock(mutex_);
    std::erase(samplers_, &sampler);
  }
  sampler.RunTasks();  // who waits for this thread's part gets it
  sampler.Stop();
}

uint32_t ProcessHeap::OpenSession(uint64_t interval_bytes, HeapSampler& caller, std::string* why) {
  Session session{0, interval_bytes};
  {
    std::lock_guard lock(mutex_);
    session.id = next_session_++;
  }
  if (!caller.OpenSession(session.id, interval_bytes, why)) return 0;
  std::lock_guard lock(mutex_);
  sessions_.push_back(session);
  for (HeapSampler* sampler : samplers_) {
    if (sampler == &caller) continue;
    sampler->Post([session](HeapSampler& self) {
      std::string unused;
      self.OpenSession(session.id, session.interval, &unused);
    });
  }
  return session.id;
}

std::shared_ptr<HeapCollector> ProcessHeap::TakeSession(uint32_t id, bool reopen, HeapSampler& caller) {
  auto collector = std::make_shared<HeapCollector>();
  {
    std::lock_guard lock(mutex_);
    const auto session = std::find_if(sessions_.begin(), sessions_.end(),
                                      [&](const Session& s) { return s.id == id; });
    if (session == sessions_.end()) return nullptr;
    collector->interval_bytes = session->interval;
    for (HeapSampler* sampler : samplers_) {
      if (sampler == &caller) continue;
      collector->Expect();
      sampler->Post([=](HeapSampler& self) { collector->Add(self.TakeSession(id, reopen)); });
    }
    if (!reopen) sessions_.erase(session);
    if (sessions_.empty()) out_of_memory_.reset();
  }
  collector->Expect();
  collector->Add(caller.TakeSession(id, reopen));
  return collector;
}

size_t ProcessHeap::bytes_held() {
  std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const HeapSampler* sampler : samplers_) bytes += sampler->bytes_held();
  return bytes;
}

void ProcessHeap::WatchOutOfMemory(const OutOfMemoryFile& file, HeapSampler& caller) {
  caller.WatchOutOfMemory(file);
  std::lock_guard lock(mutex_);
  if (sessions_.empty()) return;
  out_of_memory_ = file;
  for (HeapSampler* sampler : samplers_) {
    if (sampler != &caller) sampler->Post([file](HeapSampler& self) { self.WatchOutOfMemory(file); });
  }
}

}  // namespace hotspan
