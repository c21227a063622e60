#include "apps/machine_state.hpp"

#include "backends/control/control_client.hpp"

namespace vrrp {

MachineState ask_machine(const std::filesystem::path& directory, const ControlRequest& request) {
    MachineState machine;
    const auto sockets = backend::control_sockets(directory);
    if (!sockets) {
        machine.sockets.push_back({directory.string(), AskedSocket::silent});
        machine.failures.push_back(sockets.error());
        return machine;
    }
    auto answers = backend::ask_all(*sockets, to_json(request));
    for (std::size_t i = 0; i < answers.size(); ++i) {
        auto& answer = answers[i];
        AskedSocket& asked = machine.sockets.emplace_back(AskedSocket{(*sockets)[i].string()});
        if (answer) {
            machine.states.push_back(*std::move(answer));
        } else if (answer.error().kind == backend::AskError::nobody) {
            asked.outcome = AskedSocket::dead;
        } else {
            asked.outcome = AskedSocket::silent;
            machine.failures.push_back(answer.error().message);
        }
    }
    return machine;
}

} // namespace vrrp
