import type { ConntrackState, Match } from '#facts/rule.ts';
import { UnreadableValue } from '../../iptables-save/values.ts';
import { maskedText } from '../addresses.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules, XtContext } from '../module.ts';
import { namesOfBits, option, ranged, when } from '../words.ts';

/** Flags of struct xt_conntrack_mtinfo1 to 3 (include/uapi/linux/netfilter/xt_conntrack.h). */
const flag = { state: 1, protocol: 2, status: 64, expires: 128, direction: 4096, stateAlias: 8192 } as const;
const knownFlags = 0x3fff;

const sides = [
  { which: 'origsrc', addressFlag: 4, portFlag: 256 },
  { which: 'origdst', addressFlag: 8, portFlag: 512 },
  { which: 'replsrc', addressFlag: 16, portFlag: 1024 },
  { which: 'repldst', addressFlag: 32, portFlag: 2048 },
] as const;

/** XT_CONNTRACK_STATE_*: one bit for each state of enum ip_conntrack_info, shifted by one. */
const stateBits: Readonly<Record<ConntrackState, number>> = {
  NEW: 8,
  ESTABLISHED: 2,
  RELATED: 4,
  INVALID: 1,
  UNTRACKED: 256,
  SNAT: 64,
  DNAT: 128,
};
const printOrder: readonly ConntrackState[] = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'];
const statusNames = ['EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'];

function statesOf(mask: number): readonly ConntrackState[] {
  const states = (Object.keys(stateBits) as ConntrackState[]).filter((state) => (mask & stateBits[state]) !== 0);
  if (states.reduce((rest, state) => rest & ~stateBits[state], mask) !== 0) throw new UnreadableValue(`states '0x${mask.toString(16)}'`);
  return states;
}

const stateText = (mask: number): string => printOrder.filter((state) => (mask & stateBits[state]) !== 0).join(',');
const statusText = (mask: number): readonly string[] => (mask === 0 ? ['NONE'] : namesOfBits(mask, statusNames));

/** Revision 1 has masks of eight bits; revision 3 has ranges of ports, in host order. */
type Revision = 1 | 2 | 3;
const sizes: Readonly<Record<Revision, number>> = { 1: 152, 2: 156, 3: 164 };

class Conntrack {
  readonly flags: number;
  readonly #inverted: number;
  readonly #blob: Blob;
  readonly #revision: Revision;

  constructor(blob: Blob, revision: Revision) {
    this.#blob = blob;
    this.#revision = revision;
    this.flags = blob.u16(146);
    this.#inverted = blob.u16(148);
  }

  has(bit: number): boolean {
    return (this.flags & bit) !== 0;
  }

