/** Where a rule sends the packet. */
export type RuleVerdict =
  | { readonly kind: 'accept' | 'drop' | 'reject' | 'return' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  /** NAT chose: the rest of the nat chain, and later nat chains of this hook, are not looked at. */
  | { readonly kind: 'bound'; readonly effect: string }
  /** The packet is taken as it is by something that is not a rule (a transparent proxy's socket, a queue): the base chain ends. */
  | { readonly kind: 'taken'; readonly effect: string }
  | { readonly kind: 'undecided'; readonly because: string };

export const accept: RuleVerdict = { kind: 'accept' };
export const drop: RuleVerdict = { kind: 'drop' };
export const reject: RuleVerdict = { kind: 'reject' };
export const returned: RuleVerdict = { kind: 'return' };

/** How a base chain, or all chains of a hook, ended. */
export type ChainEnd = 'accept' | 'drop' | 'reject' | 'undecided';
