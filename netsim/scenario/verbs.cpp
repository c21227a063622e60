#include "netsim/scenario/verbs.hpp"

#include "netsim/scenario/actions.hpp"

namespace vrrp::sim {
namespace {

using namespace action;
using namespace expectation;

constexpr VerbKind kAction = VerbKind::action, kAtOnce = VerbKind::at_once,
                   kUntilNextStep = VerbKind::until_next_step;

// clang-format off
constexpr Verb kVerbs[] = {
    {kAction, "unplug MACHINE INTERFACE", "pull a cable: both ends see the carrier go", unplug, nullptr},
    {kAction, "plug MACHINE INTERFACE", "put it back", plug, nullptr},
    {kAction, "down MACHINE INTERFACE", "as `ip link set INTERFACE down`", down, nullptr},
    {kAction, "up MACHINE INTERFACE", "and up again", up, nullptr},
    {kAction, "delete MACHINE INTERFACE", "it does not exist any more, nor does anything that was on it", remove_interface, nullptr},
    {kAction, "create MACHINE INTERFACE", "make it again, with the name and addresses of the scenario", create_interface, nullptr},
    {kAction, "rename MACHINE INTERFACE to NAME", "sentences go on to call it by its first name", rename_interface, nullptr},
    {kAction, "set mtu of MACHINE INTERFACE to COUNT", "of the interface; frames are not measured", set_mtu, nullptr},
    {kAction, "add PREFIX to MACHINE INTERFACE", "an address of its own", add_address, nullptr},
    {kAction, "remove ADDRESS from MACHINE INTERFACE", "the same", remove_address, nullptr},
    {kAction, "take ADDRESS from ROUTER", "somebody removes a virtual address that a vrrpd put there", take_address, nullptr},
    {kAction, "cut MACHINE INTERFACE [in|out]", "lose every frame and tell nobody; `in` only those to the machine, `out` only those from it", cut, nullptr},
    {kAction, "mend MACHINE INTERFACE", "end a cut", mend, nullptr},
    {kAction, "delay MACHINE INTERFACE by LIMIT", "from now on, this cable takes so long, each way", delay, nullptr},
    {kAction, "lose PERCENT on NETWORK", "from now on, each cable of the network loses so many of its frames, each way", lose, nullptr},
    {kAction, "partition NETWORK into SIDES", "the sides (`r1 | r2 pc`) do not reach one another; everybody on the network is on one", partition, nullptr},
    {kAction, "heal NETWORK", "end a partition", heal, nullptr},
    {kAction, "kill ROUTER [VRID]", "SIGKILL to its vrrpds, or to the one of a VRID: addresses stay behind", kill, nullptr},
    {kAction, "stop ROUTER [VRID]", "SIGTERM: it leaves in order", stop, nullptr},
    {kAction, "start ROUTER [VRID]", "start those that do not run", start, nullptr},
    {kAction, "freeze ROUTER [VRID]", "SIGSTOP: the kernel goes on answering", freeze, nullptr},
    {kAction, "thaw ROUTER [VRID]", "SIGCONT", thaw, nullptr},
    {kAction, "power on|off MACHINE", "the whole machine; `on` boots it", power, nullptr},
    {kAction, "restart ROUTER [VRID]", "`atropos --restart`: its vrrpds, or the one of a VRID, call their program anew", restart, nullptr},
    {kAction, "restarts of ROUTER take LIMIT", "from now on; 30ms before", restarts_take, nullptr},
    {kAction, "ROUTER reloads FILE", "its configuration file now says what this one of [router.NAME.files] says, and it is told to read it again; while it does not run, it starts with that", reload, nullptr},
    {kAction, "set priority of ROUTER VRID to PRIORITY", "as its operator", set_priority, nullptr},
    {kAction, "signal usr2|ttin|ttou to ROUTER [VRID]", "go to backup, reduce, increase the priority", send_signal, nullptr},
    {kAction, "ROUTER runs ATROPOS", "its operator's command line: `r1 runs atropos --backup -i eth0`; a refusal is in the journal", run_atropos, nullptr},
    {kAction, "scripts of ROUTER take LIMIT", "those that begin from now on", scripts_take, nullptr},
    {kAction, "scripts of ROUTER fail with COUNT", "they exit with this status; 0 is success", scripts_fail, nullptr},
    {kAction, "scripts of ROUTER are safe|unsafe", "writable by others than root, from now on: they are refused when they should run", scripts_are, nullptr},
    {kAction, "fifo of ROUTER is read|unread", "somebody reads its --notify-fifo, or nobody does, from now on", fifo_is, nullptr},
    {kAction, "check CHECK of ROUTER fails|passes [because TEXT]", "a [[track]] of its file, when it is asked the next time, or at once where it tells by itself; an interface and a ping are looked at", set_check, nullptr},
    {kAction, "check CHECK of ROUTER says WEIGHT", "the number in the file of a [[track]]", set_number, nullptr},
    {kAction, "siblings of ROUTER take up to LIMIT longer", "to hear one another: each message a choice", slow_siblings, nullptr},
    {kAction, "clock of ROUTER runs RATE ppm fast|slow", "from now on", set_clock_rate, nullptr},
    {kAction, "clock of ROUTER is set ahead|back by LIMIT", "its time of day, as `date -s` does; timers go on", set_clock, nullptr},
    {kAction, "HOST claims ADDRESS", "it takes it as its own and announces it", claim, nullptr},
    {kAction, "HOST gives ADDRESS up", "it has it no more", give_up, nullptr},
    {kAction, "HOST solicits routers", "as a host does that has just come", solicit, nullptr},
    {kAction, "HOST advertises ANYVRID at ANYPRIORITY [as ADDRESS] [every LIMIT]", "VRRP, like what it has overheard; from its own address, or as if it were another", advertise, nullptr},
    {kAction, "HOST forges checksum|password|ttl|interval|count|length for ANYVRID at ANYPRIORITY [as ADDRESS] [every LIMIT]", "the same with this one thing wrong", forge, nullptr},
    {kAction, "HOST replays ANYVRID", "it sends the last advertisement that it heard once more", replay, nullptr},
    {kAction, "HOST falls silent", "end `every`", fall_silent, nullptr},

    {kAtOnce, "ROUTER is STATE of VRIDS [within BOUND] [not before EARLIEST]", "as its vrrpd believes, at the step or when BOUND has passed; and not since before EARLIEST", nullptr, is_state},
    {kUntilNextStep, "ROUTER is never STATE of VRIDS", "from the step on", nullptr, is_never_state},
    {kAtOnce, "ROUTER holds ADDRESS [within BOUND]", "its kernel has the address", nullptr, holds},
    {kAtOnce, "ROUTER lacks ADDRESS [within BOUND]", "its kernel does not", nullptr, lacks},
    {kAtOnce, "group of ROUTER is fit|unfit [within BOUND]", "as all of its vrrpds believe", nullptr, is_group},
    {kAtOnce, "each virtual router has one master [within BOUND]", "on every network, among those in the election that hear one another", nullptr, each_has_one_master},
    {kAtOnce, "every group is whole [within BOUND]", "on every machine its members are all master, or none is", nullptr, groups_are_whole},
    {kUntilNextStep, "nobody changes state", "no virtual router of any vrrpd does, from the step on", nullptr, nobody_changes},
    {kAtOnce, "MACHINE has MAC for ADDRESS [within BOUND]", "in its neighbour table", nullptr, has_neighbour},
    {kAtOnce, "HOST has gateway ADDRESS [within BOUND]", "its default router: of one that `learns` it from router advertisements", nullptr, learned_gateway},
    {kAtOnce, "HOST has no gateway [within BOUND]", "it has learned none, or its lifetime is over", nullptr, has_no_gateway},
    {kAtOnce, "NETWORK refused frames of MACHINE [within BOUND]", "its port security did, since the start", nullptr, refused_frames},
    {kAtOnce, "NETWORK refused nothing [within BOUND]", "although it has port security", nullptr, refused_nothing},
    {kUntilNextStep, "ROUTER sent priority ANYPRIORITY for VRID", "at least one such advertisement", nullptr, sent_priority},
    {kUntilNextStep, "ROUTER never sent priority ANYPRIORITY for VRID", "others, but none such", nullptr, never_sent_priority},
    {kUntilNextStep, "ROUTER sent at most|least COUNT advertisements for VRID", "of any priority", nullptr, sent_count},
    {kUntilNextStep, "ROUTER sent no advertisements for VRID", "while others did", nullptr, sent_none},
    {kUntilNextStep, "ROUTER announced ADDRESS", "gratuitous ARP or unsolicited neighbour advertisement", nullptr, announced},
    {kUntilNextStep, "ROUTER announced at most COUNT addresses in a millisecond", "at its busiest; and it announced some", nullptr, announced_at_most},
    {kUntilNextStep, "ROUTER sent at most|least COUNT router advertisements", "to hosts, by --router-advertisements", nullptr, sent_router_advertisements},
    {kUntilNextStep, "ROUTER sent no router advertisements", "while others did", nullptr, sent_no_router_advertisements},
    {kUntilNextStep, "ROUTER sent a magic packet to ADDRESS", "a TCP SYN to port 1100 of the gateway", nullptr, sent_magic_packet},
    {kUntilNextStep, "HOST outage COMPARISON LIMIT", "how long its gateway did not answer, at the longest: from one answered request to the next", nullptr, host_outage},
    {kUntilNextStep, "flow HOST PEER outage COMPARISON LIMIT", "the same for a [[flow]]", nullptr, flow_outage},
    {kUntilNextStep, "ROUTER journal contains TEXT", "a line of it has these characters", nullptr, journal_contains},
    {kUntilNextStep, "ROUTER journal never contains TEXT", "it has lines, and none has these characters", nullptr, journal_lacks},
    {kUntilNextStep, "ROUTER ran COUNT scripts", "that many, no more", nullptr, ran_count},
    {kUntilNextStep, "ROUTER ran TEXT", "a script whose command line has these characters: `/etc/MASTER.sh MASTER eth0 51`", nullptr, ran},
    {kUntilNextStep, "ROUTER told TEXT", "a line of its --notify-fifo has these characters: `INSTANCE \"eth0_51\" MASTER 150`", nullptr, told},
    {kUntilNextStep, "ROUTER never told TEXT", "others, but none such", nullptr, never_told},
    {kUntilNextStep, "ROUTER never ran TEXT", "others, but none such", nullptr, never_ran},
};
// clang-format on

} // namespace

std::span<const Verb> verbs() {
    return kVerbs;
}

tl::expected<std::pair<const Verb*, Arguments>, Mismatch>
parse_sentence(std::string_view sentence, bool action, const Vocabulary& vocabulary) {
    std::optional<Mismatch> best;
    for (const Verb& verb : kVerbs) {
        if ((verb.kind == VerbKind::action) != action) continue;
        auto arguments = match(verb.grammar, sentence, vocabulary);
        if (arguments) return std::pair{&verb, std::move(*arguments)};
        const Mismatch& mismatch = arguments.error();
        // The row that got furthest is the one that was meant; a wrong value says more than a wrong word.
        const auto rank = [](const Mismatch& m) { return std::pair(m.offset, m.names_a_value); };
        if (!best || rank(mismatch) > rank(*best)) best = mismatch;
    }
    return tl::unexpected(*best);
}

} // namespace vrrp::sim
