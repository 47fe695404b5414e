import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { hex, nameOf, option, when } from '../words.ts';

/** Matches on the bytes of a packet: we print them, and model none. */

function patternWords(blob: Blob, negated: boolean): string {
  const pattern = blob.bytes.subarray(20, 20 + Math.min(blob.u8(148), 128));
  const printable = pattern.every((byte) => byte >= 32 && byte < 127);
  if (!printable || pattern.at(-1) === 92) {
    const digits = Array.from(pattern, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return option('--hex-string', `"|${digits}|"`, negated);
  }
  const text = String.fromCharCode(...pattern).replaceAll(/["\\]/g, (char) => `\\${char}`);
  return option('--string', `"${text}"`, negated);
}

const string = (revision: 0 | 1): MatchModule => ({
  size: 160,
  words(blob) {
    const [from, to, flags] = [blob.u16(0), blob.u16(2), blob.u8(149)];
    return (
      patternWords(blob, revision === 0 ? flags !== 0 : (flags & 1) !== 0) +
      option('--algo', blob.text(4, 16)) +
      when(from !== 0, '--from', from) +
      when(to !== 65535 && to !== 0, '--to', to) +
      when(revision === 1 && (flags & 2) !== 0, '--icase')
    );
  },
});

const u32Size = { test: 180, locations: 88, most: 10 } as const;
const operators = ['&', '<<', '>>', '@'];

function u32Test(blob: Blob, at: number): string {
  const [numbers, values] = [blob.u8(at + 176), blob.u8(at + 177)];
  if (numbers > u32Size.most + 1 || values > u32Size.most + 1) throw new UnreadableValue('test');
  const location = Array.from({ length: numbers }, (_, i) => {
    const operator = i === 0 ? '' : nameOf(blob.u8(at + i * 8 + 4), operators);
    return `${operator}${hex(blob.u32(at + i * 8))}`;
  });
  const ranges = Array.from({ length: values }, (_, i) => {
    const [first, last] = [blob.u32(at + u32Size.locations + i * 8), blob.u32(at + u32Size.locations + i * 8 + 4)];
    return first === last ? hex(first) : `${hex(first)}:${hex(last)}`;
  });
  return `${location.join('')}=${ranges.join(',')}`;
}

const u32: MatchModule = {
  size: 1984,
  words(blob) {
    const count = blob.u8(1980);
    if (count > u32Size.most + 1) throw new UnreadableValue(`${count} tests`);
    const tests = Array.from({ length: count }, (_, i) => u32Test(blob, i * u32Size.test));
    return option('--u32', `"${tests.join('&&')}"`, blob.u8(1981) !== 0);
  },
};

/** struct sock_filter: code, two jumps, operand. */
function program(blob: Blob, at: number, count: number): string {
  if (count > 64) throw new UnreadableValue(`${count} instructions`);
  const lines = Array.from({ length: count }, (_, i) => {
    const line = at + i * 8;
    return `,${blob.u16(line)} ${blob.u8(line + 2)} ${blob.u8(line + 3)} ${blob.u32(line + 4)}`;
  });
  return option('--bytecode', `"${count}${lines.join('')}"`);
}

const bpf0: MatchModule = { size: 528, words: (blob) => program(blob, 4, blob.u16(0)) };

const bpf1: MatchModule = {
  size: 528,
  words(blob) {
    const mode = nameOf(blob.u16(0), ['bytecode', 'pinned', 'elf']);
    return mode === 'bytecode' ? program(blob, 8, blob.u16(2)) : option('--object-pinned', blob.text(8, 512));
  },
};

export const payloadModules: Modules<MatchModule> = {
  'string/0': string(0),
  'string/1': string(1),
  'u32/0': u32,
  'bpf/0': bpf0,
  'bpf/1': bpf1,
};
