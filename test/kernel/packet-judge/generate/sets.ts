import { type RulesFile, rulesFiles } from '../scene.ts';
import { services } from './coverage.ts';
import { four, type Names, setCommands, six } from './names.ts';
import { packets } from './packets.ts';
import type { Random } from './random.ts';
import { saveTable } from './save-text.ts';
import type { Shape } from './shape.ts';

/** ipsets of every type, with as many directions as they have dimensions, and with too few and too many. */
export const sets: Shape = {
  name: 'sets',
  weight: 2,
  make: (random) => {
    const names = random.chance(75) ? four : six;
    const rules: Partial<Record<RulesFile, string>> = {};
    for (const file of rulesFiles) if (file.startsWith('ip6') === names.six) rules[file] = setRules(random, names);
    return {
      setup: [...services, ...setCommands],
      rules,
      nftFirst: random.chance(50),
      packets: packets(random, 55, { six: names.six ? 97 : 3 }),
    };
  },
};

const targets = [
  '-j MARK --set-xmark 0x1/0x0',
  '-j MARK --set-xmark 0x10/0x0',
  '-j MARK --set-xmark 0x20/0x0',
  '-j ACCEPT',
  '-j RETURN',
  '-j DROP',
];

function setRules(random: Random, names: Names): string {
  const chain = (): readonly string[] => random.many(1 + random.below(4), () => `${setMatch(random, names)} ${random.pick(targets)}`);
  return (
    saveTable('mangle', { PREROUTING: chain(), POSTROUTING: chain() }) +
    saveTable('filter', { INPUT: chain(), FORWARD: chain(), OUTPUT: chain() })
  );
}

function setMatch(random: Random, names: Names): string {
  const [name] = random.pick(names.sets).split(' ') as [string];
  const directions = random.many(1 + random.below(3), () => random.pick(['src', 'dst']));
  const not = random.chance(25) ? '! ' : '';
  return `-m set ${not}--match-set ${name} ${directions.join(',')}${random.chance(15) ? ' --return-nomatch' : ''}`;
}
