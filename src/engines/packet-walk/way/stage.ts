/** A part of a packet's way through the node. */
export type StageName =
  | 'arrival'
  | 'bridge'
  | 'bridged-forward'
  | 'bridged-postrouting'
  | 'prerouting'
  | 'route'
  | 'input'
  | 'deliver'
  | 'forward'
  | 'forward-hook'
  | 'postrouting'
  | 'output'
  | 'output-hook';

/** What comes after; null: the walk is over. */
export type Next = StageName | null;
