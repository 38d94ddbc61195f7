// toml++ called through one C function. Parsing, and every decision about the text, is toml++'s.
// Must not hold anything between two calls.

// Errors are values here: nothing may be thrown through Swift.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include "CTOML.h"

#include <toml++/toml.h>

#include <algorithm>
#include <cstring>

namespace {

struct Walk {
    void *context;
    plugboard_toml_visit visit;

    void tell(plugboard_toml_node node, std::string_view key) const {
        node.key = key.data();
        node.key_length = key.size();
        visit(context, &node);
    }

    void elements(const toml::table &table) const {
        for (auto &&[key, value] : table) tell(value, key.str());
    }

    void tell(const toml::node &value, std::string_view key) const {
        plugboard_toml_node node{};
        if (const auto *table = value.as_table()) {
            node.kind = PLUGBOARD_TOML_TABLE;
            tell(node, key);
            elements(*table);
            return end();
        }
        if (const auto *array = value.as_array()) {
            node.kind = PLUGBOARD_TOML_ARRAY;
            tell(node, key);
            for (const auto &element : *array) tell(element, {});
            return end();
        }
        if (const auto *string = value.as_string()) {
            node.kind = PLUGBOARD_TOML_STRING;
            node.text = string->get().data();
            node.text_length = string->get().size();
        } else if (const auto *integer = value.as_integer()) {
            node.kind = PLUGBOARD_TOML_INTEGER;
            node.integer = integer->get();
        } else if (const auto *number = value.as_floating_point()) {
            node.kind = PLUGBOARD_TOML_NUMBER;
            node.number = number->get();
        } else if (const auto *boolean = value.as_boolean()) {
            node.kind = PLUGBOARD_TOML_BOOLEAN;
            node.integer = boolean->get();
        } else {
            node.kind = PLUGBOARD_TOML_DATE;
        }
        tell(node, key);
    }

    void end() const {
        plugboard_toml_node node{};
        node.kind = PLUGBOARD_TOML_END;
        visit(context, &node);
    }
};

}  // namespace

namespace {

void tell(plugboard_toml_problem *problem, std::string_view reason, toml::source_position place) {
    const auto count = std::min(reason.size(), sizeof problem->reason - 1);
    std::memcpy(problem->reason, reason.data(), count);
    problem->reason[count] = 0;
    problem->line = place.line;
    problem->column = place.column;
}

}  // namespace

// The library throws nothing, but it asks for memory.
bool plugboard_toml_read(
    const char *text, size_t length, void *context, plugboard_toml_visit visit, plugboard_toml_problem *problem) try {
    const auto result = toml::parse(std::string_view(text, length));
    if (!result) {
        tell(problem, result.error().description(), result.error().source().begin);
        return false;
    }
    Walk{context, visit}.elements(result.table());
    return true;
} catch (const std::exception &) {
    tell(problem, "there is not enough memory to read it", {1, 1});
    return false;
}
