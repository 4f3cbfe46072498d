#pragma once

#include <napi.h>

namespace hotspan {

// Adds gzip() and gzipSync() to the addon.
void ExportGzip(Napi::Env env, Napi::Object exports);

}  // namespace hotspan
