import { type RulesFile, rulesFiles } from '../scene.ts';
import { four, setCommands, six } from './names.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import type { Shape } from './shape.ts';
import { xtRules } from './xt-rules.ts';

/** Every match and target of the coverage table, in both backends. */
export const coverage: Shape = {
  name: 'coverage',
  weight: 10,
  make: (random) => {
    const families = familiesOf(random);
    const rules: Partial<Record<RulesFile, string>> = {};
    for (const file of rulesFiles) {
      const names = file.startsWith('ip6') ? six : four;
      if (families.includes(names) && random.chance(96)) rules[file] = xtRules(random, names);
    }
    return {
      setup: [...services, ...setCommands],
      rules,
      nftFirst: random.chance(50),
      packets: packets(random, 55, { six: families.length === 2 ? 40 : families[0] === six ? 95 : 5 }),
    };
  },
};

export const services: readonly string[] = ['ip route add 10.96.0.0/16 dev tunB', 'ip route add fd00:96::/64 dev tunB'];

/** One family in most scenes: a file for each costs the kernel's time, and they do not meet. */
export function familiesOf(random: Random): readonly (typeof four)[] {
  return random.weighted([
    [6, [four]],
    [3, [six]],
    [1, [four, six]],
  ]);
}
