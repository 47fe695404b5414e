import type { NftElement, NftExpression, NftFamily } from '#facts/nft.ts';
import { bytesOf } from './bytes.ts';
import type { DataType } from './data-types.ts';
import { notCompiled } from './not-compiled.ts';
import { networkOf, transportOf } from './payload-fields.ts';
import { compare, sharedLoad } from './shared.ts';

/** A named set or map as its declaration says, for the rules that look something up in it. */
export interface SetHead {
  readonly name: string;
  readonly interval: boolean;
  readonly map: 'data' | 'verdict' | 'object' | null;
  /** Null where the listing does not tell how wide they are. */
  readonly key: readonly DataType[] | null;
  readonly data: readonly DataType[] | null;
  /** Why its elements could not be read. */
  readonly problem: string | null;
}

/** A set that a rule brings along. */
export interface AnonymousSet {
  readonly map: 'data' | 'verdict' | 'object' | null;
  readonly interval: boolean;
  readonly keyFields: readonly number[];
  readonly dataLength: number;
  readonly elements: readonly NftElement[];
}

/** What the statements of a rule share while they are compiled. */
export interface RuleScope {
  readonly family: NftFamily;
  set(name: string): SetHead | null;
  /** Gives the set a name in its table. */
  addSet(set: AnonymousSet): string;
}

/**
 * A rule half compiled. nft adds what a header needs in front of a look into it, and its listings leave it out again where it follows from
 * the rest (`tcp dport 80` asks for protocol 6 first; `ip saddr` in an inet chain for IPv4): `require` puts it back.
 */
export class RuleState {
  readonly scope: RuleScope;
  readonly out: NftExpression[] = [];
  network: 'ip' | 'ip6' | 'arp' | null;
  transport: number | null = null;
  icmpType = false;

  constructor(scope: RuleScope) {
    this.scope = scope;
    const { family } = scope;
    this.network = family === 'ip' || family === 'ip6' || family === 'arp' ? family : null;
  }

  require(header: string): void {
    if (header === 'ether') this.#requireEthernet();
    const network = networkOf[header];
    if (network !== undefined) this.requireNetwork(network);
    const transport = transportOf[header];
    if (transport !== undefined) this.requireTransport(transport);
  }

  requireNetwork(network: 'ip' | 'ip6' | 'arp'): void {
    const { family } = this.scope;
    if (this.network === network || family === 'ip' || family === 'ip6' || family === 'arp') return;
    if (family === 'inet') {
      if (network === 'arp') notCompiled('arp in an inet chain');
      this.#ask('nfproto', bytesOf(network === 'ip' ? 2n : 10n, 1, 'host'));
    } else {
      this.#ask('protocol', bytesOf(network === 'ip' ? 0x0800n : network === 'ip6' ? 0x86ddn : 0x0806n, 2, 'network'));
    }
    this.network = network;
  }

  requireTransport(protocol: number): void {
    if (this.transport === protocol) return;
    this.#ask('l4proto', bytesOf(BigInt(protocol), 1, 'host'));
    this.transport = protocol;
  }

  /** ARPHRD_ETHER; frames of a bridge are Ethernet anyway. */
  #requireEthernet(): void {
    if (this.scope.family !== 'bridge') this.#ask('iiftype', bytesOf(1n, 2, 'host'));
  }

  #ask(key: string, value: Uint8Array): void {
    this.out.push(sharedLoad({ kind: 'meta', key, to: 0 }), compare('eq', 0, value));
  }
}
