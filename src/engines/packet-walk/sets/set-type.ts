/** What one part of a member is. `learned-mac`: of a bitmap:ip,mac, where a member without one fits any (bitmap_ipmac_do_test). */
export type Part = 'ip' | 'net' | 'port' | 'bare-port' | 'mark' | 'mac' | 'learned-mac' | 'iface';

export interface SetType {
  /** One a dimension of the set, and so one a direction of the match. */
  readonly parts: readonly Part[];
  /** Members may say `nomatch` (IPSET_TYPE_NOMATCH), and only then does --return-nomatch change anything. */
  readonly hasNomatch: boolean;
  /** Families of packets that it takes: its own, any (NFPROTO_UNSPEC), or IPv4 only (ip_set_test in ip_set_core.c). */
  readonly family: 'own' | 'any' | 'ip';
}

const hash = (...parts: readonly Part[]): SetType => ({ parts, hasNomatch: parts.includes('net'), family: 'own' });

/** The types of net/netfilter/ipset; a list:set is none of them, it asks others. */
export const setTypes: Readonly<Record<string, SetType>> = {
  'bitmap:ip': { parts: ['ip'], hasNomatch: false, family: 'ip' },
  'bitmap:ip,mac': { parts: ['ip', 'learned-mac'], hasNomatch: false, family: 'ip' },
  'bitmap:port': { parts: ['bare-port'], hasNomatch: false, family: 'any' },
  'hash:mac': { parts: ['mac'], hasNomatch: false, family: 'any' },
  'hash:ip': hash('ip'),
  'hash:ip,mac': hash('ip', 'mac'),
  'hash:ip,mark': hash('ip', 'mark'),
  'hash:ip,port': hash('ip', 'port'),
  'hash:ip,port,ip': hash('ip', 'port', 'ip'),
  'hash:ip,port,net': hash('ip', 'port', 'net'),
  'hash:net': hash('net'),
  'hash:net,net': hash('net', 'net'),
  'hash:net,port': hash('net', 'port'),
  'hash:net,port,net': hash('net', 'port', 'net'),
  'hash:net,iface': hash('net', 'iface'),
};
