import { instrument } from './load-rules.ts';
import { attributesOf, type RawMessage, rawMessages } from './netlink-bytes.ts';
import type { Trace, TraceEvent } from './scene.ts';
import { openNetfilterSocket, pending, request } from './system/netlink.ts';

/** Reads what nf_tables and x_tables tell of traced packets: one socket hears both, so that their order is the kernel's. */
export interface TraceReader {
  readonly fd: number;
  /** All events since the last call. */
  read(): Trace;
}

const nfTrace = { group: 1 << 8, type: (10 << 8) | 17 } as const;
const log = { packet: 4 << 8, configure: (4 << 8) | 1 } as const;

export function openTraceReader(): TraceReader {
  const fd = openNetfilterSocket(nfTrace.group);
  request(fd, log.configure, 0, [[1, Uint8Array.of(1)]]);
  // Copy nothing of the packet, and tell of each at once (NFULA_CFG_MODE, NFULA_CFG_QTHRESH).
  request(fd, log.configure, 0, [
    [2, Uint8Array.of(0, 0, 0, 0, 1, 0)],
    [5, Uint8Array.of(0, 0, 0, 1)],
  ]);
  return { fd, read: () => readTrace(fd) };
}

function readTrace(fd: number): Trace {
  const events: TraceEvent[] = [];
  let mark: number | null = null;
  for (const message of rawMessages(pending(fd))) {
    if (message.type === nfTrace.type) mark = noteNft(events, message, mark);
    else if (message.type === log.packet) noteLegacy(events, message);
  }
  return { events, mark };
}

const families: Readonly<Record<number, string>> = { 1: 'inet', 2: 'ip', 3: 'arp', 7: 'bridge', 10: 'ip6' };
const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes?.subarray(0, -1));
const number = (bytes: Uint8Array | undefined): number | null => {
  if (bytes === undefined) return null;
  return bytes.length === 8
    ? Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
    : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
};
const verdicts: Readonly<Record<number, string>> = {
  0: 'drop',
  1: 'accept',
  2: 'stolen',
  3: 'queue',
  [-1]: 'continue',
  [-2]: 'break',
  [-3]: 'jump',
  [-4]: 'goto',
  [-5]: 'return',
};

/** NFTA_TRACE_*: table 1, chain 2, rule 3, type 4, verdict 5, mark 14, policy 16. The mark is absent where it is zero. */
function noteNft(events: TraceEvent[], { family, body }: RawMessage, before: number | null): number | null {
  const found = attributesOf(body);
  const type = number(found.get(4));
  const mark = type === null || type === 0 ? before : (number(found.get(14)) ?? 0);
  if (text(found.get(1)) === instrument) return mark;
  const nested = found.get(5);
  const code = nested === undefined ? number(found.get(16)) : number(attributesOf(nested).get(1));
  events.push({
    backend: 'nft',
    family: families[family] ?? String(family),
    table: text(found.get(1)),
    chain: text(found.get(2)),
    rule: number(found.get(3)),
    verdict: `${['', 'policy ', 'return ', ''][type ?? 0] ?? ''}${verdicts[(code ?? 0) | 0] ?? code}`,
  });
  return mark;
}

/** NFULA_PREFIX is 10: `TRACE: filter:FORWARD:rule:2 ` (net/ipv4/netfilter/ip_tables.c). */
function noteLegacy(events: TraceEvent[], { family, body }: RawMessage): void {
  const parts = /^TRACE: ([^:]+):(.*):(rule|return|policy):(\d+) $/.exec(text(attributesOf(body).get(10)));
  if (parts === null) return;
  const [, table, chain, verdict, rule] = parts as unknown as [string, string, string, string, string];
  events.push({
    backend: 'legacy',
    family: families[family] ?? '',
    table,
    chain,
    rule: Number(rule),
    verdict,
  });
}
