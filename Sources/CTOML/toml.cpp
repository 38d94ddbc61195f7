// toml++ called through one C function. Parsing, and every decision about the text, is toml++'s.
// Must not hold anything between two calls.

// Errors are values here: nothing may be thrown through Swift.
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include "CTOML.h"

#include <algorithm>
#include <cstring>
#include <exception>

// Some texts that are not TOML break what the library asserts, and then no text may end the program. Without its assertions it would go on
// with what it takes for granted, so they must not be compiled out either.
struct broken_assertion : std::exception {};
[[noreturn]] static void break_assertion() { throw broken_assertion(); }
#undef NDEBUG
#define TOML_ASSERT(expression) ((expression) ? void() : break_assertion())
#include <toml++/toml.h>

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

bool breaks_assertion(std::string_view text) {
    try {
        (void)toml::parse(text);
        return false;
    } catch (const broken_assertion &) {
        return true;
    }
}

/// How many bytes the first `count` lines have.
size_t end_of_lines(std::string_view text, size_t count) {
    size_t end = 0;
    for (; count > 0 && end < text.size(); count--) end = std::min(text.size(), text.find('\n', end)) + 1;
    return std::min(end, text.size());
}

/// The line at which an assertion breaks: the last one of the fewest lines that break it.
size_t broken_line(std::string_view text) {
    size_t whole = 0;
    size_t broken = std::count(text.begin(), text.end(), '\n') + 1;
    while (broken - whole > 1) {
        const size_t middle = whole + (broken - whole) / 2;
        (breaks_assertion(text.substr(0, end_of_lines(text, middle))) ? broken : whole) = middle;
    }
    return broken;
}

}  // namespace

// The library throws nothing by itself, but it asks for memory.
bool plugboard_toml_read(
    const char *text, size_t length, void *context, plugboard_toml_visit visit, plugboard_toml_problem *problem) try {
    const auto result = toml::parse(std::string_view(text, length));
    if (!result) {
        tell(problem, result.error().description(), result.error().source().begin);
        return false;
    }
    Walk{context, visit}.elements(result.table());
    return true;
} catch (const broken_assertion &) {
    tell(problem, "what is on this line is not TOML", {static_cast<toml::source_index>(broken_line({text, length})), 1});
    return false;
} catch (const std::exception &) {
    tell(problem, "there is not enough memory to read it", {1, 1});
    return false;
}
