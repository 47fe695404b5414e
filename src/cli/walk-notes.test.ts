import { expect, test } from 'vitest';
import { openWalker } from '#engines/packet-walk/index.ts';
import { openSource } from './source.ts';
import { walkNotes } from './walk-notes.ts';
import { readProbe } from './walk-probe.ts';

test('the address of a service is noted where no rule translates it, and what was assumed always', async () => {
  const snapshot = await openSource('examples/backend-drift');
  const notes = (to: string, asked = { asIf: [] as readonly string[], without: [] as readonly string[] }): readonly string[] => {
    const probe = readProbe({ from: 'host', to }, snapshot);
    return walkNotes(openWalker(snapshot).walk(probe), probe, asked, snapshot);
  };
  expect(notes('10.96.0.20:80')).toEqual([]);
  expect(notes('10.96.0.20:81')).toEqual([
    '10.96.0.20 is an address of service shop/web, and no rule translates it: it leaves by eth0 as it is',
  ]);
  expect(notes('10.96.0.20:80', { asIf: ['iptables-nft -F'], without: ['owner=calico'] })).toEqual([
    'as if this had run: iptables-nft -F',
    'without the rules of owner=calico',
  ]);
});
