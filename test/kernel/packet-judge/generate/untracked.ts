import { type RulesFile, rulesFiles } from '../scene.ts';
import { familiesOf, services } from './coverage.ts';
import { four, setCommands, six } from './names.ts';
import { usualPriorities } from './native.ts';
import { nativeTable } from './native-table.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import type { Shape } from './shape.ts';
import { xtRules } from './xt-rules.ts';

/** Rules of which none needs conntrack: it is off, nat does not run, fragments stay fragments. One that does is left in now and then. */
export const untracked: Shape = {
  name: 'untracked',
  weight: 3,
  make: (random) => {
    const names = random.pick(familiesOf(random));
    const rules: Partial<Record<RulesFile, string>> = {};
    for (const file of rulesFiles) if (file.startsWith('ip6') === names.six) rules[file] = quiet(random, xtRules(random, names));
    const family = names.six ? 'ip6' : 'ip';
    const native = random.chance(40)
      ? quiet(random, nativeTable(random, { family, name: 't0', six: names.six, priorities: usualPriorities }))
      : undefined;
    return {
      setup: [...services, ...setCommands],
      rules,
      nftFirst: random.chance(50),
      ...(native !== undefined && { native }),
      packets: packets(random, 55, { six: names === six ? 95 : names === four ? 5 : 50 }),
    };
  },
};

const needsConntrack =
  /-m (conntrack|state|connmark|helper)|CONNMARK|-j (DNAT|SNAT|MASQUERADE|REDIRECT|NETMAP)|-j CT --zone|\bct |\b(dnat|snat|masquerade|redirect)\b/;

function quiet(random: Random, text: string): string {
  return text
    .split('\n')
    .filter((line) => !needsConntrack.test(line) || random.below(400) === 0)
    .join('\n');
}
