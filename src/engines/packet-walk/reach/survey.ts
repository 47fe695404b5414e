import type { Address, Family } from '#facts/address.ts';
import type { Verdict } from '#facts/packet-walk.ts';
import type { Reach, ReachAlone, ReachClass, ReachPart, ReachPorts, ReachRectangle, ReachSources } from '#facts/reach.ts';
import type { Backend } from '#facts/rule.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import type { Model } from '../model.ts';
import { openModel } from '../open-model.ts';
import { outsideOf } from '../outside.ts';
import { type Bits, membersOf, none, oneBit, withBit } from './bits.ts';
import { bySide } from './by-rows.ts';
import { type Endpoint, host, hostAddress, outside, podsOf, sameEnd, servicesOf } from './endpoints.ts';
import { Knowledge } from './knowledge.ts';
import { type PairFates, pairFates } from './pair-fates.ts';
import { portSets } from './port-sets.ts';
import type { Destination, PairQuestion, Source } from './question.ts';
import type { Rect } from './relation.ts';
import { sourceSets } from './source-sets.ts';
import { withoutBackend } from './without-backend.ts';

export interface ReachWish {
  /** Only these sources and destinations; all where null. Those with a port of their own are asked there. */
  readonly from: readonly Endpoint[] | null;
  readonly to: readonly Endpoint[] | null;
  /** tcp, udp, sctp or icmp only. */
  readonly protocol: string | null;
}

const numbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };
const icmp: Readonly<Record<Family, number>> = { ip: 1, ip6: 58 };
/** What a client's port is taken to be. */
const clientPort = 40_000;

/** All pods, services, the node and the outside against each other. */
export function reachOf(snapshot: Snapshot, wish: ReachWish): Reach {
  const model = openModel(snapshot);
  const alone = aloneModels(snapshot);
  const asked = (['ip', 'ip6'] as const).flatMap((family) => partsOf(model, family, wish));
  const parts = asked.map((part) => surveyPart(part, model, alone));
  const verdicts = { delivered: 0, dropped: 0, rejected: 0, undecided: 0 };
  for (const { classes } of parts) for (const { verdict, pairs } of classes) verdicts[verdict] += pairs;
  return {
    parts,
    pairs: parts.reduce((sum, { pairs }) => sum + pairs, 0),
    verdicts,
    ports: wish.from === null || wish.to === null ? [] : asked.flatMap((part) => portsOf(part, wish.protocol, model)),
    sources: wish.to === null || wish.from !== null ? [] : asked.flatMap((part) => sourcesOf(part, model)),
  };
}

/** Of the first source and the first destination. */
function portsOf(part: Part, protocol: string | null, model: Model): readonly ReachPorts[] {
  const [from] = part.sources;
  const [to] = part.destinations;
  if (from === undefined || to === undefined) return [];
  const names = Object.keys(numbers).filter((each) => each === protocol || protocol === null);
  return names.flatMap((each) => {
    const { question } = questionOf({ family: part.family, protocol: each, sources: [from], destinations: [to] }, model);
    return question.sources.length === 0 ? [] : [portSets(model, question, { protocol: each, from, to })];
  });
}

/** Of the first destination, for IPv4. */
function sourcesOf(part: Part, model: Model): readonly ReachSources[] {
  const [to] = part.destinations;
  const far = outsideIn(model, 'ip');
  if (to === undefined || far === null || part.family !== 'ip') return [];
  const { question } = questionOf({ ...part, sources: [outside], destinations: [to] }, model);
  return question.sources.length === 0 ? [] : [sourceSets(model, question, far.by, to, part.protocol)];
}

function outsideIn({ snapshot: { routes } }: Model, family: Family): ReturnType<typeof outsideOf> {
  return routes.kind === 'missing' ? null : outsideOf(routes.value, family);
}

type Alone = readonly { readonly backend: Backend; readonly model: Model }[];

