import type { Family } from '#facts/address.ts';
import type { Match } from '#facts/rule.ts';
import { own } from './own.ts';
import type { Option, Segment } from './segments.ts';
import { UnreadableValue } from './values.ts';

export type Decode = (segment: Segment, family: Family) => readonly Match[];

/** One option at a time; an option that the table lacks makes the whole module unmodelled. */
export function byOption(table: Readonly<Record<string, (option: Option, family: Family) => Match>>): Decode {
  return (segment, family) => {
    if (segment.options.length === 0) throw new UnreadableValue('no option');
    return segment.options.map((option) => {
      const decode = own(table, option.name);
      if (decode === undefined) throw new UnreadableValue(`option '${option.name}'`);
      return decode(withItsValues(option), family);
    });
  };
}

const valueCounts: Readonly<Record<string, number>> = { '--tcp-flags': 2, '--syn': 0, '-f': 0 };

/** A word too many (`[unsupported revision]`) would be a condition that we overlook. */
export function withItsValues(option: Option): Option {
  const expected = own(valueCounts, option.name) ?? 1;
  if (option.values.length === expected) return option;
  throw new UnreadableValue(`${option.values.length} values of '${option.name}'`);
}
