import type { Address } from '#facts/address.ts';
import type { Probe, RuleSelector } from '#facts/packet-walk.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { UserError } from './command.ts';
import { type Endpoint, outsideAddress, readEndpoint } from './walk-endpoint.ts';

/** A probe as people and batches write it. */
export interface ProbeText {
  readonly from: string;
  readonly to: string;
  readonly proto?: string | undefined;
  readonly inInterface?: string | undefined;
  readonly state?: string | undefined;
  readonly tcpFlags?: string | undefined;
  readonly icmpType?: string | number | undefined;
  readonly mark?: number | undefined;
  readonly badChecksum?: boolean | undefined;
  readonly fragment?: unknown;
  readonly ttl?: unknown;
  readonly length?: unknown;
}

const protocols: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58, sctp: 132, gre: 47 };
const states = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const;
const flagBits: Readonly<Record<string, number>> = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, none: 0 };
const withPorts: ReadonlySet<number> = new Set([6, 17, 132, 33, 136]);

/**
 * Reads a probe. `host` stands for the node itself, with the address that it would use towards the other end; `outside` for an address that only
 * the default route names.
 */
export function readProbe(text: ProbeText, snapshot: Snapshot): Probe {
  const named = { from: readEndpoint(text.from, '--from', snapshot), to: readEndpoint(text.to, '--to', snapshot) };
  const { from, to, inInterface } = endsOf(named, text, snapshot);
  const protocol = protocolOf(text.proto, named.to.port !== null || named.from.port !== null, to.family);
  const ports = withPorts.has(protocol);
  if (ports && named.to.port === null) throw new UserError(`--to: found '${text.to}', expected ADDR:PORT for this protocol`);
  return {
    from,
    to,
    protocol,
    fromPort: ports ? (named.from.port ?? 40_000) : null,
    toPort: ports ? named.to.port : null,
    inInterface: knownInterface(text.inInterface, snapshot) ?? inInterface,
    icmp: icmpOf(text.icmpType, protocol),
    tcpFlags: protocol === 6 ? flagsOf(text.tcpFlags) : null,
    state: stateOf(text.state),
    mark: numberOf(text.mark, 'mark', 0xffffffff) ?? 0,
    badChecksum: text.badChecksum === true,
    fragment: fragmentOf(text.fragment),
    ttl: numberOf(text.ttl, 'ttl', 255),
    length: numberOf(text.length, 'length', 65_535),
  };
}

function knownInterface(name: string | undefined, { links }: Snapshot): string | undefined {
  if (name === undefined || links.kind === 'missing' || links.value.some((link) => link.name === name)) return name;
  const names = links.value.map((link) => link.name);
  const more = names.length > 12 ? ` and ${names.length - 12} more` : '';
  throw new UserError(`--in-interface: found '${name}', expected one of ${names.slice(0, 12).join(', ')}${more}`);
}

interface Ends {
  readonly from: Address;
  readonly to: Address;
  readonly inInterface: string | null;
}

/** The first family in which both ends have an address. */
function endsOf(named: { readonly from: Endpoint; readonly to: Endpoint }, text: ProbeText, snapshot: Snapshot): Ends {
  const { from, to } = named;
  const known = [from.addresses, to.addresses].filter((each) => typeof each !== 'string').flat();
  const families = (['ip', 'ip6'] as const).filter((family) =>
    [from.addresses, to.addresses].every((each) => typeof each === 'string' || each.some((address) => address.family === family)),
  );
  const [family] = known.length === 0 ? (['ip'] as const) : families;
  if (family === undefined) throw new UserError(`--from ${text.from} and --to ${text.to}: found two address families, expected one`);
  const fixed = ({ addresses }: Endpoint, option: string): Address | null => {
    if (addresses === 'host') return null;
    if (addresses === 'outside') return outsideAddress(family, snapshot, option).address;
    return addresses.find((address) => address.family === family) ?? null;
  };
  const own = { from: fixed(from, '--from'), to: fixed(to, '--to') };
  const toAddress = own.to ?? hostAddress(own.from, snapshot);
  const inInterface = from.addresses === 'outside' ? outsideAddress(family, snapshot, '--from').by : null;
  return { from: own.from ?? hostAddress(toAddress, snapshot), to: toAddress, inInterface };
}

function numberOf(value: unknown, name: string, most: number): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new UserError(`${name}: found ${JSON.stringify(value)}, expected a number from 0 to ${most}`);
}