/** Of interest only where both backends have something to say. */
function aloneModels(snapshot: Snapshot): Alone {
  const models = (['legacy', 'nft'] as const).map((backend) => ({
    backend,
    model: openModel(withoutBackend(snapshot, backend === 'legacy' ? 'nft' : 'legacy')),
  }));
  return models.every(({ model }) => hasRules(model)) ? models : [];
}

function hasRules({ hooks }: Model): boolean {
  return (['ip', 'ip6'] as const).some((family) =>
    (['prerouting', 'input', 'forward', 'output', 'postrouting'] as const).some((hook) =>
      hooks.program(family, hook).groups.some(({ members }) => members.some(({ kind }) => kind === 'chain')),
    ),
  );
}

interface Part {
  readonly family: Family;
  readonly protocol: string;
  readonly sources: readonly Endpoint[];
  readonly destinations: readonly Endpoint[];
}

function partsOf(model: Model, family: Family, { from, to, protocol }: ReachWish): readonly Part[] {
  const far = outsideIn(model, family) === null ? [] : [outside];
  const near = hostAddress(model, family, null) === null ? [] : [host];
  const everyone = [...podsOf(model, family), ...near, ...far];
  const own = (each: Endpoint): boolean => each.address === null || each.address.family === family;
  const sources = from === null ? everyone : from.filter(own);
  const all = to === null ? [...podsOf(model, family), ...servicesOf(model, family), ...near, ...far] : to.filter(own);
  const groups = Map.groupBy(all, ({ port }) => port?.protocol ?? 'icmp');
  if (protocol === 'icmp')
    groups.set(
      'icmp',
      all.filter(({ kind }) => kind !== 'service'),
    );
  return [...groups]
    .filter(([name]) => protocol === null || name === protocol)
    .map(([name, destinations]) => ({ family, protocol: name, sources, destinations }))
    .filter((part) => part.sources.length > 0 && (name(part) === 'icmp' || name(part) in numbers));
}

const name = ({ protocol }: Part): string => protocol;

/** The question, and of whom each of its rows is: the node has a row for each address that it sends from. */
interface Asked {
  readonly question: PairQuestion;
  readonly rows: readonly number[];
}

function surveyPart(part: Part, model: Model, alone: Alone): ReachPart {
  const asked = questionOf(part, model);
  const knows = new Knowledge();
  const now = pairFates(model, asked.question, knows);
  const classes = classesOf(now, asked, part);
  return {
    family: part.family,
    protocol: part.protocol,
    sources: part.sources.map(named),
    destinations: part.destinations.map(named),
    pairs: classes.reduce((sum, { pairs }) => sum + pairs, 0),
    classes,
    alone: alone.flatMap(({ backend, model: one }) => otherwise(backend, now, pairFates(one, asked.question, knows), asked, part)),
  };
}

const named = ({ name: text, kind }: Endpoint): { readonly name: string; readonly kind: Endpoint['kind'] } => ({ name: text, kind });

function questionOf({ family, protocol, sources, destinations }: Part, model: Model): Asked {
  const ports = protocol in numbers;
  const far = outsideIn(model, family);
  const to = destinations.map((each): Destination | null => {
    const address = each.address ?? (each.kind === 'host' ? hostAddress(model, family, null) : (far?.address ?? null));
    return address === null ? null : { address, port: ports ? (each.port?.number ?? null) : null };
  });
  const list: Source[] = [];
  const rows: number[] = [];
  const pairs: Rect[] = [];
  for (const [row, source] of sources.entries()) {
    for (const [own, columns] of rowsOf(source, { family, destinations, to, far }, model)) {
      pairs.push({ x: oneBit(list.length), y: columns });
      list.push(own);
      rows.push(row);
    }
  }
  const asked = to.map((each) => each ?? { address: { family, words: family === 'ip' ? [0] : [0, 0, 0, 0] }, port: null });
  const question = {
    family,
    protocol: numbers[protocol] ?? icmp[family],
    fromPort: ports ? clientPort : null,
    sources: list,
    destinations: asked,
    pairs: bySide(pairs, 'x'),
  };
  return { question, rows };
}

