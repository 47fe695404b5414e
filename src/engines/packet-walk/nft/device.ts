import type { NftExpression } from '#facts/nft.ts';
import type { Machine } from '../machine.ts';
import { field } from '../op.ts';
import { hostWord, wordsOf } from './bytes.ts';
import type { NftContext } from './context.ts';
import type { Load } from './load.ts';
import type { Registers } from './registers.ts';

const nameLength = 16;
const ethernet = 1;
const loopback = 772;
/** Kinds whose devices are Ethernet ones (ARPHRD_ETHER). */
const ethernetKinds: ReadonlySet<string> = new Set([
  'veth',
  'bridge',
  'dummy',
  'vlan',
  'macvlan',
  'vxlan',
  'bond',
  'geneve',
  'team',
  'ifb',
]);

/**
 * What meta tells of a packet's devices. Without a device the name is empty and the index 0, and the load of anything else fails
 * (nft_meta_store_ifname, nft_meta_store_ifindex, nft_meta_store_iftype in net/netfilter/nft_meta.c). Null: the key is of nothing such.
 */
export function deviceLoad({ key, to }: Extract<NftExpression, { readonly kind: 'meta' }>, { littleEndian }: NftContext): Load | null {
  const parts = /^([io])if(|name|type|group|kind)$/.exec(key);
  if (key === 'sdifname') return loadOf(to, nameLength, (_, registers) => storeName('', to, registers));
  if (parts === null) return null;
  const device = parts[1] === 'i' ? inName : outName;
  const store = (machine: Machine, registers: Registers): boolean => {
    const name = device(machine);
    switch (parts[2]) {
      case 'name':
        return storeName(name, to, registers);
      case '':
        return storeIndex(name, to, machine, registers, littleEndian);
      default:
        return storeProperty(key, name, to, machine, registers, littleEndian);
    }
  };
  const length = parts[2] === 'name' || parts[2] === 'kind' ? nameLength : parts[2] === 'type' ? 2 : 4;
  return loadOf(to, length, store);
}

function loadOf(to: number, length: number, load: Load['load']): Load {
  return { to, length, reads: field.none, markReads: 0, load, scalar: null, asks: false };
}

const inName = ({ packet }: Machine): string => packet.inInterface;
const outName = ({ packet }: Machine): string => packet.outInterface;

const encoder = new TextEncoder();
const known = new Map<string, Uint32Array>();

/** A name as the kernel pads it, 16 bytes. */
export function nameWords(name: string): Uint32Array {
  let words = known.get(name);
  if (words === undefined) {
    const bytes = new Uint8Array(nameLength);
    bytes.set(encoder.encode(name).subarray(0, nameLength - 1));
    words = wordsOf(bytes);
    if (known.size > 10_000) known.clear();
    known.set(name, words);
  }
  return words;
}

function storeName(name: string, to: number, registers: Registers): true {
  registers.setWords(to, nameWords(name));
  return true;
}

function storeIndex(name: string, to: number, { model }: Machine, registers: Registers, littleEndian: boolean): true {
  const index = name === '' ? 0 : model.routing.link(name)?.index;
  if (index === undefined) registers.setUnknown(to, 4, `the index of ${name} is not in the snapshot`);
  else registers.set(to, hostWord(index, 4, littleEndian));
  return true;
}

function storeProperty(key: string, name: string, to: number, { model }: Machine, registers: Registers, littleEndian: boolean): boolean {
  if (name === '') return false;
  const link = model.routing.link(name);
  const because = `meta ${key} of ${name} is not in the snapshot`;
  if (key.endsWith('group')) registers.setUnknown(to, 4, because);
  else if (key.endsWith('type')) {
    const type = name === 'lo' ? loopback : ethernetKinds.has(link?.kind ?? '') ? ethernet : null;
    if (type === null) registers.setUnknown(to, 2, because);
    else registers.set(to, hostWord(type, 2, littleEndian));
  } else if (name === 'lo') return false;
  else if (link === null || link.kind === null) registers.setUnknown(to, nameLength, because);
  else storeName(link.kind, to, registers);
  return true;
}
