import { type RulesFile, rulesFiles } from '../scene.ts';
import { familiesOf, services } from './coverage.ts';
import { four, setCommands, six } from './names.ts';
import { nativeTable } from './native-table.ts';
import { packets } from './packets.ts';
import type { Shape } from './shape.ts';
import { xtRules } from './xt-rules.ts';

export const usualPriorities: readonly number[] = [-300, -150, -100, 0, 0, 0, 50, 100];

/** Native nftables beside rules of both iptables backends. */
export const native: Shape = {
  name: 'native',
  weight: 10,
  make: (random) => {
    const families = familiesOf(random);
    const rules: Partial<Record<RulesFile, string>> = {};
    for (const file of rulesFiles) {
      const names = file.startsWith('ip6') ? six : four;
      if (families.includes(names) && random.chance(file.endsWith('legacy') ? 96 : 35)) rules[file] = xtRules(random, names);
    }
    const tables = random.many(1 + random.below(2), (i) => {
      const names = random.pick(families);
      const family = random.chance(50) ? 'inet' : names.six ? 'ip6' : 'ip';
      return nativeTable(random, { family, name: `t${i}`, six: names.six, priorities: usualPriorities });
    });
    return {
      setup: [...services, ...setCommands],
      rules,
      nftFirst: random.chance(50),
      native: tables.join(''),
      nativeFirst: random.chance(50),
      packets: packets(random, 55, { six: families.length === 2 ? 40 : families[0] === six ? 95 : 5 }),
    };
  },
};
