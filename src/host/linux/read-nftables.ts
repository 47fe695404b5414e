import { be32 } from '#formats/netlink/attributes.ts';
import { type NetlinkMessage, readMessages } from '#formats/netlink/message.ts';
import { ByteList } from './byte-list.ts';
import { type KernelFile, untilConsistent } from './kernel-file.ts';
import { kernelHas } from './kernel-parts.ts';
import { type DumpOutcome, NetlinkSocket, type NoDump, protocol } from './netlink.ts';
import { type NetlinkRequest, nfnetlinkHeader, type RequestAttribute } from './netlink-request.ts';

/** NFNL_SUBSYS_NFTABLES and its messages (include/uapi/linux/netfilter/nf_tables.h). */
const subsystem = 10 << 8;
const get = { table: 1, chain: 4, rule: 7, set: 10, element: 13, generation: 16, object: 19, flowtable: 23 } as const;
/** NFTA_CHAIN_TABLE, _NAME and _USE (rules and jumps to it), NFTA_SET_TABLE and _NAME. */
const chainAttributes = { table: 1, name: 3, use: 6 } as const;
const setAttributes = { table: 1, name: 2, use: -1 } as const;
/** NFTA_GEN_ID. */
const attributeGeneration = 1;
/** Of a rule that kube-proxy wrote with iptables-nft. */
const usualRuleBytes = 640;

/** Chains hold rules, sets hold elements: the request for what one holds, and its attributes that it takes. */
interface Holding {
  readonly each: number;
  readonly named: { readonly table: number; readonly name: number; readonly use: number };
}

/**
 * All of nf_tables: generation, tables, chains, rules, sets, their elements, objects and flowtables. Rules are asked for chain by chain: for a
 * whole table the kernel starts anew at its first rule with every datagram. The generation before and after tells that all belong together.
 */
export function readNftables(root: string): KernelFile {
  const present = kernelHas('nf_tables', root);
  if (present === false) return { kind: 'none', because: 'nf_tables is not loaded' };
  if (present === null) return { kind: 'missing', because: 'nothing tells whether nf_tables is loaded, and asking it would load it' };
  const socket = NetlinkSocket.open(protocol.netfilter);
  if (typeof socket === 'string') return { kind: 'missing', because: `${socket} (netlink socket)` };
  try {
    return untilConsistent(() => readOnce(socket));
  } finally {
    socket.close();
  }
}

function readOnce(socket: NetlinkSocket): Uint8Array | NoDump {
  const all = new ByteList();
  const before = generation(socket, all);
  if (typeof before !== 'number') return before;
  for (const step of [
    () => socket.dump(request(get.table), all),
    () => dumpNamed(socket, all, get.chain, { each: get.rule, named: chainAttributes }),
    () => dumpNamed(socket, all, get.set, { each: get.element, named: setAttributes }),
    () => ifKnown(socket.dump(request(get.object), all)),
    () => ifKnown(socket.dump(request(get.flowtable), all)),
  ]) {
    const outcome = step();
    if (!outcome.ok) return outcome;
  }
  const after = generation(socket, new ByteList());
  if (typeof after !== 'number') return after;
  if (before !== after)
    return {
      ok: false,
      reason: 'interrupted',
      errno: null,
      because: `the rules changed while they were read (generation ${before} to ${after})`,
    };
  return all.bytes();
}

function request(type: number, family = 0, attributes: readonly RequestAttribute[] = []): NetlinkRequest {
  return { type: subsystem | type, header: nfnetlinkHeader(family), attributes, dump: true };
}

/** Kernels before 4.10 know no objects, before 4.16 no flowtables. */
function ifKnown(outcome: DumpOutcome): DumpOutcome {
  return !outcome.ok && (outcome.errno === 'EINVAL' || outcome.errno === 'EOPNOTSUPP') ? { ok: true } : outcome;
}

function generation(socket: NetlinkSocket, into: ByteList): number | NoDump {
  const answer = new ByteList();
  const outcome = socket.dump({ ...request(get.generation), dump: false }, answer);
  if (!outcome.ok) return outcome;
  const bytes = answer.bytes();
  into.append(bytes);
  const id = messagesOf(bytes).map(({ body }) => be32(attributeOf(body, attributeGeneration)))[0];
  return id ?? { ok: false, reason: 'refused', errno: null, because: 'the kernel names no generation' };
}

/** Dumps all chains or sets, and then of each what it holds. */
function dumpNamed(socket: NetlinkSocket, into: ByteList, type: number, { each, named }: Holding): DumpOutcome {
  const list = new ByteList();
  const outcome = socket.dump(request(type), list);
  if (!outcome.ok) return outcome;
  const holders = messagesOf(list.bytes());
  into.append(list.bytes());
  into.reserve(into.length + holders.reduce((sum, { body }) => sum + (be32(attributeOf(body, named.use)) ?? 0) * usualRuleBytes, 0));
  for (const { body } of holders) {
    const table = attributeOf(body, named.table);
    const name = attributeOf(body, named.name);
    if (table === undefined || name === undefined) return unnamed;
    // NFTA_RULE_TABLE and _CHAIN, NFTA_SET_ELEM_LIST_TABLE and _SET have the same numbers.
    const attributes: readonly RequestAttribute[] = [
      [1, table],
      [2, name],
    ];
    const held = socket.dump(request(each, body[0] as number, attributes), into);
    if (!held.ok) return held;
  }
  return { ok: true };
}

/** One attribute behind struct nfgenmsg, without a map of all of them: there may be a hundred thousand chains. */
function attributeOf(body: Uint8Array, type: number): Uint8Array | undefined {
  for (let at = 4; at + 4 <= body.length; ) {
    const length = (body[at] as number) | ((body[at + 1] as number) << 8);
    if (length < 4 || at + length > body.length) return undefined;
    if (((body[at + 2] as number) | ((body[at + 3] as number) << 8)) === type) return body.subarray(at + 4, at + length);
    at += (length + 3) & ~3;
  }
  return undefined;
}

const unnamed: NoDump = { ok: false, reason: 'refused', errno: null, because: 'a chain or set without a name' };

function messagesOf(bytes: Uint8Array): readonly NetlinkMessage[] {
  const messages = readMessages(bytes, 'netlink/nftables');
  if (!messages.ok) throw new Error(`the socket gave no whole messages: ${messages.problem.found}`);
  return messages.value;
}
