import type { NftExpression, NftFamily, NftRegister } from '#facts/nft.ts';
import { plainStatement } from './statements.ts';
import { ctTerm, metaTerm, type Term } from './terms.ts';
import type { ValueType } from './values.ts';

type Look = (register: NftRegister) => Term | undefined;

export interface Surroundings {
  /** Of the table. */
  readonly family: NftFamily;
  readonly look: Look;
  readonly word: (type: ValueType, bytes: Uint8Array) => string;
}

interface Values extends Surroundings {
  /** What the register holds, worded as a value of this type. */
  readonly value: (register: NftRegister, type: ValueType) => string;
}

const port: ValueType = { name: 'number', order: 'network' };

/** Statements whose arguments stand in registers. Null: it is none of them. */
export function registerStatement(expression: NftExpression, around: Surroundings): string | null {
  const { look, word } = around;
  const value = (register: NftRegister, type: ValueType): string => {
    const term = look(register);
    if (term?.constant !== undefined) return word(type, term.constant);
    const mask = term?.mask === undefined ? '' : ` & ${word(type, term.mask)}`;
    return `${term?.text ?? '(register)'}${mask}`;
  };
  switch (expression.kind) {
    case 'meta-set':
      return `meta ${expression.key} set ${value(expression.from, metaTerm(expression.key).type)}`;
    case 'ct-set':
      return `ct ${expression.key} set ${value(expression.from, ctTerm(expression).type)}`;
    case 'nat':
      return natText(expression, { ...around, value });
    case 'masquerade':
    case 'redirect': {
      const ports = rangeText(expression.portFrom, expression.portTo, (register) => value(register, port));
      const name = expression.kind;
      return [name, ports === '' ? '' : `to :${ports}`, expression.flags.join(',')].filter((part) => part !== '').join(' ');
    }
    case 'tproxy': {
      const address = expression.address === null ? '' : value(expression.address, addressType(expression.family));
      const family = address === '' ? '' : ` ${expression.family}`;
      return `tproxy${family} to ${address}${expression.port === null ? '' : `:${value(expression.port, port)}`}`;
    }
    case 'queue': {
      const { first, last, register, bypass } = expression;
      const number = register === null ? (first === last ? first : `${first}-${last}`) : value(register, port);
      return `queue${bypass ? ' flags bypass' : ''} to ${number}`;
    }
    case 'dynset':
      return dynsetText(expression, look);
    default:
      return null;
  }
}

const addressType = (family: string): ValueType => ({ name: family === 'ip6' ? 'ipv6' : 'ipv4', order: 'network' });

/** Where a map gives address and port as one, the port's register is filled by the same words. */
function natText(nat: Extract<NftExpression, { kind: 'nat' }>, { family, look, value }: Values): string {
  const known = (register: NftRegister | null): NftRegister | null => (register === null || look(register) === undefined ? null : register);
  const address = rangeText(nat.addressFrom, known(nat.addressTo), (register) => value(register, addressType(nat.family)));
  const ports = rangeText(known(nat.portFrom), known(nat.portTo), (register) => value(register, port));
  const host = nat.family === 'ip6' && ports !== '' && address !== '' ? `[${address}]` : address;
  const to = `${host}${ports === '' ? '' : `:${ports}`}`;
  return [nat.type, `${nat.family === family ? '' : `${nat.family} `}to ${to}`, nat.flags.join(',')]
    .filter((part) => part !== '')
    .join(' ');
}

/** Null: not given, or filled by the same map. */
function rangeText(from: NftRegister | null, to: NftRegister | null, word: (register: NftRegister) => string): string {
  if (from === null) return '';
  return to === null || to === from ? word(from) : `${word(from)}-${word(to)}`;
}

function dynsetText({ op, set, key, data, timeout, expressions, negated }: Extract<NftExpression, { kind: 'dynset' }>, look: Look): string {
  const words = [look(key)?.text ?? '(register)'];
  if (timeout !== null) words.push(`timeout ${timeout / 1000}s`);
  words.push(...expressions.flatMap((each) => plainStatement(each, null) ?? []));
  if (data !== null) words.push(`: ${look(data)?.text ?? '(register)'}`);
  return `${negated ? '! ' : ''}${op} @${set} { ${words.join(' ')} }`;
}
