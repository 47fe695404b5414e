import type { Match } from '#facts/rule.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { namesOfBits, option, when } from '../words.ts';

/** Bits of the type masks: rtn_type of rtnetlink, shifted (include/uapi/linux/netfilter/xt_addrtype.h). */
const typeNames = 'UNSPEC UNICAST LOCAL BROADCAST ANYCAST MULTICAST BLACKHOLE UNREACHABLE PROHIBIT THROW NAT XRESOLVE'.split(' ');

interface AddressTypes {
  readonly source: { readonly types: number; readonly negated: boolean };
  readonly destination: { readonly types: number; readonly negated: boolean };
  readonly limit: 'in' | 'out' | null;
}

function ofRevision1(blob: Blob): AddressTypes {
  const flags = blob.bits32(4, 15);
  return {
    source: { types: blob.u16(0), negated: (flags & 1) !== 0 },
    destination: { types: blob.u16(2), negated: (flags & 2) !== 0 },
    limit: (flags & 4) !== 0 ? 'in' : (flags & 8) !== 0 ? 'out' : null,
  };
}

const ofRevision0 = (blob: Blob): AddressTypes => ({
  source: { types: blob.u16(0), negated: blob.not32(4) },
  destination: { types: blob.u16(2), negated: blob.not32(8) },
  limit: null,
});

/** A mask of no types is no condition (xt_addrtype.c, addrtype_mt_v1). */
function addressType(size: number, read: (blob: Blob) => AddressTypes): MatchModule {
  return {
    size,
    matches(blob) {
      const { limit, ...sides } = read(blob);
      return (['source', 'destination'] as const).flatMap((side): readonly Match[] => {
        const { types, negated } = sides[side];
        return types === 0 ? [] : [{ kind: 'address-type', side, types: namesOfBits(types, typeNames), limit, negated }];
      });
    },
    words(blob) {
      const { source, destination, limit } = read(blob);
      const given = (name: string, { types, negated }: AddressTypes['source']): string =>
        types === 0 ? '' : option(name, namesOfBits(types, typeNames).join(','), negated);
      return given('--src-type', source) + given('--dst-type', destination) + when(limit !== null, `--limit-iface-${limit}`);
    },
  };
}

export const addressTypeModules: Modules<MatchModule> = {
  'addrtype/0': addressType(12, ofRevision0),
  'addrtype/1': addressType(8, ofRevision1),
};
