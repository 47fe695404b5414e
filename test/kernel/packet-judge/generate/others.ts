import { services } from './coverage.ts';
import { four, type Names } from './names.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import { type Chains, mergeChains, saveTable } from './save-text.ts';
import type { Shape } from './shape.ts';

/** What else writes rules on a node: Docker, CNI portmap, flannel, ufw-like rules of an administrator; and firewalld's inet table. */
export const others: Shape = {
  name: 'others',
  weight: 3,
  make: (random) => {
    const backend = random.pick(['legacy', 'nft'] as const);
    const second = backend === 'nft' ? 'legacy' : 'nft';
    return {
      setup: services,
      rules: {
        [`iptables-${backend}`]: writers(random, four),
        ...(random.chance(90) && { [`iptables-${second}`]: writers(random, four) }),
      },
      nftFirst: random.chance(50),
      ...(random.chance(60) && { native: firewalld(random), nativeFirst: random.chance(50) }),
      packets: packets(random, 55, { six: 10 }),
    };
  },
};

function writers(random: Random, names: Names): string {
  const all = [docker(random), portmap(random, names), flannel(random), administrator(random)].filter(() => random.chance(60));
  const policy = random.pick(['ACCEPT', 'DROP']);
  return (
    saveTable('nat', mergeChains(...all.map(({ nat }) => nat))) +
    saveTable('filter', mergeChains(...all.map(({ filter }) => filter)), { FORWARD: policy })
  );
}

interface Writer {
  readonly nat: Chains;
  readonly filter: Chains;
}

/** tunA stands for docker0. */
function docker(random: Random): Writer {
  const published = random.pick([80, 443]);
  return {
    nat: {
      PREROUTING: ['-m addrtype --dst-type LOCAL -j DOCKER'],
      OUTPUT: ['! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER'],
      POSTROUTING: ['-s 10.1.0.0/16 ! -o tunA -j MASQUERADE', '-s 10.1.0.5/32 -d 10.1.0.5/32 -p tcp -m tcp --dport 8080 -j MASQUERADE'],
      DOCKER: [
        ...(random.chance(50) ? ['-i tunA -j RETURN'] : []),
        `! -i tunA -p tcp -m tcp --dport ${published} -j DNAT --to-destination 10.1.0.5:8080`,
      ],
    },
    filter: {
      FORWARD: [
        '-j DOCKER-USER',
        '-j DOCKER-ISOLATION-STAGE-1',
        '-o tunA -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-o tunA -j DOCKER',
        '-i tunA ! -o tunA -j ACCEPT',
        '-i tunA -o tunA -j ACCEPT',
      ],
      DOCKER: ['-d 10.1.0.5/32 ! -i tunA -o tunA -p tcp -m tcp --dport 8080 -j ACCEPT'],
      'DOCKER-ISOLATION-STAGE-1': ['-i tunA ! -o tunA -j DOCKER-ISOLATION-STAGE-2', '-j RETURN'],
      'DOCKER-ISOLATION-STAGE-2': [...(random.chance(30) ? ['-o tunB -j DROP'] : []), '-j RETURN'],
      'DOCKER-USER': [...(random.chance(30) ? ['-s 10.1.7.0/24 -j DROP'] : []), '-j RETURN'],
    },
  };
}

function portmap(random: Random, { service }: Names): Writer {
  return {
    nat: {
      PREROUTING: ['-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT'],
      OUTPUT: ['-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT'],
      POSTROUTING: ['-m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ'],
      'CNI-HOSTPORT-SETMARK': ['-m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000'],
      'CNI-HOSTPORT-MASQ': ['-m mark --mark 0x2000/0x2000 -j MASQUERADE'],
      'CNI-HOSTPORT-DNAT': [
        '-p tcp -m comment --comment "dnat name: cbr0" -m multiport --destination-ports 80,8080 -j CNI-DN-1',
        `-d ${service} -j RETURN`,
      ],
      'CNI-DN-1': [
        '-s 10.2.0.0/16 -p tcp -m tcp --dport 80 -j CNI-HOSTPORT-SETMARK',
        '-s 127.0.0.1 -p tcp -m tcp --dport 80 -j CNI-HOSTPORT-SETMARK',
        '-p tcp -m tcp --dport 80 -j DNAT --to-destination 10.2.0.5:8080',
      ],
    },
    filter: {
      FORWARD: ['-m comment --comment "CNI firewall plugin rules" -j CNI-FORWARD'],
      'CNI-FORWARD': ['-j CNI-ADMIN', '-d 10.2.0.5/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT', '-s 10.2.0.5/32 -j ACCEPT'],
      'CNI-ADMIN': random.chance(30) ? ['-p udp -j DROP'] : [],
    },
  };
}

