/** `node bench/reach.ts [--rules N] [--pods N] [--services N] [--kube-proxy nft|both]`: how long `reach` takes on a node of a large cluster. */
import { parseArgs } from 'node:util';
import { reachOf } from '#engines/packet-walk/reach.ts';
import { reachNode } from './reach-node.ts';

const { values } = parseArgs({
  options: {
    rules: { type: 'string', default: '100000' },
    pods: { type: 'string', default: '1000' },
    services: { type: 'string', default: '1000' },
    'kube-proxy': { type: 'string', default: 'both' },
  },
});

const snapshot = reachNode({
  rules: Number(values.rules),
  pods: Number(values.pods),
  services: Number(values.services),
  kubeProxy: values['kube-proxy'] === 'nft' ? 'nft' : 'both',
});
const start = performance.now();
const before = process.cpuUsage();
const { pairs, verdicts, parts } = reachOf(snapshot, { from: null, to: null, protocol: null });
const used = process.cpuUsage(before);
process.stdout.write(
  `${pairs} pairs: ${JSON.stringify(verdicts)}, ${parts.reduce((sum, { classes }) => sum + classes.length, 0)} classes\n` +
    `${Math.round(performance.now() - start)} ms, ${Math.round((used.user + used.system) / 1000)} ms of processor, ` +
    `${Math.round(process.memoryUsage().rss / 2 ** 20)} MB\n`,
);
