import type { NftElement, NftSet, NftVerdict } from '#facts/nft.ts';
import { fieldsOfType, padded } from '../key-fields.ts';
import { plainHex } from './terms.ts';
import { type ValueType, valueText } from './values.ts';

/** Of sets of the kernel also the type of a map's data is known. */
type PrintedSet = NftSet & { readonly dataType?: number };

interface Wording {
  readonly types: readonly ValueType[];
  readonly littleEndian: boolean;
}

/** More than a person reads. */
const mostElements = 100;

/** `@name`, or of an anonymous set what it holds. */
export function setText(name: string, set: PrintedSet | undefined, of: Wording): string {
  if (set === undefined || !set.anonymous) return `@${name}`;
  const elements = sorted(set.elements);
  const shown = elements.slice(0, mostElements).map((element) => elementText(element, set, of));
  if (elements.length > mostElements) shown.push('...');
  return shown.length === 0 ? '{ }' : `{ ${shown.join(', ')} }`;
}

/** The kernel's own order is that of a hash. */
function sorted(elements: readonly NftElement[]): readonly NftElement[] {
  return [...elements].sort((a, b) => {
    if (a.catchall !== b.catchall) return a.catchall ? 1 : -1;
    for (let i = 0; i < a.key.length; i++) {
      const difference = (a.key[i] as number) - (b.key[i] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

function elementText(element: NftElement, set: PrintedSet, of: Wording): string {
  const key = element.catchall ? '*' : keyText(element, set, of);
  if (element.verdict !== null) return `${key} : ${verdictText(element.verdict)}`;
  return element.data === null ? key : `${key} : ${dataText(element.data, set, of.littleEndian)}`;
}

function keyText({ key, last }: NftElement, { keyFields }: NftSet, { types, littleEndian }: Wording): string {
  let at = 0;
  const parts = keyFields.map((length, index) => {
    const type = types[index] ?? plainHex;
    const first = valueText(type, key.subarray(at, at + length), littleEndian);
    const end = last === null ? first : valueText(type, last.subarray(at, at + length), littleEndian);
    const isPrefix = type.name === 'name' && first !== end;
    at += padded(length);
    if (isPrefix) return first.replace(/"$/, '*"');
    return first === end ? first : `${first}-${end}`;
  });
  return parts.join(' . ');
}

/** nft's numbers of data types (see key-fields.ts) that data of maps is of. */
const dataTypes: Readonly<Record<number, ValueType>> = {
  7: { name: 'ipv4', order: 'network' },
  8: { name: 'ipv6', order: 'network' },
  12: { name: 'protocol', order: 'network' },
  13: { name: 'number', order: 'network' },
  19: { name: 'mark', order: 'host' },
};

function dataText(data: Uint8Array, set: PrintedSet, littleEndian: boolean): string {
  if (set.map === 'object') return `"${valueText({ name: 'name', order: 'network' }, data, littleEndian).replaceAll(/["*]/g, '')}"`;
  const fields = fieldsOfType(set.dataType ?? 0, data.length);
  if (fields === null) return valueText(plainHex, data, littleEndian);
  let at = 0;
  const parts = fields.map((length, index) => {
    const number = ((set.dataType ?? 0) >>> (6 * (fields.length - 1 - index))) & 63;
    const text = valueText(dataTypes[number] ?? plainHex, data.subarray(at, at + length), littleEndian);
    at += padded(length);
    return text;
  });
  return parts.join(' . ');
}

export function verdictText(verdict: NftVerdict): string {
  if (verdict.kind === 'jump' || verdict.kind === 'goto') return `${verdict.kind} ${verdict.chain}`;
  if (verdict.kind !== 'queue') return verdict.kind;
  return `queue num ${verdict.number}${verdict.bypass ? ' bypass' : ''}`;
}