interface Columns {
  readonly family: Family;
  readonly destinations: readonly Endpoint[];
  readonly to: readonly (Destination | null)[];
  readonly far: ReturnType<typeof outsideOf>;
}

/** The addresses and interfaces that a source sends from, each with the destinations that it does so for; not to itself. */
function rowsOf(source: Endpoint, { family, destinations, to, far }: Columns, model: Model): readonly (readonly [Source, Bits])[] {
  const found = new Map<string, { readonly source: Source; columns: Bits }>();
  let last: Address | null = null;
  let row: { readonly source: Source; columns: Bits } | undefined;
  for (let column = 0; column < to.length; column++) {
    const destination = to[column] ?? null;
    if (destination === null || sameEnd(source, destinations[column] as Endpoint)) continue;
    const address = source.address ?? (source.kind === 'host' ? hostAddress(model, family, destination.address) : (far?.address ?? null));
    if (address === null) continue;
    if (row === undefined || address !== last) {
      const inInterface = source.kind === 'outside' ? (far?.by ?? null) : null;
      const key = address.words.join('.');
      row = found.get(key) ?? { source: { address, inInterface }, columns: none };
      found.set(key, row);
      last = address;
    }
    row.columns = withBit(row.columns, column);
  }
  return [...found.values()].map((each) => [each.source, each.columns] as const);
}

function classesOf({ fates, of }: PairFates, asked: Asked, part: Part): readonly ReachClass[] {
  const found = gather(of, asked, part);
  return fates.map((fate, i) => ({ ...fate, ...(found.get(i) ?? { pairs: 0, rectangles: [] }) })).filter(({ pairs }) => pairs > 0);
}

interface Gathered {
  readonly pairs: number;
  readonly rectangles: readonly ReachRectangle[];
}

/** By value of `of`: how many pairs, and which. */
function gather(of: ArrayLike<number>, { question, rows }: Asked, { destinations }: Part): ReadonlyMap<number, Gathered> {
  const width = destinations.length;
  const found = new Map<number, { pairs: number; readonly rows: Map<number, Bits> }>();
  for (let row = 0; row < question.sources.length; row++) {
    const source = rows[row] as number;
    for (let column = 0; column < width; ) {
      const value = of[row * width + column] as number;
      const first = column;
      while (column < width && of[row * width + column] === value) column++;
      if (value < 0) continue;
      const own = found.get(value) ?? { pairs: 0, rows: new Map<number, Bits>() };
      found.set(value, own);
      own.pairs += column - first;
      let bits = own.rows.get(source) ?? none;
      for (let each = first; each < column; each++) bits = withBit(bits, each);
      own.rows.set(source, bits);
    }
  }
  return new Map([...found].map(([value, own]) => [value, { pairs: own.pairs, rectangles: rectanglesOf(own.rows) }]));
}

function rectanglesOf(rows: ReadonlyMap<number, Bits>): readonly ReachRectangle[] {
  const rects = [...rows].map(([row, y]) => ({ x: oneBit(row), y }));
  return bySide(rects, 'x').map(({ x, y }) => ({ from: membersOf(x), to: membersOf(y) }));
}

const order: readonly Verdict[] = ['delivered', 'dropped', 'rejected', 'undecided'];

/** Pairs that have another verdict with one backend alone. */
function otherwise(backend: Backend, now: PairFates, alone: PairFates, asked: Asked, part: Part): readonly ReachAlone[] {
  const verdictOf = ({ fates, of }: PairFates, at: number): number => order.indexOf(fates[of[at] as number]?.verdict ?? 'undecided');
  const differs = new Int32Array(now.of.length).fill(-1);
  for (let at = 0; at < differs.length; at++) {
    if ((now.of[at] as number) < 0) continue;
    const [a, b] = [verdictOf(now, at), verdictOf(alone, at)];
    if (a !== b) differs[at] = a * order.length + b;
  }
  return [...gather(differs, asked, part)].map(([value, gathered]) => ({
    backend,
    now: order[Math.floor(value / order.length)] as Verdict,
    alone: order[value % order.length] as Verdict,
    ...gathered,
  }));
}
