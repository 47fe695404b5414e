import { execFileSync } from 'node:child_process';
import { type RulesFile, rulesFiles, type Scene } from './scene.ts';

/**
 * The judge's own table; walks leave it out. It traces what has IPv4's reserved flag (or IPv6's highest bit of the flow label), which no packet
 * of the kernel's own has, and tells the mark at the end.
 */
export const instrument = 'faultline-judge';

const traceRules = `table inet ${instrument} {
  chain in {
    type filter hook prerouting priority -450;
    meta nfproto ipv4 ip frag-off & 0x8000 == 0x8000 meta nftrace set 1
    meta nfproto ipv6 ip6 flowlabel & 0x80000 == 0x80000 meta nftrace set 1
  }
  chain out {
    type filter hook output priority -450;
    meta nfproto ipv4 ip frag-off & 0x8000 == 0x8000 meta nftrace set 1
    meta nfproto ipv6 ip6 flowlabel & 0x80000 == 0x80000 meta nftrace set 1
  }
  chain leaves { type filter hook postrouting priority 2147483647; }
  chain arrives { type filter hook input priority 2147483647; }
}
`;

/** Loads a scene's rules in its order; whoever comes last at a priority runs first there. The judge's own come last of all. */
export function loadRules(scene: Scene): void {
  const { nftFirst, nativeFirst } = scene;
  const iptables = (backend: 'legacy' | 'nft'): void => {
    for (const file of rulesFiles.filter((each) => each.endsWith(backend))) restore(file, scene.rules[file]);
  };
  const native = scene.native ?? '';
  const nft = (): void => {
    if (nativeFirst && native !== '') nftFile(native);
    iptables('nft');
    nftFile(nativeFirst ? traceRules : native + traceRules);
  };
  if (nftFirst) nft();
  iptables('legacy');
  if (!nftFirst) nft();
}

function restore(file: RulesFile, input: string | undefined): void {
  if (input !== undefined) execFileSync(`${file}-restore`, { input, stdio: ['pipe', 'ignore', 'pipe'] });
}

function nftFile(input: string): void {
  execFileSync('nft', ['-f', '-'], { input, stdio: ['pipe', 'ignore', 'pipe'] });
}
