import type { Family } from '#facts/address.ts';
import type { Action, OpenQuestion } from '#facts/diagnosis.ts';
import type { Backend } from '#facts/rule.ts';
import { calicoIn, otherBackend } from '../felix-backend.ts';
import type { Observations } from '../observations.ts';

/** Calico's rules in chains of others: jumps to its chains, and rules that carry its hash as comment. */
const jump = `j='/^-A /&&!/^-A cali-/&&(/ -[jg] cali-/||/--comment "?cali:[A-Za-z0-9_-]+"?( |$)/)'`;

/** From a dump to a restore text for `--noflush` that deletes: the jumps first, then the rules of Calico's chains, then the chains. */
const removal = [
  `r='/^[*]/{t=$0;d=f=x=""} /^:cali-/{c=substr($1,2);f=f"-F "c"\\n";x=x"-X "c"\\n"}'`,
  `r="$r $j"'{d=d"-D "substr($0,4)"\\n"} /^COMMIT/{if(d f)print t"\\n"d f x $0}'`,
];

/** From the same dump to one that brings them back: chains, their rules, and the jumps at the places where they stood. */
const restoration = [
  `u='/^[*]/{t=$0;b="";split("",n)} /^:cali-/{b=b $0"\\n"} /^-A cali-/{b=b $0"\\n"}'`,
  `u="$u"' /^-A /{n[$2]++} '"$j"'{s=substr($0,4);sub(/^[^ ]+/,"& "n[$2],s);b=b"-I "s"\\n"}'`,
  `u="$u"' /^COMMIT/{if(b)print t"\\n"b $0}'`,
];

/** Deletes Calico's rules of one backend by name and touches no other rule: what a dump shows wrongly is never written back. */
export function removeCalicoRules(
  seen: Observations,
  backend: Backend,
  about: Pick<Action, 'id' | 'urgency' | 'title' | 'alternative'>,
): readonly Action[] {
  const families = familiesIn(seen, backend);
  if (families.some((family) => obstacle(seen, backend, family) !== null)) return [];
  const steps = families.map((family) => {
    const program = `${family === 'ip' ? 'iptables' : 'ip6tables'}-${backend}`;
    const backup = `/var/tmp/faultline-${about.id}-${program}.save`;
    const run = (script: string): string => `awk "$${script}" $f > $f.in && ${program}-restore --noflush < $f.in`;
    return { apply: [`f=${backup}`, `${program}-save > $f`, run('r')], undo: [`f=${backup}`, run('u')] };
  });
  if (steps.length === 0) return [];
  return [
    {
      ...about,
      figures: { backend, other: otherBackend(backend) },
      commands: [jump, ...removal, ...steps.flatMap(({ apply }) => apply)],
      undo: [jump, ...restoration, ...steps.flatMap(({ undo }) => undo)],
      risk: `Only rules of Calico are deleted; the undo brings them back with counters at zero. Without ${backend} programs on the host run them inside the calico-node container.`,
    },
  ];
}

/** Why no removal is offered for Calico's rules that are there. */
export function removalsWithheld(seen: Observations): readonly OpenQuestion[] {
  return (['legacy', 'nft'] as const).flatMap((backend) =>
    familiesIn(seen, backend).flatMap((family) => {
      const missing = obstacle(seen, backend, family);
      return missing === null ? [] : [{ question: `can Calico's ${backend} ${family} rules be removed without harm to others?`, missing }];
    }),
  );
}

function familiesIn(seen: Observations, backend: Backend): readonly Family[] {
  return [...new Set(calicoIn(seen, backend).map(({ family }) => family))].sort();
}

const tables: ReadonlySet<string> = new Set(['raw', 'mangle', 'nat', 'filter', 'security']);

/** In nft others may have written into the tables of iptables what no iptables program can read back. */
function obstacle({ snapshot }: Observations, backend: Backend, family: Family): string | null {
  const dump = snapshot.rulesets[backend][family];
  if (dump.kind === 'read' && dump.value.unreadable[0] !== undefined) return dump.value.unreadable[0].because;
  if (backend === 'legacy') return null;
  const native = snapshot.nativeChains;
  if (native.kind === 'missing') return `${native.source}: ${native.because}`;
  const foreign = native.value.find((chain) => chain.family === family && tables.has(chain.table) && !chain.inert);
  return foreign === undefined
    ? null
    : `the rules in ${family} ${foreign.table} ${foreign.chain} that iptables did not write: look at them with nft`;
}
