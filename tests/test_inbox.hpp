// An inbox that a test looks into.
#pragma once

#include "core/ports.hpp"

#include <functional>

namespace vrrp::test {

struct TestInbox : Inbox {
    explicit TestInbox(std::function<void(const Input&)> on_input = [](const Input&) {})
        : on_input(std::move(on_input)) {}
    void give(const Input& input) override { on_input(input); }
    std::function<void(const Input&)> on_input;
};

} // namespace vrrp::test
