import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { abortProcess, startThreads } from '#host/linux/threads.ts';
import { servePeer } from '../peer.ts';
import { type LabPod, pools } from '../plan.ts';
import { calicoRules, calicoSets } from '../rules/calico.ts';
import { detectBackend, type Mode } from './detection.ts';
import { felixLine } from './felix-log.ts';

/**
 * Stands in for Felix v3.18.1. It is started and warmed up outside the cgroup that it is moved into, because moving into a full
 * cgroup is allowed and forking there is not. What it runs is real, and so is what fails.
 */
let mode: Mode = 'legacy';
const families = ['ip', 'ip6'] as const;

function log(...line: Parameters<typeof felixLine>): void {
  writeSync(1, felixLine(...line));
}

/** Go starts threads whenever it needs one; cgo aborts the process where the kernel refuses. */
function needThread(): null {
  const { errno } = startThreads(1);
  if (errno === 0) return null;
  writeSync(2, 'runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\n');
  return abortProcess();
}

function start({ pin, threads }: { readonly pin: Mode | null; readonly threads: boolean }): unknown {
  log('INFO', 'logutils.go 82', 'Early screen log level set to info');
  log('INFO', 'daemon.go 83', 'Felix starting up GOMAXPROCS=2 builddate="" gitcommit="" version="v3.18.1"');
  if (threads) needThread();
  const { mode: detected, outcomes } = detectBackend();
  for (const { command, error } of outcomes) {
    if (error !== null) log('WARNING', 'feature_detect.go 280', `Failed to start ${command} error=${error}`);
  }
  if (pin !== null && pin !== detected) {
    const message = 'Iptables backend specified does not match the detected backend, using specified backend';
    log('WARNING', 'int_dataplane.go 300', `${message} detectedBackend="${detected}" specifiedBackend="${pin}"`);
  }
  mode = pin ?? detected;
  lookUpCommands();
  readVersion();
  return { detected, mode, outcomes };
}

function lookUpCommands(): void {
  for (const [version, program] of [
    ['0x4', 'iptables'],
    ['0x6', 'ip6tables'],
  ]) {
    for (const operation of ['restore', 'save']) {
      const command = `${program}-${mode}-${operation}`;
      const fields = `backendMode="${mode}" candidates=[]string{"${command}", "${program}-${operation}"} command="${command}" ipVersion=${version} saveOrRestore="${operation}"`;
      log('INFO', 'table.go 339', `Looked up iptables command ${fields}`);
    }
  }
  if (mode === 'nft') log('INFO', 'table.go 397', 'Enabling iptables-in-nftables-mode workarounds.');
}

function readVersion(): void {
  const run = spawnSync('iptables', ['--version'], { encoding: 'utf8' });
  const version = run.error === undefined ? /v([\d.]+)/.exec(run.stdout)?.[1] : undefined;
  if (version === undefined)
    log('WARNING', 'feature_detect.go 140', `Failed to get iptables version, assuming old version error=${run.error}`);
  log('INFO', 'feature_detect.go 105', `Updating detected iptables features iptablesVersion=${version ?? '1.4.7'}`);
}

/** Writes the rules for these pods with the backend in use. False where a command failed. */
function program({ pods, first }: { readonly pods: readonly LabPod[]; readonly first: boolean }): boolean {
  return families.every((family) => {
    const prefix = family === 'ip' ? 'iptables' : 'ip6tables';
    const sets = spawnSync('ipset', ['restore', '-exist'], { input: calicoSets(family, pools[family], pods), encoding: 'utf8' });
    if (sets.error !== undefined || sets.status !== 0) {
      log('WARNING', 'ipsets.go 310', `Failed to update IP sets. error=${sets.error?.message ?? sets.stderr.trim()}`);
      return false;
    }
    const input = calicoRules(family, pods, { first });
    const rules = spawnSync(`${prefix}-${mode}-restore`, ['--noflush'], { input, encoding: 'utf8' });
    if (rules.error === undefined && rules.status === 0) return true;
    log(
      'WARNING',
      'table.go 1209',
      `Failed to execute ip(6)tables-restore command error=${rules.error?.message ?? rules.status} errorOutput="${rules.stderr}"`,
    );
    return false;
  });
}

servePeer({ start, program, needThread });
