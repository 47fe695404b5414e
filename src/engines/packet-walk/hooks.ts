import type { Family } from '#facts/address.ts';
import type { RuleSelector, Undecidable } from '#facts/packet-walk.ts';
import type { Hook } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { baseChainsOf } from './base-chains.ts';
import { hasMarkingRule } from './connection-marks.ts';
import { gapsAt } from './hook-gaps.ts';
import type { Group, HookProgram, Member } from './hook-program.ts';
import { type BackendOrder, otherOrders } from './orders.ts';
import type { PlacedChain } from './placed-chain.ts';
import { hasPortRewritingRule } from './port-rewriting.ts';
import { seriesFrom } from './series.ts';
import { hasDefragmentingRule, type Tracking, trackingOf } from './tracking.ts';

const hookNames: readonly Hook[] = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** Where the kernel's own hooks stand (include/uapi/linux/netfilter_ipv4.h): defragmentation, conntrack, nat of destinations and sources. */
const priority = { defragment: -400, track: -200, destination: -100, source: 100 } as const;

/** What runs at each hook of both families, in the kernel's order, and what runs there that we cannot follow. */
export class Hooks {
  readonly #programs: Record<Family, Partial<Record<Hook, HookProgram>>> = { ip: {}, ip6: {} };
  readonly #tracking = new Map<Family, Tracking>();
  readonly #snapshot: Snapshot;
  readonly #putsTogether: Partial<Record<Family, boolean>> = {};
  readonly #rewritesPorts: Partial<Record<Family, boolean>> = {};
  readonly #marks: Partial<Record<Family, boolean>> = {};

  constructor(snapshot: Snapshot, without: readonly RuleSelector[], order: BackendOrder) {
    this.#snapshot = snapshot;
    for (const family of ['ip', 'ip6'] as const) {
      const chains = baseChainsOf(snapshot, family, without);
      const translates = chains.some(({ nat }) => nat);
      for (const hook of hookNames) {
        const here = chains.filter((each) => each.hook === hook);
        this.#programs[family][hook] = programOf(hook, here, { gaps: gapsAt(snapshot, family, hook), order, translates });
      }
    }
  }

  program(family: Family, hook: Hook): HookProgram {
    return this.#programs[family][hook] as HookProgram;
  }

  /** Whether any nat rule may run for the family. */
  hasNat(family: Family): boolean {
    return hookNames.some((hook) => this.program(family, hook).groups.some(({ nat }) => nat));
  }

  /** Whether rules other than conntrack's put fragments together. */
  putsFragmentsTogether(family: Family): boolean {
    this.#putsTogether[family] ??= hasDefragmentingRule(this.#snapshot, family);
    return this.#putsTogether[family];
  }

  /** Whether a rule may rewrite ports without conntrack. */
  rewritesPorts(family: Family): boolean {
    this.#rewritesPorts[family] ??= hasPortRewritingRule(this.#snapshot, family);
    return this.#rewritesPorts[family];
  }

  /** Whether a rule may mark connections. */
  marksConnections(family: Family): boolean {
    this.#marks[family] ??= hasMarkingRule(this.#snapshot, family);
    return this.#marks[family];
  }

  tracks(family: Family): Tracking {
    let found = this.#tracking.get(family);
    if (found === undefined) {
      found = trackingOf(this.#snapshot, family);
      this.#tracking.set(family, found);
    }
    return found;
  }
}

interface Around {
  readonly gaps: readonly Undecidable[];
  readonly order: BackendOrder;
  /** Some chain of the family is one of nat: with the first of them the nat points of all hooks are there (nf_nat_register_fn). */
  readonly translates: boolean;
}

/**
 * Chains by priority, among them the kernel's own steps. Chains of type nat run at the nat point of their hook, whatever their priority, and
 * in its order among themselves (nf_nat_register_fn).
 */
function programOf(hook: Hook, chains: readonly PlacedChain[], { gaps, order, translates }: Around): HookProgram {
  const active = chains.filter(({ member }) => !isIdle(member));
  const nat = groupsOf(
    active.filter((each) => each.nat),
    true,
    order,
  );
  const natAt = hook === 'prerouting' || hook === 'output' ? priority.destination : priority.source;
  const translate: Group = { priority: natAt, nat: false, members: [{ kind: 'translate' }], otherOrders: [] };
  const natPoint: readonly Group[] = hook === 'forward' ? [] : [...nat, translate];
  const others = groupsOf([...active.filter((each) => !each.nat), ...ownSteps(hook)], false, order);
  const around = (isBefore: (group: Group) => boolean): readonly Group[] => [
    ...others.filter(isBefore),
    ...natPoint,
    ...others.filter((group) => !isBefore(group)),
  ];
  const of = (groups: readonly Group[], otherwise: HookProgram | null): HookProgram => {
    return { hook, groups, gaps, otherwise, series: groups.map((_, i) => seriesFrom(i, groups)) };
  };
  const groups = around((group) => group.priority < natAt);
  const tied = translates && hook !== 'forward' && others.some((group) => group.priority === natAt);
  const otherwise = tied ? around((group) => group.priority <= natAt) : null;
  return of(groups, otherwise === null ? null : of(otherwise, null));
}

function ownSteps(hook: Hook): readonly PlacedChain[] {
  if (hook !== 'prerouting' && hook !== 'output') return [];
  const step = (at: number, member: Member): PlacedChain => ({ hook, priority: at, nat: false, member });
  return [step(priority.defragment, { kind: 'defragment' }), step(priority.track, { kind: 'track' })];
}

/** An empty chain that accepts does nothing. */
function isIdle(member: Member): boolean {
  return member.kind === 'chain' && member.base.ruleCount === 0 && member.base.policy !== 'drop';
}

function groupsOf(chains: readonly PlacedChain[], nat: boolean, order: BackendOrder): readonly Group[] {
  const byPriority = Map.groupBy(chains, (each) => each.priority);
  return [...byPriority]
    .toSorted(([a], [b]) => a - b)
    .map(([at, placed]) => {
      const members = placed.map(({ member }) => member).toSorted((a, b) => laterFirst(a, b, order));
      return { priority: at, nat, members, otherOrders: otherOrders(members, order) };
    });
}

/** Of chains of one table the later one was registered later and runs first; nft before legacy is where a walk begins where nothing is known. */
function laterFirst(a: Member, b: Member, order: BackendOrder): number {
  if (a.kind !== 'chain' || b.kind !== 'chain') return 0;
  const [first, second] = [a.base.table, b.base.table];
  if (first.backend !== second.backend) return (first.backend === 'nft') === (order !== 'legacy-first') ? -1 : 1;
  return first === second ? (b.handle ?? 0) - (a.handle ?? 0) : 0;
}
