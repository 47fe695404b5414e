/**
 * One measurement in a Node process of its own, in the network namespace of the rules: `node bench/subject.ts KIND RULES SEED DUMP`. Prints one
 * JSON line. Memory is this process's own high-water mark (VmHWM); getrusage's ru_maxrss would count the parent's pages from before exec. Each
 * kind loads only what it needs itself.
 */
import { readFileSync } from 'node:fs';

export type SubjectKind = 'load' | 'netlink' | 'walk';
export interface SubjectReport {
  readonly milliseconds: number;
  readonly rules: number;
  readonly kilobytes: number;
  /** Decisions a second where the order of the backends is not known, and where it is. */
  readonly perSecond?: number;
  readonly perSecondOrdered?: number;
  /** Of the first connections: where the walk says that each may go, as the kernel's answers are written. */
  readonly answers?: readonly (readonly string[])[];
}

export type Measured = Omit<SubjectReport, 'kilobytes'>;

export interface SubjectArguments {
  readonly rules: number;
  readonly seed: number;
  /** A file that iptables-nft-save has written. */
  readonly dump: string;
}

const [kind, rules, seed, dump] = process.argv.slice(2) as [SubjectKind, string, string, string];
const { measure } = (await {
  load: () => import('./subject-load.ts'),
  netlink: () => import('./subject-netlink.ts'),
  walk: () => import('./subject-walk.ts'),
}[kind]()) as {
  readonly measure: (given: SubjectArguments) => Measured;
};
const measured = measure({ rules: Number(rules), seed: Number(seed), dump });
process.stdout.write(`${JSON.stringify({ ...measured, kilobytes: highWaterMark() } satisfies SubjectReport)}\n`);

function highWaterMark(): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
}
