/** One ipset with its members, as `ipset save` prints them. */
export interface IpSet {
  readonly name: string;
  /** For example `hash:net`, `hash:ip,port`, `bitmap:port`, `list:set`. */
  readonly type: string;
  readonly family: 'ip' | 'ip6' | null;
  /** `create` options after the type, as written. */
  readonly options: string;
  /** Element text after `add NAME `, without options other than `nomatch`, in dump order. */
  readonly members: readonly IpSetMember[];
  readonly line: number;
}

export interface IpSetMember {
  readonly text: string;
  readonly nomatch: boolean;
  /** Of an interface: a prefix of its name (`wildcard`), which is not part of `text`. */
  readonly wildcard?: true;
  /** It ends by itself: of a set with timeouts, and with one of its own other than 0. */
  readonly expires?: true;
}
