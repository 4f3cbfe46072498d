#pragma once

#include <string>
#include <string_view>

namespace hotspan {

// Well-formed UTF-8 (Unicode 15, table 3-7): no overlong forms, no surrogates,
// nothing above U+10FFFF.
bool IsValidUtf8(std::string_view text);

// `text` with each maximal ill-formed part replaced by U+FFFD, as the WHATWG
// decoder does.
std::string ReplaceInvalidUtf8(std::string_view text);

}  // namespace hotspan
