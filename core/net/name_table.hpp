// The names of an enum's values: what is printed, parsed, offered and documented is one list.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace vrrp {

template <typename Enum>
struct Named {
    Enum value;
    const char* name;
    const char* help = ""; // for a person who chooses among them
};

// Whether an enumerator has this value: the compiler spells it by its name, and as a cast where it has none.
template <auto value>
consteval bool is_enumerator() {
    return std::string_view(__PRETTY_FUNCTION__).find("= (") == std::string_view::npos;
}

// 1. One row for each enumerator, in the enum's order from 0 on. Anything else does not compile.
// 2. A name is the same for people and for programs, and stays: scripts and monitoring compare it.
template <typename Enum, std::size_t N>
class NameTable {
  public:
    explicit consteval NameTable(const Named<Enum> (&rows)[N]) : rows_(std::to_array(rows)) {
        static_assert(!is_enumerator<static_cast<Enum>(N)>(), "a value has no name");
        for (std::size_t i = 0; i < N; ++i)
            if (static_cast<std::size_t>(rows_[i].value) != i) throw "the rows are not in the enum's order";
    }

    constexpr const char* name(Enum value) const {
        const auto i = static_cast<std::size_t>(value);
        return i < N ? rows_[i].name : "?";
    }
    constexpr std::optional<Enum> value(std::string_view name) const {
        for (const Named<Enum>& row : rows_)
            if (row.name == name) return row.value;
        return std::nullopt;
    }
    constexpr auto begin() const { return rows_.begin(); }
    constexpr auto end() const { return rows_.end(); }
    static constexpr std::size_t size() { return N; }

  private:
    std::array<Named<Enum>, N> rows_;
};

template <typename Enum, std::size_t N>
consteval NameTable<Enum, N> names(const Named<Enum> (&rows)[N]) {
    return NameTable<Enum, N>(rows);
}

} // namespace vrrp
