#pragma once

#include <string>
#include <string_view>

namespace hotspan {

// Compresses with the zlib that is in the process: Node's own. False when there
// is none, or no memory for it. Any thread.
bool Gzip(std::string_view bytes, std::string* gzipped);

}  // namespace hotspan
