// What a step can do: each function carries out one row of the table of verbs.
#pragma once

#include "netsim/scenario/grammar.hpp"
#include "netsim/world.hpp"

namespace vrrp::sim::action {

void unplug(World& world, const Arguments& a);
void plug(World& world, const Arguments& a);
void down(World& world, const Arguments& a);
void up(World& world, const Arguments& a);
void remove_interface(World& world, const Arguments& a);
void create_interface(World& world, const Arguments& a);
void rename_interface(World& world, const Arguments& a);
void set_mtu(World& world, const Arguments& a);
void add_address(World& world, const Arguments& a);
void remove_address(World& world, const Arguments& a);
void take_address(World& world, const Arguments& a);
void cut(World& world, const Arguments& a);
void mend(World& world, const Arguments& a);
void delay(World& world, const Arguments& a);
void kill(World& world, const Arguments& a);
void stop(World& world, const Arguments& a);
void start(World& world, const Arguments& a);
void freeze(World& world, const Arguments& a);
void thaw(World& world, const Arguments& a);
void power(World& world, const Arguments& a);
void partition(World& world, const Arguments& a);
void heal(World& world, const Arguments& a);
void lose(World& world, const Arguments& a);
void restart(World& world, const Arguments& a);
void restarts_take(World& world, const Arguments& a);
void reload(World& world, const Arguments& a);
void set_priority(World& world, const Arguments& a);
void scripts_take(World& world, const Arguments& a);
void scripts_fail(World& world, const Arguments& a);
void scripts_are(World& world, const Arguments& a);
void fifo_is(World& world, const Arguments& a);
void set_check(World& world, const Arguments& a);
void set_number(World& world, const Arguments& a);
void slow_siblings(World& world, const Arguments& a);
void set_clock_rate(World& world, const Arguments& a);
void set_clock(World& world, const Arguments& a);
void send_signal(World& world, const Arguments& a);
void run_atropos(World& world, const Arguments& a);
void claim(World& world, const Arguments& a);
void solicit(World& world, const Arguments& arguments);
void give_up(World& world, const Arguments& a);
void advertise(World& world, const Arguments& a);
void forge(World& world, const Arguments& a);
void replay(World& world, const Arguments& a);
void fall_silent(World& world, const Arguments& a);

} // namespace vrrp::sim::action
