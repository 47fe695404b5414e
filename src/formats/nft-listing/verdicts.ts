import type { NftVerdict } from '#facts/nft.ts';
import { isObject, objectOf, textOf } from '../json-fields.ts';

const plain: readonly string[] = ['accept', 'drop', 'continue', 'break', 'return'] satisfies readonly NftVerdict['kind'][];

/** `{"accept": null}`, `{"jump": {"target": "NAME"}}`; null for anything else. */
export function verdictOf(value: unknown): NftVerdict | null {
  if (!isObject(value)) return null;
  const [kind] = Object.keys(value);
  if (kind === undefined) return null;
  if (kind === 'jump' || kind === 'goto') {
    const chain = textOf(objectOf(value[kind])['target']);
    return chain === null ? null : { kind, chain };
  }
  return plain.includes(kind) ? ({ kind } as NftVerdict) : null;
}
