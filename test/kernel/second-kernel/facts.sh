# Runs on the second kernel and prints what it does, as sections `== name`; test/kernel/second-kernel.test.ts says what must be there.
# The order matters: the first sections look at a kernel that has loaded no module of netfilter yet.
exec 2>&1
section() { echo "== $*"; }
modules() { cut -d' ' -f1 /proc/modules | sort; }
there() { for file in "$@"; do [ -e "$file" ] && echo "$file"; done; }
names() { there /proc/self/net/ip_tables_names && cat /proc/self/net/ip_tables_names; }
ping() { /vm/busybox ping "$@"; }
export -f there names ping

section kernel
uname -r

section legacy save looks without touching
modules >/tmp/before
there /proc/net/ip_tables_names /proc/net/ip6_tables_names
iptables-legacy-save; ip6tables-legacy-save
there /proc/net/ip_tables_names /proc/net/ip6_tables_names
modules | diff /tmp/before -

section nft save looks without touching
iptables-nft-save; ip6tables-nft-save
there /proc/net/ip_tables_names /proc/net/ip6_tables_names
modules | comm -13 /tmp/before - | grep -v iptable

section legacy save with a table creates it
iptables-legacy-save -t nat >/dev/null
names
modules | grep -x iptable_nat

section a fresh namespace has no tables until somebody lists them
unshare --net bash -c 'names; iptables-legacy-save; iptables-legacy -L >/dev/null; names'

section both backends and ipset
unshare --net bash -e <<'SH'
ipset create s hash:net,iface
ipset add s 10.0.0.0/8,lo
iptables-legacy -A OUTPUT -m set --match-set s dst,dst -m statistic --mode random --probability 0.5 -j MARK --set-mark 1
iptables-nft -A OUTPUT -p tcp -m conntrack --ctstate NEW -m multiport --dports 1,2 -j CONNMARK --save-mark
iptables-legacy-save | grep ^-A
iptables-nft-save 2>/dev/null | grep ^-A
conntrack -C
SH

section which hook of equal priority runs first
first() { # two setups; both drop pings on lo: whose counter rises?
  unshare --net bash -ec '
    ip link set lo up
    for setup in "$@"; do eval "$setup"; done
    ping -c 1 -W 1 127.0.0.1 >/dev/null 2>&1 || true
    iptables-legacy-save -c 2>/dev/null | sed -n "s/^\[\([1-9]\)[0-9]*:.*-j DROP/legacy/p"
    nft list ruleset 2>/dev/null | grep "packets [1-9]" | grep -o "comment.*" | tr -d \"' - "$@"
}
legacy='iptables-legacy -A OUTPUT -j DROP'
a='nft "add table ip a; add chain ip a o { type filter hook output priority 0; }; add rule ip a o counter drop comment a"'
b='nft "add table inet b; add chain inet b o { type filter hook output priority 0; }; add rule inet b o counter drop comment b"'
echo "legacy then a: $(first "$legacy" "$a")"
echo "a then legacy: $(first "$a" "$legacy")"
echo "a then b: $(first "$a" "$b")"
echo "b then a: $(first "$b" "$a")"

section which switch lets IPv6 through
ip netns add left
ip netns add right
for side in left:1 right:2; do
  ip link add "v${side%:*}" type veth peer name peer netns "${side%:*}"
  ip addr add "fd0${side#*:}::1/64" dev "v${side%:*}" nodad
  ip link set "v${side%:*}" up
  ip -n "${side%:*}" addr add "fd0${side#*:}::2/64" dev peer nodad
  ip -n "${side%:*}" link set peer up
  ip -n "${side%:*}" route add default via "fd0${side#*:}::1"
done
switch() { # all, then both interfaces
  echo "$1" >/proc/sys/net/ipv6/conf/all/forwarding
  for each in vleft vright; do echo "$2" >/proc/sys/net/ipv6/conf/$each/forwarding; done
  ip netns exec left /vm/busybox ping6 -c 1 -W 1 fd02::2 >/dev/null && answer=yes || answer=no
  echo "all $1 interfaces $2: $answer"
}
sleep 2
switch 0 0
switch 0 1
switch 1 0
switch 1 1
there /proc/sys/net/ipv6/conf/all/force_forwarding

section devices
for device in 'type dummy' 'type bridge' 'type veth' 'type vrf table 10' 'type ipip remote 10.0.0.2 local 10.0.0.1' \
  'type vxlan id 5 dstport 4789' 'link vleft type macvlan' 'link vleft type vlan id 5' 'type wireguard'; do
  ip link add name x $device && { echo "$device" | grep -o 'type [a-z]*'; ip link del x; }
done
ip tuntap add dev tun0 mode tun && there /sys/class/net/tun0

section what nft can do here
try() { echo "$1: $(nft "$2" >/dev/null 2>&1 && echo yes || echo no)"; }
nft 'add table ip f; add chain ip f c { type filter hook forward priority 0; }'
try flowtable 'add flowtable ip f x { hook ingress priority 0; devices = { vleft }; }; add rule ip f c flow add @x'
try queue 'add rule ip f c queue num 1'
try numgen 'add chain ip f n { type nat hook prerouting priority -100; }; add rule ip f n dnat to numgen inc mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }'
try fib 'add rule ip f c fib saddr . iif oif missing drop'
echo "hooks listed: $(nft list hooks | wc -l)"

section ipvs
/vm/modprobe ip_vs && head -n 1 /proc/net/ip_vs

section pids of cgroup v2
group=/sys/fs/cgroup/kubepods
cat /sys/fs/cgroup/cgroup.controllers
echo +pids >/sys/fs/cgroup/cgroup.subtree_control
mkdir "$group"
echo 5 >"$group/pids.max"
# dash gives up at the first refusal.
dash -c "echo \$\$ >$group/cgroup.procs; for i in 1 2 3 4 5 6; do sleep 5 & done"
grep . "$group"/pids.* | sed 's/.*pids\.//'