  isInverted(bit: number): boolean {
    return (this.#inverted & bit) !== 0;
  }

  get isStateAlias(): boolean {
    return this.#revision > 1 && this.has(flag.stateAlias);
  }

  get states(): number {
    return this.#revision === 1 ? this.#blob.u8(150) : this.#blob.u16(150);
  }

  get statuses(): number {
    return this.#revision === 1 ? this.#blob.u8(151) : this.#blob.u16(152);
  }

  /** Of the side `index`. */
  ports(index: number): { readonly first: number; readonly last: number } {
    const at = 138 + index * 2;
    if (this.#revision === 3) return { first: this.#blob.u16(at), last: this.#blob.u16(154 + index * 2) };
    return { first: this.#blob.be16(at), last: this.#blob.be16(at) };
  }
}

function conditionsOfSides(blob: Blob, parts: Conntrack, { family }: XtContext): readonly Match[] {
  const matches: Match[] = [];
  for (const [index, { which, addressFlag, portFlag }] of sides.entries()) {
    if (parts.has(addressFlag)) {
      const prefix = blob.prefix(index * 32, index * 32 + 16, family);
      matches.push({ kind: 'conntrack-address', which, prefix, negated: parts.isInverted(addressFlag) });
    }
    if (!parts.has(portFlag)) continue;
    const range = parts.ports(index);
    if (range.first > range.last) throw new UnreadableValue(`port range '${range.first}:${range.last}'`);
    matches.push({ kind: 'conntrack-port', which, range, negated: parts.isInverted(portFlag) });
  }
  return matches;
}

function conditionsOf(blob: Blob, revision: Revision, context: XtContext): readonly Match[] {
  blob.bits16(146, knownFlags);
  const parts = new Conntrack(blob, revision);
  if (parts.has(flag.expires)) throw new UnreadableValue("option '--ctexpire'");
  const matches: Match[] = [];
  if (parts.has(flag.state)) {
    const module = parts.isStateAlias ? 'state' : 'conntrack';
    matches.push({ kind: 'conntrack-state', module, states: statesOf(parts.states), negated: parts.isInverted(flag.state) });
  }
  if (parts.has(flag.protocol))
    matches.push({ kind: 'conntrack-protocol', number: blob.u16(136), negated: parts.isInverted(flag.protocol) });
  const ofSides = conditionsOfSides(blob, parts, context);
  matches.push(...ofSides.filter(({ kind }) => kind === 'conntrack-address'), ...ofSides.filter(({ kind }) => kind === 'conntrack-port'));
  if (parts.has(flag.status))
    matches.push({ kind: 'conntrack-status', statuses: statusText(parts.statuses), negated: parts.isInverted(flag.status) });
  // xt_conntrack.c, conntrack_mt: inverted is REPLY.
  if (parts.has(flag.direction))
    matches.push({ kind: 'conntrack-direction', direction: parts.isInverted(flag.direction) ? 'REPLY' : 'ORIGINAL', negated: false });
  // Without any condition it still wants a tracked packet.
  if (matches.length === 0) throw new UnreadableValue('no option');
  return matches;
}

function wordsOf(blob: Blob, revision: Revision, { family }: XtContext): string {
  const parts = new Conntrack(blob, revision);
  if (parts.isStateAlias) return option('--state', stateText(parts.states), parts.isInverted(flag.state));
  const given = (bit: number, name: string, value: () => string | number): string =>
    parts.has(bit) ? option(name, value(), parts.isInverted(bit)) : '';
  const addresses = sides.map(({ which, addressFlag }, index) =>
    given(addressFlag, `--ct${which}`, () => maskedText(blob.address(index * 32, family), blob.address(index * 32 + 16, family))),
  );
  const ports = sides.map(({ which, portFlag }, index) =>
    given(portFlag, `--ct${which}port`, () => ranged(parts.ports(index).first, parts.ports(index).last)),
  );
  return [
    given(flag.state, '--ctstate', () => stateText(parts.states)),
    given(flag.protocol, '--ctproto', () => blob.u16(136)),
    ...addresses,
    ...ports,
    given(flag.status, '--ctstatus', () => statusText(parts.statuses).join(',')),
    given(flag.expires, '--ctexpire', () => ranged(blob.u32(128), blob.u32(132))),
    when(parts.has(flag.direction), '--ctdir', parts.isInverted(flag.direction) ? 'REPLY' : 'ORIGINAL'),
  ].join('');
}

const conntrack = (revision: Revision): MatchModule => ({
  size: sizes[revision],
  alias: (blob) => (new Conntrack(blob, revision).isStateAlias ? 'state' : null),
  matches: (blob, context) => conditionsOf(blob, revision, context),
  words: (blob, context) => wordsOf(blob, revision, context),
});

/** Bits of struct xt_state_info; `! --state` of old iptables is a mask with all other bits set. */
const oldStateBits = { NEW: 8, ESTABLISHED: 2, RELATED: 4, INVALID: 1, UNTRACKED: 64 } as const;
const oldStates = Object.keys(oldStateBits) as (keyof typeof oldStateBits)[];

const state: MatchModule = {
  size: 4,
  matches: (blob) => [
    {
      kind: 'conntrack-state',
      module: 'state',
      states: oldStates.filter((name) => (blob.u32(0) & oldStateBits[name]) !== 0),
      negated: false,
    },
  ],
  words: (blob) =>
    option(
      '--state',
      printOrder.filter((name) => name !== 'SNAT' && name !== 'DNAT' && (blob.u32(0) & oldStateBits[name]) !== 0).join(','),
    ),
};

export const conntrackModules: Modules<MatchModule> = {
  'conntrack/1': conntrack(1),
  'conntrack/2': conntrack(2),
  'conntrack/3': conntrack(3),
  'state/0': state,
};
