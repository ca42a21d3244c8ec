#pragma once
#include <zlib.h>

/// deflateInit2 is a macro, which Swift does not see. Window bits above 15 ask for a gzip header.
static inline int weir_gzip_begin(z_stream *stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

/// The same for inflateInit2.
static inline int weir_gunzip_begin(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