function fragmentOf(value: unknown): NonNullable<Probe['fragment']> | null {
  if (value === undefined || value === null) return null;
  const { offset, more } = value as { readonly offset?: unknown; readonly more?: unknown };
  if (
    typeof offset === 'number' &&
    Number.isInteger(offset) &&
    offset >= 0 &&
    offset <= 65_528 &&
    offset % 8 === 0 &&
    typeof more === 'boolean'
  )
    return { offset, more };
  throw new UserError(`fragment: found ${JSON.stringify(value)}, expected {"offset": a multiple of 8, "more": true or false}`);
}

/** The node's address towards another: that of a route to the node itself, of the most specific other one, else its first global one. */
function hostAddress(other: Address | null, snapshot: Snapshot): Address {
  const { addresses, routes } = snapshot;
  if (addresses.kind === 'missing')
    throw new UserError(`host: the node's addresses are not in the snapshot (${addresses.source}: ${addresses.because})`);
  const family = other?.family ?? 'ip';
  const global = addresses.value.filter(({ address, scope }) => address.family === family && scope === 'global');
  const preferred = other === null || routes.kind === 'missing' ? undefined : sourceTowards(other, snapshot);
  const found = preferred ?? global[0]?.address;
  if (found === undefined) throw new UserError(`host: the node has no global ${family} address`);
  return found;
}

function sourceTowards(other: Address, { addresses, routes }: Snapshot): Address | undefined {
  if (routes.kind === 'missing' || addresses.kind === 'missing') return undefined;
  const fitting = routes.value
    .filter(
      ({ table, family, type }) =>
        family === other.family && (table === 'local' ? type === 'local' : table === 'main' && type === 'unicast'),
    )
    .filter(({ destination: { words, mask } }) =>
      words.every((word, i) => ((other.words[i] as number) & (mask[i] as number)) >>> 0 === word),
    )
    .toSorted(
      (a, b) =>
        Number(b.type === 'local') - Number(a.type === 'local') ||
        (b.destination.bits ?? 0) - (a.destination.bits ?? 0) ||
        a.metric - b.metric,
    )[0];
  if (fitting === undefined) return undefined;
  if (fitting.type === 'local') return fitting.source ?? other;
  const own = addresses.value.find(
    (each) => each.interface === fitting.interface && each.address.family === other.family && each.scope === 'global',
  );
  return fitting.source ?? own?.address;
}

function protocolOf(text: string | undefined, hasPort: boolean, family: string): number {
  if (text === undefined) return hasPort ? 6 : family === 'ip' ? 1 : 58;
  const number = Object.hasOwn(protocols, text) ? (protocols[text] as number) : /^\d{1,3}$/.test(text) ? Number(text) : 256;
  if (number > 255) throw new UserError(`--proto: found '${text}', expected tcp, udp, icmp, sctp or a number`);
  return number === 1 && family === 'ip6' ? 58 : number;
}

function stateOf(text: string | undefined): Probe['state'] {
  const found = states.find((state) => state === (text ?? 'new').toUpperCase());
  if (found === undefined) throw new UserError(`--state: found '${text}', expected new, established, related, invalid or untracked`);
  return found;
}

function flagsOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  return text.split(',').reduce((bits, name) => {
    if (!Object.hasOwn(flagBits, name)) throw new UserError(`tcpFlags: found '${name}', expected fin, syn, rst, psh, ack, urg or none`);
    return bits | (flagBits[name] as number);
  }, 0);
}

function icmpOf(text: string | number | undefined, protocol: number): Probe['icmp'] {
  if (text === undefined || (protocol !== 1 && protocol !== 58)) return null;
  const parts = /^(\d{1,3})(?:\/(\d{1,3}))?$/.exec(String(text));
  if (parts === null) throw new UserError(`icmpType: found '${text}', expected TYPE or TYPE/CODE`);
  return { type: Number(parts[1]), code: Number(parts[2] ?? 0) };
}

/** `owner=calico,backend=nft`: all given fields must fit. */
export function readSelector(text: string): RuleSelector {
  const known = ['backend', 'table', 'chain', 'owner', 'rule'];
  const fields = text.split(',').map((part) => {
    const [key, value, more] = part.split('=');
    if (key === undefined || !known.includes(key) || value === undefined || value === '' || more !== undefined)
      throw new UserError(`--without: found '${part}', expected ${known.join('=, ')}= joined by commas`);
    if (key === 'backend' && value !== 'nft' && value !== 'legacy')
      throw new UserError(`--without: found backend '${value}', expected nft or legacy`);
    if (key === 'rule' && !/^\d+$/.test(value)) throw new UserError(`--without: found rule '${value}', expected a number`);
    return [key, key === 'rule' ? Number(value) : value] as const;
  });
  return Object.fromEntries(fields) as RuleSelector;
}
