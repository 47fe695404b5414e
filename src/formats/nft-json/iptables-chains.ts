import type { JsonObject } from '../json-fields.ts';

/** Base chains as iptables-nft makes them, by table: name, hook and priority (iptables/nft.c, xtables_ipv4). */
const ownChains: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING prerouting -300', 'OUTPUT output -300'],
  mangle: ['PREROUTING prerouting -150', 'INPUT input -150', 'FORWARD forward -150', 'OUTPUT output -150', 'POSTROUTING postrouting -150'],
  nat: ['PREROUTING prerouting -100', 'INPUT input 100', 'OUTPUT output -100', 'POSTROUTING postrouting 100'],
  filter: ['INPUT input 0', 'FORWARD forward 0', 'OUTPUT output 0'],
  security: ['INPUT input 50', 'FORWARD forward 50', 'OUTPUT output 50'],
};

/** Whether iptables-nft-save prints this base chain. */
export function isIptablesChain(chain: JsonObject): boolean {
  if (chain['family'] !== 'ip' && chain['family'] !== 'ip6') return false;
  return ownChains[String(chain['table'])]?.includes(`${chain['name']} ${chain['hook']} ${chain['prio']}`) === true;
}

/** Whether a chain stands in a table of iptables. */
export function isIptablesTable(chain: JsonObject): boolean {
  return (chain['family'] === 'ip' || chain['family'] === 'ip6') && Object.hasOwn(ownChains, String(chain['table']));
}
