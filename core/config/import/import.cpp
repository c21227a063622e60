#include "core/config/import/import.hpp"

#include "core/config/import/frr.hpp"
#include "core/config/import/keepalived.hpp"
#include "core/config/import/keepalived_grammar.hpp"
#include "core/config/import/vyos.hpp"

#include <fmt/format.h>

namespace vrrp::config::importer {
namespace {

constexpr std::pair<std::string_view, Format> kNames[] = {
    {"keepalived", Format::keepalived}, {"frr", Format::frr}, {"vyos", Format::vyos}};

// Whether a line begins with one of keepalived's words.
bool looks_like_keepalived(std::string_view text) {
    static constexpr std::string_view kWords[] = {
        "vrrp_",      "global_defs",  "virtual_server", "static_",  "include",
        "track_file", "bfd_instance", "net_namespace",  "linkbeat", "garp_group"};
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        line.remove_prefix(std::min(line.size(), line.find_first_not_of(" \t")));
        const auto begins = [&](std::string_view word) { return line.starts_with(word); };
        if (std::ranges::any_of(kWords, begins)) return true;
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
    }
    return false;
}

Parsed<Draft> read_draft(Format format, const Order& order, const std::string& text, const Sources& sources) {
    if (format == Format::frr) return from_frr(order.file, text);
    auto statements =
        format == Format::vyos
            ? read_vyos(order.file, text)
            : read_keepalived(order.file, text, order.id.empty() ? sources.host : order.id, sources);
    if (!statements) return tl::unexpected(statements.error());
    return from_keepalived(*statements);
}

} // namespace

std::optional<Format> format_of(std::string_view text) {
    if (looks_like_vyos(text)) return Format::vyos;
    if (looks_like_keepalived(text)) return Format::keepalived;
    if (looks_like_frr(text)) return Format::frr;
    return std::nullopt;
}

std::optional<Format> parse_format(std::string_view name) {
    const auto found = std::ranges::find(kNames, name, &std::pair<std::string_view, Format>::first);
    return found == std::end(kNames) ? std::nullopt : std::optional(found->second);
}

Parsed<Imported> import_text(const Order& order, const std::string& text, const Sources& sources) {
    const auto format = order.format ? order.format : format_of(text);
    if (!format)
        return error_at({order.file, 1, 1},
                        fmt::format("neither a keepalived.conf nor an frr.conf with vrrp lines nor a VyOS "
                                    "configuration: say which with --import-format ({})",
                                    kFormats));
    auto draft = read_draft(*format, order, text, sources);
    if (!draft) return tl::unexpected(draft.error());
    return write(*std::move(draft), order.file);
}

Parsed<Imported> import_file(const Order& order, const Sources& sources) {
    const auto text = sources.read_file(order.file);
    if (!text) return error(text.error());
    return import_text(order, *text, sources);
}

} // namespace vrrp::config::importer
