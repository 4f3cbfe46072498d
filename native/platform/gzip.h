#pragma once

#include <string>
#include <string_view>

namespace hotspan {

// Compresses with Node's own zlib, which is in the process. False when the process
// has no zlib, or no memory is left. Any thread.
bool Gzip(std::string_view bytes, std::string* gzipped);

}  // namespace hotspan
