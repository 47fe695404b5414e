import type { NftElement, NftSet } from '#facts/nft.ts';
import { isObject, type JsonObject, numberOf, objectsOf, textOf } from '../json-fields.ts';
import { padded } from './bytes.ts';
import { type DataType, dataTypeOf } from './data-types.ts';
import { jumpsIn } from './jumps.ts';
import type { RuleReader } from './listed-chain.ts';
import { dataLength, verdictLength } from './lookups.ts';
import { NotCompiled } from './not-compiled.ts';
import { fieldOf, flagsOf } from './operands.ts';
import type { AnonymousSet, SetHead } from './rule-state.ts';
import { type ElementShape, elementOf, widthsOf } from './set-elements.ts';

/** A named set or map, `declaration` as `nft -j` has it; its elements are compiled when they are looked at. */
export class ListedSet implements NftSet {
  readonly name: string;
  readonly handle: number;
  readonly anonymous = false;
  readonly map: NftSet['map'];
  readonly interval: boolean;
  readonly timeout: boolean;
  readonly keyFields: readonly number[];
  readonly keyLength: number;
  readonly dataLength: number;
  readonly size: number | null;
  readonly line: number;
  readonly elementCount: number;
  readonly jumps: readonly string[];
  readonly #reader: RuleReader;
  readonly #place: { readonly start: number; readonly end: number };
  readonly #stateful: boolean;
  #dynamic: boolean;
  readonly #key: readonly DataType[] | null;
  readonly #data: readonly DataType[] | null;
  #elements: Compiled | null = null;

  constructor(declaration: JsonObject, place: { readonly line: number; readonly start: number; readonly end: number }, reader: RuleReader) {
    const elements = Array.isArray(declaration['elem']) ? declaration['elem'] : [];
    const flags = flagsOf(declaration['flags']);
    this.name = textOf(declaration['name']) ?? '';
    this.handle = numberOf(declaration['handle']) ?? 0;
    this.interval = flags.includes('interval');
    this.timeout = flags.includes('timeout');
    this.#dynamic = flags.includes('dynamic') || this.timeout;
    this.#stateful = objectsOf(declaration['stmt']).some((statement) => !('counter' in statement) && !('last' in statement));
    this.map = mapKind(declaration['map']);
    this.#key = typesOf(declaration['type']);
    this.#data = this.map === 'data' ? typesOf(declaration['map']) : null;
    this.keyFields = widthsOf(this.#key ?? []);
    this.keyLength = lengthOf(this.keyFields);
    this.dataLength = this.map === 'verdict' ? verdictLength : this.#data === null ? 0 : dataLength(this.#data);
    this.size = numberOf(declaration['size']) ?? null;
    this.line = place.line;
    this.elementCount = elements.length;
    this.jumps = this.map === 'verdict' ? jumpsIn(elements).jumps : [];
    this.#place = place;
    this.#reader = reader;
  }

  /** A set that could not be read need not hold what it seems to. */
  get dynamic(): boolean {
    return this.#dynamic || this.#compiled().problem !== null;
  }

  markDynamic(): void {
    this.#dynamic = true;
  }

  /** None where one of them cannot be read: no rule is compiled for such a set (see `head`). */
  get elements(): readonly NftElement[] {
    return this.#compiled().elements;
  }

  get head(): SetHead {
    return { name: this.name, interval: this.interval, map: this.map, key: this.#key, data: this.#data, problem: this.#compiled().problem };
  }

  #compiled(): Compiled {
    this.#elements ??= this.#compile();
    return this.#elements;
  }

  #compile(): Compiled {
    if (this.#key === null) return { elements: [], problem: 'its listing does not tell how wide its keys are' };
    const shape: ElementShape = { key: this.#key, keyBytes: null, interval: this.interval, map: this.map, data: this.#data };
    try {
      const elements = this.#reader.elements(this.#place.start, this.#place.end).map((element) => elementOf(element, shape));
      return { elements: this.#stateful ? elements.map((element) => ({ ...element, stateful: true })) : elements, problem: null };
    } catch (error) {
      if (error instanceof NotCompiled) return { elements: [], problem: error.message };
      throw error;
    }
  }
}

interface Compiled {
  readonly elements: readonly NftElement[];
  readonly problem: string | null;
}

/** Sum of a key's fields; those of a concatenation are padded to four bytes each. */
function lengthOf(widths: readonly number[]): number {
  return widths.length === 1 ? (widths[0] as number) : widths.reduce((sum, width) => sum + padded(width), 0);
}

const objects = new Set(['counter', 'quota', 'limit', 'ct helper', 'ct timeout', 'ct expectation', 'secmark', 'synproxy', 'tunnel']);

function mapKind(map: unknown): NftSet['map'] {
  if (map === undefined) return null;
  const name = textOf(map);
  if (name === 'verdict') return 'verdict';
  return name !== null && objects.has(name) ? 'object' : 'data';
}

/** `"ipv4_addr"`, `["ipv4_addr", "inet_service"]`, `"ipv4_addr . inet_service"`, `{"typeof": ...}`; null where one of them has no known width. */
function typesOf(given: unknown): readonly DataType[] | null {
  const types: DataType[] = [];
  for (const part of partsOf(given)) {
    const type = typeof part === 'string' ? dataTypeOf(part) : typeofType(part);
    if (type === null) return null;
    types.push(type);
  }
  return types.length === 0 ? null : types;
}

function partsOf(given: unknown): readonly unknown[] {
  if (typeof given === 'string') return given.split(' . ');
  if (Array.isArray(given)) return given;
  const inner = isObject(given) ? given['typeof'] : undefined;
  const concatenation = isObject(inner) ? inner['concat'] : undefined;
  return Array.isArray(concatenation) ? concatenation : [inner];
}

function typeofType(expression: unknown): DataType | null {
  try {
    return fieldOf(expression, 'inet').type;
  } catch (error) {
    if (error instanceof NotCompiled) return null;
    throw error;
  }
}

export function anonymousSet(name: string, set: AnonymousSet): NftSet {
  return {
    name,
    handle: 0,
    anonymous: true,
    map: set.map,
    interval: set.interval,
    dynamic: false,
    timeout: false,
    keyFields: set.keyFields,
    keyLength: lengthOf(set.keyFields),
    dataLength: set.dataLength,
    size: null,
    line: 0,
    elementCount: set.elements.length,
    elements: set.elements,
  };
}
