import { expect } from 'vitest';
import type { WalkLeg } from '#facts/packet-walk.ts';
import type { JudgedScene } from '../packet-judge/run-scene.ts';
import type { Scene, ScenePacket } from '../packet-judge/scene.ts';

/** A scene, and what becomes of its packets: so the kernel must do, and the walk must say. */
export interface KernelCase {
  readonly title: string;
  readonly scene: Scene;
  readonly expect: string;
  readonly shown: (judged: JudgedScene) => string;
  /** The kernel that it can be shown on: this one, or Debian's 6.1; absent: both. */
  readonly only?: 'this' | 'second' | undefined;
}

const chains = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;

/** Save files for rules as `table CHAIN rule`; those of IPv6 have a 6 before the table. */
export function rulesOf(rules: readonly string[]): Scene['rules'] {
  const [four, six] = [saved(rules), saved(rules.filter((rule) => rule.startsWith('6')).map((rule) => rule.slice(1)))];
  return { ...(four !== '' && { 'iptables-legacy': four }), ...(six !== '' && { 'ip6tables-legacy': six }) };
}

function saved(rules: readonly string[]): string {
  return (Object.keys(chains) as (keyof typeof chains)[])
    .map((name) => ({ name, own: rules.filter((rule) => rule.startsWith(`${name} `)).map((rule) => rule.slice(name.length + 1)) }))
    .filter(({ own }) => own.length > 0)
    .flatMap(({ name, own }) => [
      `*${name}`,
      ...chains[name].map((chain) => `:${chain} ACCEPT [0:0]`),
      ...own.map((rule) => `-A ${rule}`),
      'COMMIT',
      '',
    ])
    .join('\n');
}

/** The same packet is sent from a port of its own each time. */
export function packetsOf(base: ScenePacket, packets: readonly Partial<ScenePacket>[]): readonly ScenePacket[] {
  return packets.map((packet, i) => ({ ...base, ...packet, fromPort: 20_000 + i }));
}

const interfaces: Readonly<Record<string, string>> = { tunA: 'A', tunB: 'B', tapC: 'C', tapD: 'D', br0: 'b', local: 'L' };

/** A, B, C, D, b: delivered at that interface, L to the node itself, d dropped, r rejected, ? depends, u not modelled, - none. */
export function letter(leg: WalkLeg | null): string {
  if (leg === null) return '-';
  if (leg.verdict === 'undecided' || leg.outcomes !== undefined) return leg.because === 'not-modelled' ? 'u' : '?';
  return leg.verdict === 'delivered' ? (interfaces[leg.out?.interface ?? ''] ?? '!') : leg.verdict.charAt(0);
}

export function check({ expect: expected, shown }: KernelCase, judged: JudgedScene): void {
  const wrong = judged.judged.flatMap((each, at) =>
    each.wrong === null ? [] : [`packet ${at + 1}: ${each.wrong} ${JSON.stringify(each.walk.undecided)}`],
  );
  expect(wrong.join('\n')).toBe('');
  expect(shown(judged), JSON.stringify(judged.judged.map(({ walk }) => walk.undecided))).toBe(expected);
}
