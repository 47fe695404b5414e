import { openWalker, type Walker } from '#engines/packet-walk/index.ts';
import type { PacketWalk } from '#facts/packet-walk.ts';
import { difference } from './compare.ts';
import { TraceJudge } from './compare-trace.ts';
import { decisionText } from './decision-text.ts';
import { fateOf } from './fate.ts';
import { type Node, openNode } from './node.ts';
import { probeOf } from './probe.ts';
import { sameDecision } from './same-decision.ts';
import type { PacketFate, Scene, ScenePacket } from './scene.ts';
import { snapshotOfNode } from './snapshot-of-node.ts';

/** One packet as the kernel and as the walk judged it. */
export interface Judged {
  readonly packet: ScenePacket;
  readonly kernel: PacketFate;
  readonly walk: PacketWalk;
  /** What differs, in words; null where nothing does. */
  readonly wrong: string | null;
}

export interface JudgedScene {
  readonly scene: Scene;
  readonly judged: readonly Judged[];
}

/** Builds the node of a scene in a new network namespace, sends its packets and walks the same packets over what the node shows. */
export function runScene(scene: Scene, traced: (packet: number) => boolean): JudgedScene {
  const node = openNode(scene);
  try {
    return judgeScene(scene, node, traced);
  } finally {
    node.close();
  }
}

function judgeScene(scene: Scene, node: Node, traced: (packet: number) => boolean): JudgedScene {
  const snapshot = snapshotOfNode();
  // Who came last at a priority runs first there (nf_hook_entries_grow).
  const order = scene.nftFirst ? 'legacy-first' : 'nft-first';
  const walkers: Walkers = {
    anyOrder: openWalker(snapshot),
    decisions: openWalker(snapshot, { learnsAfter: 1 }),
    order: openWalker(snapshot, { order }),
    orderedDecisions: openWalker(snapshot, { order, learnsAfter: 1 }),
    traces: new TraceJudge(snapshot),
  };
  const odd = hasOddTracking(scene);
  const judged = scene.packets.map((packet, i) => {
    const fate = fateOf(packet, i + 1, traced(i) && canBeTraced(packet), node);
    const kernel = packet.established && odd ? { ...fate, moot: true } : fate;
    const walk = walkOf(walkers.anyOrder, packet);
    if (typeof walk === 'string') return { packet, kernel, walk: noWalk, wrong: walk };
    const wrong =
      decisionDifference(packet, walk, walkers.decisions) ??
      orderedDifference(packet, walkers) ??
      difference(packet, kernel, walk) ??
      traceDifference(packet, kernel, walkers);
    return { packet, kernel, walk, wrong };
  });
  return { scene, judged };
}

interface Walkers {
  readonly anyOrder: Walker;
  /** Learns runs of rules from the scene's first packets on. */
  readonly decisions: Walker;
  /** Knows whose hooks come first. */
  readonly order: Walker;
  /** Both. */
  readonly orderedDecisions: Walker;
  readonly traces: TraceJudge;
}

/** A packet that was traced is walked again in the kernel's own order of equal hooks: then all of the walk must be as the trace has it. */
function traceDifference(packet: ScenePacket, kernel: PacketFate, { order, traces }: Walkers): string | null {
  if (kernel.trace === undefined || kernel.moot) return null;
  const walk = walkOf(order, packet);
  if (typeof walk === 'string') return walk;
  const wrong = difference(packet, kernel, walk);
  return wrong === null ? traces.difference(packet, kernel, walk) : `in the kernel's order, ${wrong}`;
}

/** Decisions without steps take short cuts, which must lead to the same. */
function decisionDifference(packet: ScenePacket, { request }: PacketWalk, decisions: Walker): string | null {
  const probe = probeOf(packet);
  for (const again of [false, true]) {
    const decided = decisions.decide(probe);
    if (!sameDecision(decided, request))
      return `decided without steps${again ? ', once more' : ''}, ${decisionText(decided)}; with steps, ${decisionText(request)}`;
  }
  return null;
}

/** The same where the order is known: many more rules are then passed at once. */
function orderedDifference(packet: ScenePacket, { order, orderedDecisions }: Walkers): string | null {
  const walk = walkOf(order, packet);
  if (typeof walk === 'string') return walk;
  const wrong = decisionDifference(packet, walk, orderedDecisions);
  return wrong === null ? null : `in the kernel's order, ${wrong}`;
}

/** Replies may be tracked apart from their requests, so that no third packet is one of an established connection. */
const hasOddTracking = ({ rules, native }: Scene): boolean => /zone|notrack/i.test(JSON.stringify([rules, native ?? '']));

/** Both fragments would be traced; and what a match drops at once (hotdrop) is in no trace. */
const canBeTraced = ({ cut, fragment }: ScenePacket): boolean => cut === undefined && fragment === undefined;

const noWalk: PacketWalk = {
  request: { verdict: 'undecided', because: null, steps: [], out: null },
  reply: null,
  blame: null,
  undecided: [],
};

/** A walk that throws is as wrong as any. */
function walkOf(walker: Walker, packet: ScenePacket): PacketWalk | string {
  try {
    return walker.walk(probeOf(packet));
  } catch (error) {
    return `the walk failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
}
