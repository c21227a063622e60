#!/bin/sh
# For -D: what this machine does once it is not the gateway any more.
echo "now $VRRP_STATE of $VRRP_VRID on $VRRP_INTERFACE ($VRRP_REASON)"
