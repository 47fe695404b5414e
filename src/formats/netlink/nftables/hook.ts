import type { NftFamily, NftHook } from '#facts/nft.ts';
import type { Fields } from './fields.ts';

const inetHooks = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'] as const;
const arpHooks = ['input', 'output', 'forward'] as const;
const netdevHooks = ['ingress', 'egress'] as const;
const types = ['filter', 'nat', 'route'] as const;

/** Hook numbers: enum nf_inet_hooks (NF_INET_INGRESS 5), NF_ARP_*, NF_NETDEV_*; bridges have those of inet. */
function hookName(family: NftFamily, number: number): NftHook['hook'] | null {
  const names = family === 'arp' ? arpHooks : family === 'netdev' ? netdevHooks : inetHooks;
  return names[number] ?? null;
}

/** NFTA_HOOK_HOOKNUM 1, PRIORITY 2, DEV 3, DEVS 4 (each NFTA_DEVICE_NAME 1, or a prefix of names, 2). Null: not known. */
export function readHook(fields: Fields, of: { readonly family: NftFamily; readonly type: string }): NftHook | null {
  const type = types.find((name) => name === of.type);
  const hook = hookName(of.family, fields.u32(1));
  const devices = fields.has(3) ? [fields.text(3)] : [];
  const priority = fields.u32(2) | 0;
  if (fields.has(4)) fields.list(4, (start, end) => devices.push(fields.names.at(fields.bytes, start, end)));
  if (type === undefined || hook === null || fields.problem !== null) return null;
  return { hook, type, priority, devices: [...new Set(devices)] };
}
