#!/bin/sh
# Sees to the commands that kernel tests and the lab need. As root on Debian or Ubuntu it installs what is missing;
# elsewhere it prints the one command that would. With `second-kernel` also to what boots the distribution's own kernel (test/vm).
# Exit status: 0 all there, 3 something is missing.
set -u

for_what="${1:-}"
missing=''
need() { # command, Debian package
  command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] || missing="$missing $2"
}
find_missing() {
  missing=''
  need iptables-legacy-save iptables
  need iptables-nft-save iptables
  need nft nftables
  need ipset ipset
  need conntrack conntrack
  need ip iproute2
  need unshare util-linux
  if [ "$for_what" = second-kernel ]; then
    need qemu-system-x86_64 qemu-system-x86
    need xz xz-utils
  fi
  missing=$(printf '%s\n' $missing | sort -u | tr '\n' ' ')
  missing=${missing% }
}

find_missing
[ -z "$missing" ] && exit 0

install="apt-get update && apt-get install -y $missing"
if [ "$(id -u)" = 0 ] && [ -r /etc/debian_version ]; then
  echo "setup: installing $missing"
  log=$(mktemp)
  if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    rm -f "$log"
    find_missing
    [ -z "$missing" ] && exit 0
    echo "setup: still missing: $missing"
    exit 3
  fi
  tail -n 20 "$log"
  rm -f "$log"
  echo "setup: the installation failed; by hand: $install"
  exit 3
fi
echo "setup: the kernel tests and the lab need: $missing"
echo "setup: on Debian or Ubuntu: sudo sh -c '$install'"
exit 3
