// simdjson as one C function. Must not hold anything between two calls but its parser's memory.
#include "COracles.h"

#include <simdjson.h>

int oracle_json(const uint8_t *bytes, size_t count) {
    static simdjson::dom::parser parser;
    // It reads past the end of what is not padded.
    const simdjson::padded_string text(reinterpret_cast<const char *>(bytes), count);
    simdjson::dom::element element;
    switch (parser.parse(text).get(element)) {
    case simdjson::SUCCESS: return 1;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC:
    case simdjson::DEPTH_ERROR: return -1;
    default: return 0;
    }
}

int oracle_json_texts(const uint8_t *bytes, size_t count) {
    static simdjson::dom::parser parser;
    const simdjson::padded_string text(reinterpret_cast<const char *>(bytes), count);
    simdjson::dom::document_stream stream;
    if (parser.parse_many(text, 1 << 20).get(stream) != simdjson::SUCCESS) return -1;
    for (auto document : stream) {
        const auto error = document.error();
        if (error == simdjson::CAPACITY || error == simdjson::MEMALLOC || error == simdjson::DEPTH_ERROR) return -1;
        if (error != simdjson::SUCCESS) return 0;
    }
    return stream.truncated_bytes() == 0;
}
