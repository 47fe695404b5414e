import { formatAddress } from '#facts/address.ts';
import type { PacketOut, Probe, Undecidable, Verdict, WalkStep } from '#facts/packet-walk.ts';
import type { Run } from './context.ts';
import { firstState } from './first-state.ts';
import { type Connection, type End, hasConnection, type PacketState, type TrackState } from './flow.ts';
import { gap } from './kernel-steps.ts';
import { type Passage, passIn, passLocalOut } from './passage.ts';

/** One leg of one run. */
export interface LegRun {
  readonly verdict: Verdict;
  readonly steps: readonly WalkStep[];
  readonly out: PacketOut | null;
  readonly gaps: readonly Undecidable[];
}

const tcp = 6;
const icmpProtocols: Readonly<Record<number, { readonly request: number; readonly reply: number }>> = {
  1: { request: 8, reply: 0 },
  58: { request: 128, reply: 129 },
};

/** The request, and where it arrives the reply that its receiver sends. The receiver's own namespace is not looked at. */
export function walkConnection(probe: Probe, run: Run): { readonly request: LegRun; readonly reply: LegRun | null } {
  const packet = requestOf(probe);
  const passage = passRequest(probe, packet, run);
  const request = legOf(passage, packet, run);
  if (request.verdict !== 'delivered' || passage.end !== 'accept') return { request, reply: null };
  run.steps.length = 0;
  const reply = replyTo(packet, passage.interface);
  const state = replyState(reply);
  const back = passage.interface === 'local' ? passLocalOut(reply, state, run) : passIn(reply, state, run);
  return { request, reply: legOf(back, reply, run) };
}

function requestOf(probe: Probe): PacketState {
  const source: End = { address: probe.from, port: probe.fromPort };
  const destination: End = { address: probe.to, port: probe.toPort };
  const connection = newConnection(source, destination, probe.state === 'NEW' ? 0 : null);
  const echo = icmpProtocols[probe.protocol];
  return {
    family: probe.to.family,
    leg: 'request',
    direction: 'ORIGINAL',
    protocol: probe.protocol,
    icmp: probe.icmp ?? (echo === undefined ? null : { type: echo.request, code: 0 }),
    tcpFlags: probe.tcpFlags ?? (probe.state === 'NEW' ? 0x02 : 0x10),
    source,
    destination,
    inInterface: '',
    outInterface: '',
    mark: probe.mark,
    // Before conntrack's hook a packet has no connection, which matches read as INVALID (conntrack_mt in xt_conntrack.c).
    tracked: 'INVALID',
    connection,
  };
}

function newConnection(source: End, destination: End, mark: number | null): Connection {
  const ends = { source, destination };
  return { original: ends, translated: { ...ends }, destinationBound: false, sourceBound: false, mark };
}

function passRequest(probe: Probe, packet: PacketState, run: Run): Passage {
  const local = probe.inInterface === null ? run.model.routing.isLocal(probe.from) : false;
  if (local === null) return { end: gap(run, 'prerouting', "the node's routes are not in the snapshot") };
  const pinned: Passage | null =
    probe.state === 'NEW' || probe.state === 'INVALID' || probe.state === 'UNTRACKED' ? null : establishedNat(packet, run);
  if (pinned !== null) return pinned;
  const state = firstState(probe, run.model.snapshot);
  if (local) return passLocalOut(packet, state, run);
  const inInterface = probe.inInterface ?? arrival(packet, run);
  if (inInterface === null)
    return {
      end: gap(
        run,
        'prerouting',
        `by which interface packets of ${formatAddress(probe.from)} arrive is not known: name it with --in-interface`,
      ),
    };
  const unusable = unusableInterface(inInterface, run);
  if (unusable !== null) return { end: gap(run, 'prerouting', unusable) };
  packet.inInterface = inInterface;
  return passIn(packet, state, run);
}

/** Frames of a bridge's or a VRF's ports take ways that are not modelled. */
function unusableInterface(name: string, run: Run): string | null {
  const { links } = run.model.routing;
  if (links.kind === 'missing' || name === 'lo') return null;
  const link = run.model.routing.link(name);
  if (link === null) return `the node has no interface ${name}`;
  if (!link.up) return `interface ${name} is down`;
  return link.master === null ? null : `${name} is a port of ${link.master}: bridged packets are not modelled`;
}

/** nat rules are not looked at for a connection that exists; how its first packet was rewritten is not in a snapshot. */
function establishedNat(packet: PacketState, run: Run): Passage | null {
  const nat = (['prerouting', 'input', 'output', 'postrouting'] as const).some((hook) =>
    run.model.hooks.at(packet.family, hook, 'nat').some(({ chain }) => chain.ruleCount > 0),
  );
  return nat ? { end: gap(run, 'prerouting', 'how an established connection was rewritten by nat is not in the snapshot') } : null;
}

function arrival(packet: PacketState, run: Run): string | null {
  const back = run.model.routing.lookup({ destination: packet.source.address, source: null, inInterface: null, mark: 0 });
  return back.kind === 'route' && back.route.type === 'unicast' ? back.route.interface : null;
}

/** What the receiver sends back. Where the request was not tracked, conntrack sees its reply as the first packet of another flow. */
function replyTo(request: PacketState, leftBy: string): PacketState {
  const echo = icmpProtocols[request.protocol];
  const { source, destination } = request;
  const tracked = hasConnection(request);
  return {
    ...request,
    leg: 'reply',
    direction: tracked ? 'REPLY' : 'ORIGINAL',
    icmp: request.icmp === null || echo === undefined ? null : { type: echo.reply, code: 0 },
    tcpFlags: request.protocol === tcp ? 0x12 : 0,
    source: destination,
    destination: source,
    inInterface: leftBy === 'local' ? '' : leftBy,
    outInterface: '',
    mark: 0,
    tracked: 'INVALID',
    connection: tracked ? request.connection : newConnection(destination, source, 0),
  };
}

/** A SYN-ACK or an echo reply cannot begin a flow (nf_conntrack_proto_tcp.c, nf_conntrack_proto_icmp.c); any other packet can. */
function replyState(reply: PacketState): TrackState {
  if (reply.direction === 'REPLY') return 'ESTABLISHED';
  return reply.protocol === tcp || reply.icmp !== null ? 'INVALID' : 'NEW';
}

const verdicts = { accept: 'delivered', drop: 'dropped', reject: 'rejected', undecided: 'undecided' } as const;

function legOf(passage: Passage, packet: PacketState, run: Run): LegRun {
  const gaps = [...run.gaps];
  const verdict = run.gaps.length > 0 ? 'undecided' : verdicts[passage.end];
  const out =
    passage.end === 'accept'
      ? { interface: passage.interface, from: formatEnd(packet.source), to: formatEnd(packet.destination), mark: packet.mark }
      : null;
  return { verdict, steps: [...run.steps], out, gaps };
}

function formatEnd({ address, port }: End): string {
  const text = formatAddress(address);
  if (port === null) return text;
  return address.family === 'ip' ? `${text}:${port}` : `[${text}]:${port}`;
}
