// What Swift sees of toml++: one call that parses a text and tells its tree, node by node.
// Must not know which keys there are. Nothing of the tree outlives the call.
#ifndef PLUGBOARD_CTOML_H
#define PLUGBOARD_CTOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum plugboard_toml_kind {
    // These two hold the nodes that follow, up to their end. In an array the nodes have no key.
    PLUGBOARD_TOML_TABLE,
    PLUGBOARD_TOML_ARRAY,
    PLUGBOARD_TOML_END,
    PLUGBOARD_TOML_STRING,
    PLUGBOARD_TOML_INTEGER,
    PLUGBOARD_TOML_NUMBER,
    PLUGBOARD_TOML_BOOLEAN,
    // A date, a time, or both.
    PLUGBOARD_TOML_DATE,
};

struct plugboard_toml_node {
    enum plugboard_toml_kind kind;
    // UTF-8, not ended by a zero.
    const char *key;
    size_t key_length;
    const char *text;
    size_t text_length;
    // A boolean is 0 or 1.
    int64_t integer;
    double number;
};

// Why a text is not TOML, and where: line and column are counted from 1, columns in Unicode scalars.
struct plugboard_toml_problem {
    size_t line;
    size_t column;
    char reason[512];
};

typedef void (*plugboard_toml_visit)(void *context, const struct plugboard_toml_node *node);

// Parses a text and gives `visit` the nodes of its root table, tables by their keys in the order of the alphabet. False, with a problem
// and without any visit, when the text is not TOML.
bool plugboard_toml_read(const char *text, size_t length, void *context, plugboard_toml_visit visit, struct plugboard_toml_problem *problem);

#ifdef __cplusplus
}
#endif

#endif
