#pragma once

#include <string>
#include <string_view>

namespace hotspan {

// A gzip file (RFC 1952) that holds `bytes` as they are: for the moment when
// memory has run out and there is no compressor at hand. Any thread.
std::string StoredGzip(std::string_view bytes);

}  // namespace hotspan
