// Equality and hash of a type from one list.
#pragma once

#include <tuple>

namespace vrrp {

// `fields()` ties what makes a value the one that it is.
template <typename T>
concept Listed = requires(const T& value) {
    value.fields();
};

// A template, so that only who compares compiles the comparison.
template <Listed T>
bool operator==(const T& a, const T& b) {
    return a.fields() == b.fields();
}

} // namespace vrrp
