#include "core/config/import/keepalived_grammar.hpp"

#include "core/config/import/statement_builder.hpp"

#include <fmt/format.h>
#include <map>

namespace vrrp::config::importer {
namespace {

constexpr std::size_t kMostFiles = 256;
constexpr int kDeepestInclude = 16, kDeepestParameter = 32;
constexpr std::size_t kLongestLine = 64 << 10, kMostLines = 200'000;
constexpr std::string_view kBlanks = " \t\r\f\v";

bool is_blank(char c) {
    return kBlanks.find(c) != kBlanks.npos;
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string directory_of(const std::string& file) {
    const std::size_t slash = file.rfind('/');
    return slash == file.npos ? "" : file.substr(0, slash + 1);
}

// The next line, without its end.
std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

// Where the string that begins here ends: after its quote. An apostrophe alone is a character like others, and 0.
std::size_t end_of_string(std::string_view line, std::size_t begin) {
    for (std::size_t at = begin + 1; at < line.size(); ++at) {
        if (line[at] == '\\')
            ++at;
        else if (line[at] == line[begin])
            return at + 1;
    }
    return 0;
}

// Up to what begins a comment.
std::string_view without_comment(std::string_view line) {
    for (std::size_t at = 0; at < line.size(); ++at) {
        const char c = line[at];
        if (c == '\\')
            ++at;
        else if (c == '#' || c == '!')
            return line.substr(0, at);
        else if (c == '"' || c == '\'') {
            const std::size_t end = end_of_string(line, at);
            if (end != 0) at = end - 1;
        }
    }
    return line;
}

struct Definition {
    std::string name, value;
};

// $NAME=VALUE
std::optional<Definition> definition(std::string_view line) {
    if (!line.starts_with('$')) return std::nullopt;
    std::size_t end = 1;
    while (end < line.size() && is_name_character(line[end]))
        ++end;
    if (end == 1 || end == line.size() || line[end] != '=') return std::nullopt;
    return Definition{std::string(line.substr(1, end - 1)), std::string(trimmed(line.substr(end + 1)))};
}

class Grammar {
  public:
    Grammar(const std::string& id, const Sources& sources) : id_(id), sources_(sources) {}

    Parsed<std::vector<Statement>> read(const std::string& file, const std::string& text) {
        if (const auto done = read_text(file, text, 0); !done) return tl::unexpected(done.error());
        return builder_.finish();
    }

  private:
    Parsed<void> read_text(const std::string& file, std::string_view text, int depth) {
        std::optional<Definition> unfinished; // of many lines
        for (std::size_t number = 1; !text.empty(); ++number) {
            const std::string_view whole = take_line(text);
            const std::string_view line = trimmed(without_comment(whole));
            Place place{file, number, 1 + std::min(whole.size(), whole.find_first_not_of(kBlanks))};
            if (line.empty() && !unfinished) continue;
            const bool goes_on = line.ends_with('\\');
            const std::string_view content = goes_on ? trimmed(line.substr(0, line.size() - 1)) : line;
            if (unfinished) {
                if (unfinished->value.size() + content.size() > kLongestLine)
                    return error_at(place, fmt::format("${} is too long", unfinished->name));
                if (!content.empty()) unfinished->value += '\n' + std::string(content);
                if (goes_on) continue;
                define(*std::exchange(unfinished, std::nullopt));
                continue;
            }
            if (goes_on) {
                unfinished = definition(content);
                if (unfinished) continue;
            }
            if (const auto done = read_line(place, line, depth, 0); !done) return done;
        }
        if (unfinished) define(*unfinished);
        return {};
    }

    Parsed<void> read_line(const Place& place, std::string_view line, int depth, int nesting) {
        if (++lines_ > kMostLines) return error_at(place, fmt::format("more than {} lines", kMostLines));
        if (nesting > kDeepestParameter)
            return error_at(place,
                            "a parameter that stands in itself, or parameters too deep in one another");
        line = trimmed(line);
        if (line.empty()) return {};
        if (line.starts_with('@')) {
            const std::size_t blank = std::min(line.size(), line.find_first_of(kBlanks));
            const bool other = line.starts_with("@^");
            const std::string_view name = line.substr(other ? 2 : 1, blank - (other ? 2 : 1));
            if ((name == id_) == other) return {};
            return read_line(place, line.substr(blank), depth, nesting + 1);
        }
        if (auto parameter = definition(line)) {
            define(*std::move(parameter));
            return {};
        }
        if (const auto pattern = included(line)) return include(place, *pattern, depth);
        if (line.starts_with("~SEQ") || line.starts_with("~LST"))
            return error_at(place, fmt::format("{} is not read: write its lines out", line.substr(0, 4)));
        const auto replaced = replace(place, line);
        if (!replaced) return tl::unexpected(replaced.error());
        if (!*replaced) return split(place, line);
        std::string_view rest = **replaced;
        while (!rest.empty()) {
            const auto done = read_line(place, take_line(rest), depth, nesting + 1);
            if (!done) return done;
        }
        return {};
    }

    static std::optional<std::string> included(std::string_view line) {
        const std::size_t blank = std::min(line.size(), line.find_first_of(kBlanks));
        static constexpr std::string_view kWords[] = {"include",  "includer", "includem",
                                                      "includew", "includeb", "includea"};
        if (std::ranges::find(kWords, line.substr(0, blank)) == std::end(kWords)) return std::nullopt;
        std::string_view pattern = trimmed(line.substr(blank));
        if (pattern.size() >= 2 && (pattern.front() == '"' || pattern.front() == '\'') &&
            pattern.back() == pattern.front())
            pattern = pattern.substr(1, pattern.size() - 2);
        return std::string(pattern);
    }

    Parsed<void> include(const Place& place, const std::string& pattern, int depth) {
        if (depth == kDeepestInclude) return error_at(place, "files that include one another, too deep");
        const std::string path = pattern.starts_with('/') ? pattern : directory_of(place.file) + pattern;
        const std::vector<std::string> files = sources_.files(path);
        if (files.empty() && path.find_first_of("*?[{") == path.npos)
            return error_at(place, fmt::format("there is no file {}", plain(path)));
        for (const std::string& file : files) {
            if (++files_ > kMostFiles) return error_at(place, fmt::format("more than {} files", kMostFiles));
            const auto text = sources_.read_file(file);
            if (!text) return error_at(place, text.error());
            if (const auto done = read_text(file, *text, depth + 1); !done) return done;
        }
        return {};
    }

    void define(Definition parameter) { parameters_[parameter.name] = std::move(parameter.value); }

    // The line with its first parameter replaced, which may make it many lines; nothing where there is none.
    Parsed<std::optional<std::string>> replace(const Place& place, std::string_view line) const {
        for (std::size_t at = line.find('$'); at != line.npos; at = line.find('$', at + 1)) {
            const bool braces = line.substr(at + 1).starts_with('{');
            const std::size_t begin = at + (braces ? 2 : 1);
            std::size_t end = begin;
            while (end < line.size() && is_name_character(line[end]))
                ++end;
            const std::string name(line.substr(begin, end - begin));
            if (braces && name == "_RANDOM") return error_at(place, "${_RANDOM} is not read: write a number");
            const bool ends = end == line.size() || (braces ? line[end] == '}' : is_blank(line[end]));
            const std::optional<std::string> value = ends ? value_of(name, place) : std::nullopt;
            if (!value || (braces && end == line.size())) continue; // left as it is
            std::string result(line.substr(0, at));
            result += *value;
            result += line.substr(end + (braces ? 1 : 0));
            if (result.size() > kLongestLine) return error_at(place, fmt::format("${} is too long", name));
            return result;
        }
        return std::nullopt;
    }

    std::optional<std::string> value_of(const std::string& name, const Place& place) const {
        if (name == "_PWD") return directory_of(place.file);
        if (name == "_INSTANCE") return id_;
        if (name == "_HASH") return "\\#";
        const auto found = parameters_.find(name);
        return found == parameters_.end() ? std::nullopt : std::optional(found->second);
    }

    // Words, braces and strings of one line.
    Parsed<void> split(const Place& place, std::string_view line) {
        if (!is_plain(replaced_tabs(line)))
            return error_at(place, "this line is no UTF-8 text, or has control characters in it");
        for (std::size_t at = 0; at < line.size();) {
            if (is_blank(line[at])) {
                ++at;
                continue;
            }
            const bool alone = at + 1 == line.size() || is_blank(line[at + 1]) || is_brace(line[at + 1]);
            if (is_brace(line[at]) && alone) {
                const auto done = line[at] == '{' ? builder_.open(place) : builder_.close(place);
                if (!done) return done;
                ++at;
                continue;
            }
            auto word = take_word(place, line, at);
            if (!word) return tl::unexpected(word.error());
            builder_.word(place, *std::move(word));
        }
        builder_.end();
        return {};
    }

    static bool is_brace(char c) { return c == '{' || c == '}'; }

    static std::string replaced_tabs(std::string_view line) {
        std::string text(line);
        std::ranges::replace_if(text, is_blank, ' ');
        return text;
    }

    // `at` moves behind it. A brace at its end is a brace.
    static Parsed<std::string> take_word(const Place& place, std::string_view line, std::size_t& at) {
        std::string word;
        bool in_parameter = false; // ${NAME} that nobody has defined
        while (at < line.size() && !is_blank(line[at])) {
            const char c = line[at];
            const std::size_t end = c == '"' || c == '\'' ? end_of_string(line, at) : 0;
            if (end != 0) {
                word += unescaped(line.substr(at + 1, end - at - 2));
                at = end;
                continue;
            }
            if (c == '"') return error_at(place, "this line has a '\"' without its end");
            if (c == '\\' && at + 1 < line.size()) {
                word += line[at + 1];
                at += 2;
                continue;
            }
            if (c == '{' && word.ends_with('$')) in_parameter = true;
            const bool last = at + 1 == line.size() || is_blank(line[at + 1]) || is_brace(line[at + 1]);
            if (is_brace(c) && last && !in_parameter) break;
            if (c == '}') in_parameter = false;
            word += c;
            ++at;
        }
        return word;
    }

    static std::string unescaped(std::string_view text) {
        std::string result;
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] == '\\' && at + 1 < text.size()) ++at;
            result += text[at];
        }
        return result;
    }

    const std::string& id_;
    const Sources& sources_;
    StatementBuilder builder_;
    std::map<std::string, std::string> parameters_;
    std::size_t lines_ = 0, files_ = 0;
};

} // namespace

Parsed<std::vector<Statement>> read_keepalived(const std::string& file, const std::string& text,
                                               const std::string& id, const Sources& sources) {
    return Grammar(id, sources).read(file, text);
}

std::vector<std::string> script_words(const std::string& text) {
    std::vector<std::string> words;
    bool in_word = false, in_string = false;
    for (const char c : text) {
        if (c == '\'') {
            in_string = !in_string;
        } else if (is_blank(c) && !in_string) {
            in_word = false;
            continue;
        }
        if (!in_word) words.emplace_back();
        in_word = true;
        if (c != '\'') words.back() += c;
    }
    return words;
}

} // namespace vrrp::config::importer
