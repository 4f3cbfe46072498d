{
  "targets": [
    {
      "target_name": "hotspan",
      "sources": [
        "native/addon/addon.cc",
        "native/core/code_table.cc",
        "native/core/histogram.cc",
        "native/core/pprof_encoder.cc",
        "native/core/record_ring.cc",
        "native/core/stack_profile.cc",
        "native/core/string_table.cc",
        "native/core/utf8.cc",
        "native/platform/elf_symbols_linux.cc",
        "native/platform/guarded_read_linux.cc",
        "native/platform/memory_map_linux.cc",
        "native/platform/native_code_linux.cc",
        "native/platform/native_symbolizer_linux.cc",
        "native/platform/sampler_thread_linux.cc",
        "native/platform/sampling_signal_linux.cc",
        "native/platform/termination_linux.cc",
        "native/platform/thread_list_linux.cc",
        "native/platform/thread_stack_linux.cc",
        "native/threads/thread_sample_signal.cc",
        "native/threads/thread_watcher.cc",
        "native/v8/builtins.cc",
        "native/v8/code_finder.cc",
        "native/v8/frame_resolver.cc",
        "native/v8/function_table.cc",
        "native/v8/heap_reader.cc",
        "native/v8/isolate_sampler.cc",
        "native/v8/layout.cc",
        "native/v8/native_names.cc",
        "native/v8/position_table.cc",
        "native/v8/process_sampler.cc",
        "native/v8/safepoint_table.cc",
        "native/v8/sample_handler_signal.cc",
        "native/v8/script_table.cc",
        "native/v8/stack_walker_signal.cc"
      ],
      "include_dirs": ["<!@(node -p \"require('node-addon-api').include\")"],
      "defines": ["NAPI_VERSION=9", "NODE_ADDON_API_DISABLE_DEPRECATED", "NAPI_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++1y"],
      "cflags_cc": ["-std=gnu++20", "-fexceptions", "-O3", "-fno-omit-frame-pointer", "-fvisibility=hidden", "-Wno-unused-parameter"],
      "ldflags": ["-static-libstdc++", "-static-libgcc", "-Wl,--exclude-libs,ALL"]
    }
  ]
}
