import { existsSync } from 'node:fs';
import { readWhole } from '../read-file.ts';

/**
 * Whether a part of the kernel is there: a request to one that is not would load its module (nfnetlink_rcv_msg, net/netfilter/nfnetlink.c),
 * and looking must not change the node. Null: nothing tells.
 */
export function kernelHas(part: 'nf_tables' | 'ip_set', root: string): boolean | null {
  if (existsSync(`${root}/sys/module/${part}`) || builtIn.has(part)) return true;
  // Without loadable modules all that there is answers, and what is not there cannot come.
  if (!existsSync(`${root}/proc/modules`)) return existsSync(`${root}/proc/version`) ? true : null;
  const found =
    namedIn(`${root}/lib/modules/${release(root)}/modules.builtin`, `/${part}.ko`) ?? namedIn(`${root}/proc/kallsyms`, symbolOf[part]);
  if (found === true) builtIn.add(part);
  return found;
}

/** What is built in stays: the answer may be kept. */
const builtIn = new Set<string>();

/** A function of the part that every version has. */
const symbolOf = { nf_tables: ' nft_do_chain', ip_set: ' ip_set_test' } as const;

const maxBytes = 64 * 1024 * 1024;

function namedIn(path: string, text: string): boolean | null {
  const found = readWhole(path, maxBytes);
  return found.ok && found.content.length > 0 ? Buffer.from(found.content).includes(text) : null;
}

function release(root: string): string {
  const found = readWhole(`${root}/proc/sys/kernel/osrelease`, 4096);
  return found.ok ? Buffer.from(found.content).toString('latin1').trim() : '';
}
