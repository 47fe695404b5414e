import type { NftExpression, NftFamily, NftSet } from '#facts/nft.ts';
import { padded } from '../key-fields.ts';
import { type Layers, payloadTerm, startingLayers } from './payload.ts';
import { registerStatement, type Surroundings } from './register-statements.ts';
import { setText } from './sets.ts';
import { plainStatement } from './statements.ts';
import { ctTerm, metaTerm, otherTerm, plainHex, type Term } from './terms.ts';
import { isFlags, type ValueType, valueText } from './values.ts';

export interface Listing {
  readonly family: NftFamily;
  readonly littleEndian: boolean;
  readonly sets: ReadonlyMap<string, NftSet>;
}

interface Statement {
  readonly text: string;
  /** `tcp`, `ip`: only asked for what a later statement says anyway. */
  readonly asks: string | null;
  /** Of a comparison `>=`, which the next one may make a range. */
  readonly lower?: { readonly of: string; readonly value: string };
}

const unknown: Term = { text: '(register)', type: plainHex };
const operators = { eq: '', neq: '!= ', lt: '< ', lte: '<= ', gt: '> ', gte: '>= ' } as const;

/** Follows what the registers hold through one rule, and words each comparison and statement. */
export class Printer {
  readonly #listing: Listing;
  readonly #registers: (Term | undefined)[] = [];
  readonly #statements: Statement[] = [];
  #layers: Layers;
  readonly #around: Surroundings;

  constructor(listing: Listing) {
    this.#listing = listing;
    this.#layers = startingLayers(listing.family);
    this.#around = { family: listing.family, look: this.#look, word: this.#value };
  }

  get text(): string {
    return this.#statements.map(({ text }) => text).join(' ');
  }

  add(expression: NftExpression): void {
    const loaded = this.#load(expression);
    if (loaded !== null && 'to' in expression && typeof expression.to === 'number') {
      this.#registers[expression.to] = loaded;
      if (expression.kind === 'lookup') this.#forget(expression.to, this.#listing.sets.get(expression.set)?.dataLength ?? 0);
      return;
    }
    const text =
      plainStatement(expression, this.#layers.network) ?? this.#conditions(expression) ?? registerStatement(expression, this.#around);
    if (text !== null) this.#say(text);
  }

  /** Data of a map fills the words behind the first, whatever they held. */
  #forget(register: number, length: number): void {
    for (let i = 1; i < length / 4; i++) this.#registers[register + i] = undefined;
  }

