import type { Capture } from './capture-context.ts';
import { kernelHas } from './linux/kernel-parts.ts';
import { readWhole } from './read-file.ts';
import { runCommand } from './run-command.ts';

const mebibyte = 1024 * 1024;
const saveBounds = { timeout: 30_000, maxBytes: 512 * mebibyte };

/** The four save dumps, ipsets, nft's own listing, and which backend the node's `iptables` speaks to. */
export function captureRules(capture: Capture): void {
  captureLegacy(capture, 'iptables', 'ip_tables_names');
  captureLegacy(capture, 'ip6tables', 'ip6_tables_names');
  captureText(capture, 'netfilter/iptables-version', 'iptables', ['-V']);
  ifLoaded(capture, { part: 'nf_tables', path: 'netfilter/iptables-nft-save' }, () => captureSave(capture, 'iptables-nft-save'));
  ifLoaded(capture, { part: 'nf_tables', path: 'netfilter/ip6tables-nft-save' }, () => captureSave(capture, 'ip6tables-nft-save'));
  ifLoaded(capture, { part: 'nf_tables', path: 'netfilter/nft-ruleset.json' }, () => captureNft(capture));
  const path = 'netfilter/ipset-save';
  ifLoaded(capture, { part: 'ip_set', path }, () => captureText(capture, path, 'ipset', ['save']));
}

/** These tools load what they ask for. A part of the kernel that is not loaded holds nothing, and stays so. */
function ifLoaded(capture: Capture, { part, path }: { part: Parameters<typeof kernelHas>[0]; path: string }, run: () => void): void {
  if (kernelHas(part, capture.root) === false) capture.record.proves(path, `${part} is not loaded`);
  else run();
}

/**
 * iptables-legacy-save without options walks the names of this file and creates nothing; `-t` and `-L` would create tables. An absent or empty file
 * proves that there are no legacy tables, so that nothing needs to run.
 */
function captureLegacy(capture: Capture, tool: 'iptables' | 'ip6tables', names: string): void {
  const path = `netfilter/${tool}-legacy-save`;
  const listed = readWhole(`${capture.root}/proc/net/${names}`, mebibyte);
  if (!listed.ok && !listed.because.startsWith('ENOENT')) return capture.record.lacks(path, `/proc/net/${names}: ${listed.because}`);
  if (listed.ok) capture.record.write(`proc/net/${names}`, listed.content, `/proc/net/${names}`);
  if (!listed.ok || listed.content.length === 0)
    return capture.record.proves(path, `/proc/net/${names} is ${listed.ok ? 'empty' : 'absent'}`);
  captureSave(capture, `${tool}-legacy-save`);
}

/** The exit status tells little (it is 0 on a full disk): a dump is whole when every table ends in COMMIT, which its reader checks. */
function captureSave(capture: Capture, command: string): void {
  const path = `netfilter/${command}`;
  if (!capture.exec) return capture.record.lacks(path, 'commands are not run (--no-exec)');
  // Counters tell which rules are still hit.
  const output = runCommand(command, ['-c'], saveBounds);
  if (!output.ok) return capture.record.lacks(path, output.because);
  capture.record.write(path, output.stdout, `${command} -c`);
}

function captureText(capture: Capture, path: string, command: string, args: readonly string[]): void {
  if (!capture.exec) return capture.record.lacks(path, 'commands are not run (--no-exec)');
  const output = runCommand(command, args, saveBounds);
  if (!output.ok) return capture.record.lacks(path, output.because);
  capture.record.write(path, output.stdout, [command, ...args].join(' '));
}

/** nft needs over a gigabyte for 140,000 rules: it gets 512 MiB of address space and 10 s, and past that it is named missing. */
function captureNft(capture: Capture): void {
  const path = 'netfilter/nft-ruleset.json';
  if (!capture.exec) return capture.record.lacks(path, 'commands are not run (--no-exec)');
  const output = runCommand('prlimit', [`--as=${512 * mebibyte}`, 'nft', '-j', 'list', 'ruleset'], {
    timeout: 10_000,
    maxBytes: 256 * mebibyte,
  });
  if (!output.ok) return capture.record.lacks(path, output.because);
  capture.record.write(path, output.stdout, 'nft -j list ruleset');
}
