#pragma once

#include <string>
#include <string_view>

namespace hotspan {

// Writes a file that is complete as soon as it has its name: under another one
// first, in the same directory, which is made with its parents when missing.
// Readable by the owner alone. False when it cannot; nothing is left behind
// then. Any thread; needs nothing of Node.
bool WriteWholeFile(const std::string& path, std::string_view bytes);

// Resident memory of the process in bytes; 0 when it cannot be told.
size_t ResidentBytes();

}  // namespace hotspan
