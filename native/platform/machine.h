#pragma once

// The processor that this is built for. A port adds a file beside
// machine_x64.h that declares the same, and a branch here.

#if defined(__x86_64__) && defined(__LP64__)
#include "machine_x64.h"
#else
#error "hotspan's native engine knows no frames of this processor: see native/platform/machine_x64.h"
#endif