  #say(text: string, asks: string | null = null): void {
    this.#statements.push({ text, asks });
  }

  readonly #look = (register: number): Term | undefined => (this.#registers[register] === undefined ? undefined : this.#said(register));

  readonly #value = (type: ValueType, bytes: Uint8Array): string => valueText(type, bytes, this.#listing.littleEndian);

  readonly #term = (register: number): Term => this.#registers[register] ?? unknown;

  /** What the expression leaves in a register; null where it is no load. */
  #load(expression: NftExpression): Term | null {
    switch (expression.kind) {
      case 'payload':
        return payloadTerm(expression, this.#layers);
      case 'meta':
        return metaTerm(expression.key);
      case 'ct':
        return ctTerm(expression);
      case 'immediate':
        return { text: this.#value(plainHex, expression.value), type: plainHex, constant: expression.value };
      case 'bitwise':
        return this.#masked(expression);
      case 'byteorder':
        return flipped(this.#term(expression.from));
      case 'shift':
        return {
          ...this.#term(expression.from),
          text: `${this.#term(expression.from).text} ${expression.direction === 'left' ? '<<' : '>>'} ${expression.bits}`,
        };
      case 'bitwise-registers':
        return { ...this.#term(expression.from), text: this.#combined(expression) };
      case 'lookup':
        return typeof expression.to === 'number'
          ? { text: `${this.#keys(expression)} map ${this.#set(expression)}`, type: plainHex }
          : null;
      default:
        return otherTerm(expression, (register) => this.#said(register).text);
    }
  }

  #combined({ op, from, from2 }: Extract<NftExpression, { kind: 'bitwise-registers' }>): string {
    return `${this.#term(from).text} ${{ and: '&', or: '|', xor: '^' }[op]} ${this.#term(from2).text}`;
  }

  #masked({ from, mask, xor }: Extract<NftExpression, { kind: 'bitwise' }>): Term {
    const term = this.#term(from);
    const word = (bytes: Uint8Array): string => this.#value(isFlags(term.type) ? { ...term.type, name: 'hex' } : term.type, bytes);
    if (xor.every((byte) => byte === 0)) return { ...term, mask };
    if (mask.every((byte, i) => byte === (~(xor[i] as number) & 255))) return { ...term, text: `${term.text} | ${word(xor)}` };
    if (mask.every((byte) => byte === 255)) return { ...term, text: `${term.text} ^ ${word(xor)}` };
    return { ...term, text: `${term.text} & ${word(mask)} ^ ${word(xor)}` };
  }

  /** Comparisons and look-ups. */
  #conditions(expression: NftExpression): string | null {
    switch (expression.kind) {
      case 'compare':
        this.#compare(expression);
        return null;
      case 'range': {
        const term = this.#said(expression.from);
        const range = `${this.#value(term.type, expression.first)}-${this.#value(term.type, expression.last)}`;
        return `${this.#maskedText(term)} ${expression.op === 'neq' ? '!= ' : ''}${range}`;
      }
      case 'payload-set': {
        const { constant, text } = this.#said(expression.from);
        const field = this.#noted(payloadTerm(expression, this.#layers));
        return `${field.text} set ${constant === undefined ? text : this.#value(field.type, constant)}`;
      }
      case 'lookup':
        return `${this.#keys(expression)} ${expression.to === 'verdict' ? 'vmap ' : expression.negated ? '!= ' : ''}${this.#set(expression)}`;
      default:
        return null;
    }
  }

  #compare({ op, from, value }: Extract<NftExpression, { kind: 'compare' }>): void {
    const term = this.#said(from);
    const asks = op === 'eq' && term.mask === undefined ? this.#asked(term, value) : null;
    const text = this.#comparison(term, op, value);
    const lower = this.#statements.at(-1)?.lower;
    if (op === 'lte' && term.mask === undefined && lower?.of === term.text) {
      this.#statements.pop();
      this.#say(`${term.text} ${lower.value}-${this.#value(term.type, value)}`);
    } else if (op === 'gte' && term.mask === undefined)
      this.#statements.push({ text, asks, lower: { of: term.text, value: this.#value(term.type, value) } });
    else this.#say(text, asks);
  }

  #comparison(term: Term, op: keyof typeof operators, value: Uint8Array): string {
    const { mask, type } = term;
    const prefix = prefixText(term, value);
    if (prefix !== null && (op === 'eq' || op === 'neq')) return `${term.text} ${operators[op]}${prefix}`;
    if (mask === undefined) return `${term.text} ${operators[op]}${this.#value(type, value)}`;
    const none = value.every((byte) => byte === 0);
    if (isFlags(type) && none && op === 'neq') return `${term.text} ${this.#value(type, mask)}`;
    if (isFlags(type) && none && op === 'eq') return `${term.text} ! ${this.#value(type, mask)}`;
    if (isFlags(type) && (op === 'eq' || op === 'neq'))
      return `${term.text} ${operators[op]}${this.#value(type, value)} / ${this.#value(type, mask)}`;
    return `${this.#maskedText(term)} ${op === 'eq' ? '==' : operators[op].trim()} ${this.#value(type, value)}`;
  }

  #maskedText({ text, mask, type }: Term): string {
    return mask === undefined ? text : `${text} & ${this.#value(type, mask)}`;
  }

  /** Notes which header later fields are of; the word that such fields start with, or null. */
  #asked(term: Term, value: Uint8Array): string | null {
    const word = this.#value(term.type, value);
    if (term.type.name === 'protocol' && !term.text.startsWith('ct')) {
      this.#layers = { ...this.#layers, transport: word };
      return word;
    }
    const network = { ipv4: 'ip', ipv6: 'ip6', ip: 'ip', ip6: 'ip6', arp: 'arp' }[word];
    if (network === undefined || (term.text !== 'meta nfproto' && term.type.name !== 'ethertype')) return null;
    this.#layers = { ...this.#layers, network };
    return network;
  }

  /** A field of a header stands for the comparison that asked for the header, where that is the last thing said of it. */
  #said(register: number): Term {
    return this.#noted(this.#term(register));
  }

  #noted(term: Term): Term {
    const last = this.#statements.findLastIndex(({ asks }) => asks !== null && asks === term.needs);
    if (last >= 0) this.#statements.splice(last, 1);
    return term;
  }

  #keys({ from, set }: { readonly from: number; readonly set: string }): string {
    return this.#keyTerms(from, set)
      .map((term) => this.#maskedText(term))
      .join(' . ');
  }

  /** The fields of a concatenation lie in the words behind each other. */
  #keyTerms(from: number, name: string): readonly Term[] {
    let at = from;
    return (this.#listing.sets.get(name)?.keyFields ?? [4]).map((length) => {
      const term = this.#said(at);
      at += padded(length) / 4;
      return term;
    });
  }

  #set({ from, set }: { readonly from: number; readonly set: string }): string {
    const types = this.#keyTerms(from, set).map(({ type }) => type);
    return setText(set, this.#listing.sets.get(set), { types, littleEndian: this.#listing.littleEndian });
  }
}

/** Interval sets hold numbers in network order, so that the kernel can sort them. */
function flipped(term: Term): Term {
  return { ...term, type: { ...term.type, order: term.type.order === 'host' ? 'network' : 'host' } };
}

/** `10.0.0.0/8`, by a mask or by the bytes that are compared. Null where it is no prefix of an address. */
function prefixText({ type, mask }: Term, value: Uint8Array): string | null {
  const length = type.name === 'ipv4' ? 4 : type.name === 'ipv6' ? 16 : 0;
  if (length === 0 || (mask === undefined && value.length === length) || value.length > length) return null;
  const binary = Array.from(mask ?? new Uint8Array(value.length).fill(255), (byte) => byte.toString(2).padStart(8, '0')).join('');
  const bits = binary.indexOf('0') < 0 ? binary.length : binary.indexOf('0');
  if (binary.indexOf('1', bits) >= 0) return null;
  const whole = new Uint8Array(length);
  whole.set(value);
  return `${valueText(type, whole, true)}/${bits}`;
}
