import type { Severity } from '#facts/diagnosis.ts';
import type { Check } from './check.ts';
import { endpointRules } from './endpoint-rules.ts';
import { forwarding } from './forwarding.ts';
import { podMtu } from './mtu.ts';
import { podInterfacesExist, podInterfacesUp } from './pod-interfaces.ts';
import { podNeighbours } from './pod-neighbours.ts';
import { podRoutes } from './pod-routes.ts';
import { proxyArp } from './proxy-arp.ts';
import { reversePath } from './reverse-path.ts';
import { tableUse } from './table-use.ts';

const drops = ['pod-traffic-dropped'];
const leadsElsewhere: Readonly<Record<string, readonly string[]>> = {
  'endpoint-without-rules': ['unknown-interface-drop'],
  'file-max-reached': ['component-restarts'],
};
const fileMax = tableUse({ what: 'open files', counter: 'fs.file-nr', limit: 'fs.file-max' });
const conntrack = tableUse({ what: 'connections', counter: 'net.netfilter.nf_conntrack_count', limit: 'net.netfilter.nf_conntrack_max' });

/** Every check, in the order in which a person would make them. */
export const checkTable: readonly Check[] = [
  check('mtu-mismatch', 'error', 'MTU does not fit', 'do packets of pods fit into tunnel and uplink?', podMtu),
  check('pod-route-missing', 'error', 'route to a pod is missing or wrong', 'does every pod address have its route?', podRoutes),
  check('endpoint-without-veth', 'error', 'pod without an interface', 'does every pod have its interface?', podInterfacesExist),
  check('pod-interface-down', 'error', 'pod interface is down', 'are the pod interfaces up?', podInterfacesUp),
  check('pod-neighbour-failed', 'error', 'pod does not answer ARP', 'do pods answer ARP and neighbour discovery?', podNeighbours),
  check('reverse-path-filter-strict', 'error', 'reverse path filter drops', 'does rp_filter drop packets of pods?', reversePath),
  check('ip-forward-off', 'critical', 'forwarding is off', 'does the node forward packets?', forwarding),
  check('proxy-arp-off', 'error', 'nobody answers for the gateway of pods', "does the node answer for the pods' gateway?", proxyArp),
  check('endpoint-without-rules', 'error', 'rules do not know a pod', 'do the rules of each backend know every pod?', endpointRules),
  check('file-max-reached', 'critical', 'system-wide open files are used up', 'is fs.file-max reached?', fileMax),
  check('conntrack-full', 'critical', 'connection tracking table is full', 'is the conntrack table full?', conntrack),
];

function check(id: string, severity: Severity, title: string, question: string, run: Check['run']): Check {
  return { id, severity, title, question, run, ofPods: run !== fileMax && run !== conntrack, leadsTo: leadsElsewhere[id] ?? drops };
}