function flannel(random: Random): Writer {
  return {
    nat: {
      POSTROUTING: ['-m comment --comment "flanneld masq" -j FLANNEL-POSTRTG'],
      'FLANNEL-POSTRTG': [
        '-m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN',
        '-s 10.1.0.0/24 -d 10.1.0.0/16 -j RETURN',
        '-s 10.1.0.0/16 -d 10.1.0.0/24 -j RETURN',
        '! -s 10.1.0.0/16 -d 10.1.0.0/24 -j RETURN',
        `-s 10.1.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE${random.pick([' --random-fully', ''])}`,
        '! -s 10.1.0.0/16 -d 10.1.0.0/16 -j MASQUERADE',
      ],
    },
    filter: {
      FORWARD: ['-m comment --comment "flanneld forward" -j FLANNEL-FWD'],
      'FLANNEL-FWD': [
        '-s 10.1.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
        '-d 10.1.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT',
      ],
    },
  };
}

function administrator(random: Random): Writer {
  return {
    nat: {},
    filter: {
      INPUT: [
        '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
        '-m conntrack --ctstate INVALID -j DROP',
        '-i lo -j ACCEPT',
        '-p icmp -m icmp --icmp-type 8 -j ACCEPT',
        '-p tcp -m tcp --dport 80 -m conntrack --ctstate NEW -j ACCEPT',
        `-j ${random.pick(['REJECT --reject-with icmp-host-prohibited', 'DROP', 'ACCEPT'])}`,
      ],
      FORWARD: random.chance(50)
        ? [
            '-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
            '-p tcp -m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN -m conntrack --ctstate NEW -j DROP',
            '-m limit --limit 3/min --limit-burst 10 -j LOG-AND-DROP',
          ]
        : [],
      'LOG-AND-DROP': ['-j NFLOG --nflog-group 7', '-p tcp -m tcp --dport 443 -j DROP'],
    },
  };
}

/** Zones of firewalld, which lives in an inet table of its own. */
function firewalld(random: Random): string {
  const target = random.pick(['reject with icmpx type admin-prohibited', 'drop', 'accept']);
  return `table inet firewalld {
  chain filter_IN_public_allow {
    tcp dport 80 ct state { new, untracked } accept
    ip6 daddr fe80::/64 udp dport 546 ct state { new, untracked } accept
    udp dport { 53, 5353 } accept
  }
  chain filter_IN_public {
    jump filter_IN_public_allow
    meta l4proto { icmp, ipv6-icmp } accept
    ${target}
  }
  chain filter_FWD_public {
    ${random.chance(50) ? 'oifname "tunB" accept' : 'ip daddr 10.96.0.0/16 accept'}
    ${random.chance(50) ? 'reject with icmpx type admin-prohibited' : 'return'}
  }
  chain filter_INPUT_ZONES {
    iifname "tunA" goto filter_IN_public
    iifname vmap { "tunB" : goto filter_IN_public }
    goto filter_IN_public
  }
  chain nat_PRE_public {
    ${random.chance(40) ? 'meta nfproto ipv4 tcp dport 443 dnat ip to 10.2.0.5:8080' : 'return'}
  }
  chain nat_POST_public {
    ${random.chance(40) ? 'meta nfproto ipv4 oifname != "lo" masquerade' : 'return'}
  }
  chain mangle_PREROUTING {
    type filter hook prerouting priority -140; policy accept;
    ${random.chance(60) ? 'icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept' : 'meta mark set 0x1'}
    ${random.chance(60) ? 'meta nfproto ipv6 fib saddr . mark . iif oif missing drop' : 'meta nfproto ipv4 counter'}
  }
  chain nat_PREROUTING {
    type nat hook prerouting priority -90; policy accept;
    jump nat_PRE_public
  }
  chain nat_POSTROUTING {
    type nat hook postrouting priority 110; policy accept;
    jump nat_POST_public
  }
  chain filter_INPUT {
    type filter hook input priority 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    jump filter_INPUT_ZONES
    reject with icmpx type admin-prohibited
  }
  chain filter_FORWARD {
    type filter hook forward priority 10; policy accept;
    ct state { established, related } accept
    ct status dnat accept
    iifname "lo" accept
    ct state invalid drop
    ip6 daddr { ::/96, ::ffff:0.0.0.0/96 } reject with icmpv6 type addr-unreachable
    jump filter_FWD_public
  }
  chain filter_OUTPUT {
    type filter hook output priority 10; policy accept;
    ct state { established, related } accept
    oifname "lo" accept
    ip6 daddr { ::/96, ::ffff:0.0.0.0/96 } reject with icmpv6 type addr-unreachable
  }
}
`;
}
