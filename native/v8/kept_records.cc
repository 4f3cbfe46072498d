#include "kept_records.h"

namespace hotspan {

void KeptRecords::Add(std::span<const uint64_t> record, FrameResolver& resolver) {
  words_.push_back(record.size());
  words_.insert(words_.end(), record.begin(), record.end());
  resolver.BeginLasting(FramesOf(std::span(words_).last(record.size())),
                        UnpackHeader(record).kind == RecordKind::kStack);
}

void KeptRecords::AddCollection(std::span<const uint64_t> record,
                                std::span<const uint64_t> triggered_by, uint64_t context,
                                FrameResolver& resolver) {
  const std::span<const uint64_t> header = record.first(RecordHeader::kWords);
  words_.push_back(header.size() + triggered_by.size());
  words_.insert(words_.end(), header.begin(), header.end());
  words_.insert(words_.end(), triggered_by.begin(), triggered_by.end());
  const std::span<uint64_t> added = std::span(words_).last(header.size() + triggered_by.size());
  added[RecordHeader::kContextWord] = context;
  resolver.BeginLasting(FramesOf(added), false);
}

bool KeptRecords::MakeLasting(FrameResolver& resolver, ContextTable& contexts) {
  resolver.ReadAhead();
  bool can_last = true;
  EachFrom(lasting_, [&](std::span<uint64_t> record) {
    can_last = can_last && resolver.CanLast(FramesOf(record));
  });
  if (!can_last) return false;
  EachFrom(lasting_, [&](std::span<uint64_t> record) {
    resolver.MakeLasting(FramesOf(record));
    uint64_t& context = record[RecordHeader::kContextWord];
    // Without a stack there is nothing to label.
    context = FramesOf(record).empty() ? 0 : contexts.Hold(context);
  });
  lasting_ = words_.size();
  return true;
}

}  // namespace hotspan
