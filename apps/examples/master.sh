#!/bin/sh
# For -U: what this machine does once it is the gateway. What it prints goes to vrrpd's log.
echo "now $VRRP_STATE of $VRRP_VRID on $VRRP_INTERFACE ($VRRP_REASON): $VRRP_ADDRESSES"
# For example: conntrackd -c && conntrackd -f && conntrackd -R
