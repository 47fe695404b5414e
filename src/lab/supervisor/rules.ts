import { kubeProxyRules } from '../rules/kube-proxy.ts';
import type { LabService } from '../rules/topology.ts';
import { runProgram } from '../run-program.ts';
import type { Mode } from '../stand-ins/detection.ts';

const programs = { ip: 'iptables', ip6: 'ip6tables' } as const;
const families = ['ip', 'ip6'] as const;

/** What kube-proxy and kubelet write. `first` puts in the jumps from the kernel's chains. */
export function programServices(mode: Mode, services: readonly LabService[], first: boolean): void {
  for (const family of families) {
    const text = kubeProxyRules(family, services);
    const input = first ? text : text.replaceAll(/^-I .*\n/gm, '');
    runProgram(`${programs[family]}-${mode}-restore`, ['--noflush'], input);
  }
}

/** Rules in one backend, v4 and v6 together, whose chain or target begins with `owner`. */
export function countRules(mode: Mode, owner: RegExp): number {
  return families.reduce((sum, family) => sum + saved(family, mode).filter((line) => line.startsWith('-A') && owner.test(line)).length, 0);
}

/** Removes one owner's chains and the rules that lead to them from one backend, and nothing else. */
export function removeOwner(mode: Mode, owner: 'cali-' | 'KUBE-'): void {
  for (const family of families) {
    const input = removal(saved(family, mode), owner);
    if (input !== '') runProgram(`${programs[family]}-${mode}-restore`, ['--noflush'], input);
  }
}

function saved(family: 'ip' | 'ip6', mode: Mode): readonly string[] {
  return runProgram(`${programs[family]}-${mode}-save`, []).split('\n');
}

/** Per table: empty the owner's chains, delete the rules of others' chains that are its own, then delete the chains. */
function removal(lines: readonly string[], owner: 'cali-' | 'KUBE-'): string {
  const isOwn = (line: string) => line.includes(`-j ${owner}`) || (owner === 'cali-' && line.includes('"cali:'));
  const output: string[] = [];
  let chains: string[] = [];
  for (const line of lines) {
    const [word = '', chain = ''] = line.split(' ');
    if (line.startsWith('*')) output.push(line);
    if (line.startsWith(`:${owner}`)) {
      chains.push(word.slice(1));
      output.push(`${word} - [0:0]`);
    }
    if (word === '-A' && !chain.startsWith(owner) && isOwn(line)) output.push(line.replace('-A', '-D'));
    if (line === 'COMMIT') {
      output.push(...chains.map((name) => `-X ${name}`), 'COMMIT', '');
      chains = [];
    }
  }
  return output.join('\n');
}
