/** Attributes of a message about a set (include/uapi/linux/netfilter/ipset/ip_set.h). */
export const ofMessage = { name: 2, type: 3, family: 5, data: 7, members: 8 } as const;

/** Attributes of how a set was created, and of its members: the first sixteen are of both. */
export const ofData = {
  address: 1,
  addressTo: 2,
  bits: 3,
  port: 4,
  portTo: 5,
  timeout: 6,
  protocol: 7,
  flags: 8,
  mark: 10,
  markMask: 11,
  bitMask: 12,
} as const;

export const ofCreate = { initialValue: 17, hashSize: 18, maxElements: 19, netMask: 20, bucketSize: 21, size: 23 } as const;

export const ofMember = { hardware: 17, name: 18, address2: 20, bits2: 21, interface: 23 } as const;

/** enum ipset_cadt_flags. */
export const flag = {
  bridgePort: 0x02,
  nomatch: 0x04,
  counters: 0x08,
  comment: 0x10,
  forceAdd: 0x20,
  packetInfo: 0x40,
  wildcard: 0x80,
} as const;
