#include "heap_sampler.h"

#include <time.h>
#include <v8-profiler.h>

#include <algorithm>
#include <utility>

#include "../core/stored_gzip.h"
#include "../platform/thread_clock.h"
#include "../platform/whole_file.h"
#include "allocation_group.h"
#include "allocation_hook.h"
#include "native_names.h"

namespace hotspan {
namespace {

// Label sets of a part.
constexpr LabelSetId kNoLabels = 0, kArrayBufferLabels = 1;

int64_t UnixNs() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

PprofOptions HeapPprofOptions(uint64_t interval_bytes) {
  PprofOptions options;
  options.sample_types = {{"alloc_objects", "count"},
                          {"alloc_space", "bytes"},
                          {"inuse_objects", "count"},
                          {"inuse_space", "bytes"}};
  options.default_sample_type = "inuse_space";
  options.period_type = {"space", "bytes"};
  options.period = static_cast<int64_t>(interval_bytes);
  return options;
}

HeapSampler::HeapSampler(v8::Isolate* isolate, IsolateSampler& isolate_sampler,
                         const Builtins& builtins, std::shared_ptr<CodeTable> code)
    : isolate_(isolate),
      isolate_sampler_(isolate_sampler),
      builtins_(builtins),
      code_(std::move(code)),
      stacks_(code_),
      buffers_(isolate, code_, isolate_sampler),
      live_(isolate),
      pace_(0, MonotonicNs_signal) {
  isolate_sampler_.AtSafepoints([](void* self) { static_cast<HeapSampler*>(self)->RunTasks(); }, this);
}

HeapSampler::~HeapSampler() {
  isolate_sampler_.AtSafepoints(nullptr, nullptr);
  Stop();
}

void HeapSampler::Post(std::function<void(HeapSampler&)> task) {
  {
    std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  isolate_sampler_.RequestSafepoint();
}

void HeapSampler::RunTasks() {
  if (writing_) return;  // V8 asks for a safepoint inside its own work
  std::vector<std::function<void(HeapSampler&)>> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks.swap(tasks_);
  }
  for (const auto& task : tasks) task(*this);
}

bool HeapSampler::Start(uint64_t interval_bytes, std::string* why) {
  // Some ms, in a process that was only just started.
  constexpr int kPatienceMs = 2000;
  if (!builtins_.WaitUntilLoaded(kPatienceMs)) {
    *why = "the symbols of node are still being read";
    return false;
  }
  if (!Hook(interval_bytes, why)) return false;
  isolate_->AddGCPrologueCallback(OnGcPrologue, this);
  interval_ = interval_bytes;
  buffers_.Start(interval_bytes);
  running_ = true;
  return true;
}

bool HeapSampler::Hook(uint64_t interval_bytes, std::string* why) {
  v8::HeapProfiler* profiler = isolate_->GetHeapProfiler();
  // V8 keeps no stacks for us: walking one and naming its functions would be a
  // good part of what a sample costs.
  constexpr int kDepth = 0;
  if (!profiler->StartSamplingHeapProfiler(interval_bytes, kDepth, v8::HeapProfiler::kSamplingNoFlags)) {
    *why = "V8's heap profiler is in use by another tool in this process";
    return false;
  }
  pace_ = SamplingPace(interval_bytes, MonotonicNs_signal);
  const auto next_distance = [](void* self, size_t drawn) {
    return static_cast<HeapSampler*>(self)->pace_.NextDistance(drawn);
  };
  if (!AllocationHook::Install(isolate_, builtins_.heap_observer_table(), {OnSample, next_distance, this})) {
    profiler->StopSamplingHeapProfiler();
    *why = "V8's heap profiler is not built as expected";
    return false;
  }
  return true;
}

void HeapSampler::Stop() {
  if (!running_) return;
  running_ = lost_ = false;
  // Another tool may have ended it, and begun its own.
  const bool is_hooked = AllocationHook::IsInstalled();
  AllocationHook::Uninstall();
  if (is_hooked) isolate_->GetHeapProfiler()->StopSamplingHeapProfiler();
  isolate_->RemoveGCPrologueCallback(OnGcPrologue, this);
  buffers_.Stop();
  sessions_.clear();
  pending_ = {};
  live_.Clear();
  stacks_.Clear();
  if (watching_) isolate_->RemoveNearHeapLimitCallback(OnNearHeapLimit, 0);
  watching_ = false;
  CountBytes();
}

// Inside V8's allocator.
void HeapSampler::OnSample(void* data, uint64_t address, size_t size, size_t since) {
  auto* self = static_cast<HeapSampler*>(data);
  const double interval = self->pace_.OnSample(since, size);
  self->LookAtPending();
  const uint32_t stack = self->stacks_.Current(self->isolate_sampler_);
  self->stacks_.Count(stack, ScaleSample(size, interval));
  // Inside a collection V8 tells nobody of another.
  if (!self->isolate_sampler_.collecting()) self->pending_ = {address, size, interval, stack};
  if (++self->samples_ % 4096 == 0) self->CountBytes();
}

void HeapSampler::OnGcPrologue(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* data) {
  static_cast<HeapSampler*>(data)->LookAtPending();
}

// What the last sample was of. Before anything moves, and no sooner than V8
// allocates again.
void HeapSampler::LookAtPending() {
  const Pending sample = std::exchange(pending_, {});
  if (sample.address == 0) return;
  const HeapReader* heap = isolate_sampler_.HeapAtSafepoint();
  const AllocationGroup group =
      heap != nullptr ? ReadAllocationGroup(*heap, sample.address, sample.size, random_) : AllocationGroup{};
  if (group.chosen == 0) {
    ++unread_samples_;
    return;
  }
  const double allocations = ScaleSample(sample.size, sample.interval).objects;
  // The first is counted.
  if (group.objects > 1) stacks_.Count(sample.stack, {allocations * (group.objects - 1), 0});
  const double bytes = allocations * group.bytes;
  live_.Follow(group.chosen, sample.stack, {bytes / group.chosen_bytes, bytes});
}

bool HeapSampler::OpenSession(uint32_t id, uint64_t interval_bytes, std::string* why) {
  if (running_) {
    Rehook();
  } else if (!Start(interval_bytes, why)) {
    return false;
  }
  sessions_.push_back({id, stacks_.allocated(), buffers_.stacks().allocated()});
  return true;
}

TakenHeap HeapSampler::TakeSession(uint32_t id, bool reopen) {
  const auto session = std::find_if(sessions_.begin(), sessions_.end(),
                                    [&](const Session& s) { return s.id == id; });
  if (session == sessions_.end()) return {};
  TakenHeap taken = Take(*session);
  if (reopen) {
    session->objects_before = stacks_.allocated();
    session->buffers_before = buffers_.stacks().allocated();
  } else {
    sessions_.erase(session);
    if (sessions_.empty()) Stop();
  }
  return taken;
}

void HeapSampler::SumLive(AllocationStacks::Sums* live) {
  LookAtPending();
  Rehook();
  live->assign(stacks_.allocated().size(), {});
  live_.SumTo(live);
}

// V8 has one sampler for all: another tool may have stopped hotspan's, and have its own by now.
void HeapSampler::Rehook() {
  if (AllocationHook::IsInstalled()) return;
  if (!lost_) ++stops_;
  std::string why;
  lost_ = !Hook(interval_, &why);
}

TakenHeap HeapSampler::Take(const Session& session) {
  AllocationStacks::Sums live_objects, live_buffers;
  SumLive(&live_objects);
  buffers_.SumLive(&live_buffers);
  auto profile = std::make_shared<StackProfile>(code_);
  stacks_.AddTo(*profile, kNoLabels, live_objects, session.objects_before);
  buffers_.stacks().AddTo(*profile, kArrayBufferLabels, live_buffers, session.buffers_before);
  TakenHeap taken;
  taken.part = {std::move(profile),
                {{.key = "thread", .text = thread()}},
                {{}, {{.key = "memory", .text = "array buffer"}}}};
  taken.comments = Describe();
  CountBytes();
  return taken;
}

std::vector<std::string> HeapSampler::Describe() {
  v8::HeapStatistics heap;
  isolate_->GetHeapStatistics(&heap);
  std::vector<std::string> lines;
  const auto add = [&](const std::string& name, size_t bytes) {
    lines.push_back("memory: " + thread() + ": " + name + " " + std::to_string(bytes) + " bytes");
  };
  add("heap used", heap.used_heap_size());
  add("heap total", heap.total_heap_size());
  add("heap limit", heap.heap_size_limit());
  add("external and array buffers", heap.external_memory());
  add("malloced by V8", heap.malloced_memory());
  for (size_t i = 0; i < isolate_->NumberOfHeapSpaces(); ++i) {
    v8::HeapSpaceStatistics space;
    if (!isolate_->GetHeapSpaceStatistics(&space, i) || space.space_used_size() == 0) continue;
    add(std::string("space ") + space.space_name(), space.space_used_size());
  }
  const auto lost = [&](uint64_t count, const char* what) {
    if (count > 0) lines.push_back("lost: " + thread() + ": " + std::to_string(count) + " " + what);
  };
  lost(unread_samples_, "samples are in alloc_* alone: what they were of is not known");
  lost(stops_, lost_ ? "times another tool stopped V8's heap sampler, and has it now; what was allocated since is not known"
                     : "times another tool stopped V8's heap sampler; what was allocated from then until a profile's "
                       "end is not known");
  return lines;
}

void HeapSampler::WatchOutOfMemory(OutOfMemoryFile file) {
  if (!running_) return;
  out_of_memory_ = std::move(file);
  if (!watching_) isolate_->AddNearHeapLimitCallback(OnNearHeapLimit, this);
  watching_ = true;
}

// V8 calls this after a collection that freed too little, with its heap in
// order and collections allowed. Taking the profile makes some strings in the
// heap, so V8 may call again from within: then it gets more.
size_t HeapSampler::OnNearHeapLimit(void* data, size_t current, size_t) {
  auto* self = static_cast<HeapSampler*>(data);
  constexpr size_t kStep = 4 * 1024 * 1024;
  if (self->writing_) {
    // Above what is in use, too, or V8 ends the process instead of this call.
    v8::HeapStatistics heap;
    self->isolate_->GetHeapStatistics(&heap);
    constexpr size_t kMaxRaise = 256 * 1024 * 1024;
    if (self->limit_at_first_ == 0) self->limit_at_first_ = current;
    if (current < self->limit_at_first_ + kMaxRaise) {
      constexpr size_t kYoungGeneration = 48 * 1024 * 1024;
      self->raised_to_ = std::max(current, heap.total_heap_size()) + kYoungGeneration;
    }
    return std::max(self->raised_to_, current);
  }
  self->writing_ = true;
  self->limit_at_first_ = self->raised_to_ = current;
  self->WriteOutOfMemory();
  self->writing_ = false;
  self->watching_ = false;
  self->isolate_->RemoveNearHeapLimitCallback(OnNearHeapLimit, 0);
  // Whoever was asked before us (Node, to end a worker alone or to write a heap
  // snapshot) is asked now. Later may be too late: V8 asks once a collection, and
  // may find at the next one that no raised limit would do any more.
  using Ask = bool (*)(void* heap);
  const auto ask = reinterpret_cast<Ask>(self->builtins_.near_heap_limit_function());
  if (ask != nullptr && AllocationHook::heap() != nullptr) ask(AllocationHook::heap());
  // More than any limit set meanwhile, or V8 would end the process here and now.
  v8::HeapStatistics heap;
  self->isolate_->GetHeapStatistics(&heap);
  return std::max({self->raised_to_, current, heap.heap_size_limit()}) + kStep;
}

void HeapSampler::WriteOutOfMemory() {
  TakenHeap taken = Take(sessions_.empty() ? Session{} : sessions_.front());
  taken.part.labels.push_back({.key = "on_oom", .text = "true"});
  PprofOptions options = HeapPprofOptions(interval_);
  options.time_unix_ns = out_of_memory_.start_unix_ns;
  options.duration_ns = UnixNs() - out_of_memory_.start_unix_ns;
  options.comments = out_of_memory_.comments;
  options.comments.insert(options.comments.end(), taken.comments.begin(), taken.comments.end());
  options.comments.push_back("memory: resident " + std::to_string(ResidentBytes()) + " bytes");
  const std::string which = thread() == "main" ? "" : "-" + thread();
  const std::string profile = StoredGzip(EncodePprof(options, {&taken.part, 1}, NameNativeFrames));
  if (!out_of_memory_.directory.empty()) {
    WriteWholeFile(out_of_memory_.directory + "/" + out_of_memory_.name + which + "-oom.pb.gz", profile);
  }
  WriteToSpool(which, profile);
}

void HeapSampler::WriteToSpool(const std::string& which, std::string_view profile) {
  const OutOfMemoryFile::Spool& spool = out_of_memory_.spool;
  if (spool.directories.empty()) return;
  const std::string end_ms = std::to_string(UnixNs() / 1'000'000);
  const std::string id = spool.id + which;
  std::string content = spool.facts + ",\"id\":\"" + id + "\",\"endMs\":" + end_ms +
                        ",\"profiles\":[{\"type\":\"heap\",\"length\":" +
                        std::to_string(profile.size()) + "}]}\n";
  content += profile;
  for (const std::string& directory : spool.directories) {
    WriteWholeFile(directory + "/" + end_ms + "-" + id + ".held." + spool.owner, content);
  }
}

void HeapSampler::CountBytes() {
  bytes_held_.store(running_ ? stacks_.bytes_held() + buffers_.bytes_held() + live_.bytes_held() : 0,
                    std::memory_order_relaxed);
}

}  // namespace hotspan
