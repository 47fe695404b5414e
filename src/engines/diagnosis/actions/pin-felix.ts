import { runsFelix } from '#engines/backends/configured-backend.ts';
import type { Action } from '#facts/diagnosis.ts';
import type { DaemonSet, FelixConfiguration, Pod } from '#facts/kubernetes.ts';
import type { Backend } from '#facts/rule.ts';
import type { Observations } from '../observations.ts';
import { quoted } from './quoted.ts';

const crd = 'felixconfigurations.crd.projectcalico.org';

/** As FelixConfiguration spells them; other spellings are refused by its validation. */
const spelling: Readonly<Record<Backend, string>> = { legacy: 'Legacy', nft: 'NFT' };

/** One owner again, for this node only: FelixConfiguration `node.NAME`, a new calico-node, and its rules for every live interface. */
export function pinFelix(seen: Observations, backend: Backend): Action {
  const { restart, undoPin, pin } = commandsFor(seen, backend);
  return {
    id: 'pin-felix-backend',
    urgency: 'now',
    title: `one owner again: pin this node's Felix to ${backend}, restart calico-node, wait until its rules know every interface`,
    figures: { backend },
    commands: [...pin, restart, ...waitForInterfaces(backend)],
    undo: [undoPin, restart],
    risk: 'A few seconds in which rules are not updated. Existing connections go on. An environment variable FELIX_IPTABLESBACKEND would outweigh this pin.',
  };
}

function commandsFor(
  { snapshot }: Observations,
  backend: Backend,
): { readonly pin: readonly string[]; readonly undoPin: string; readonly restart: string } {
  const name = `node.${snapshot.node}`;
  const configurations = snapshot.felixConfigurations.kind === 'read' ? snapshot.felixConfigurations.value : [];
  const before = configurations.find((each) => each.name === name);
  return {
    ...pinCommands(name, spelling[backend], before),
    restart: restartCommand(snapshot.node, calicoNodePod(snapshot.pods.kind === 'read' ? snapshot.pods.value : [], snapshot.node)),
  };
}

function pinCommands(
  name: string,
  value: string,
  before: FelixConfiguration | undefined,
): { readonly pin: readonly string[]; readonly undoPin: string } {
  const word = quoted(name);
  if (before !== undefined) {
    const patch = (to: string): string => `kubectl patch ${crd} ${word} --type merge -p ${quoted(`{"spec":{"iptablesBackend":${to}}}`)}`;
    return {
      pin: [patch(`"${value}"`)],
      undoPin: patch(isSpelling(before.iptablesBackend) ? `"${before.iptablesBackend}"` : 'null'),
    };
  }
  const [head, rest] = [
    '{"apiVersion":"crd.projectcalico.org/v1","kind":"FelixConfiguration",',
    `"metadata":{"name":${JSON.stringify(name)}},"spec":{"iptablesBackend":"${value}"}}`,
  ];
  return {
    pin: [`pin=${quoted(head)}`, `pin="$pin"${quoted(rest)}`, `echo "$pin" | kubectl apply -f -`],
    undoPin: `kubectl delete ${crd} ${word}`,
  };
}

/** A value from a bundle is put into a command only where Felix knows it; any other one Felix refuses, so that nothing is lost without it. */
function isSpelling(value: string | null | undefined): value is string {
  return typeof value === 'string' && /^(auto|legacy|nft)$/i.test(value);
}

function calicoNodePod(pods: readonly Pod[], node: string): Pod | undefined {
  return pods.find((pod) => pod.name.startsWith('calico-node-') && (pod.node === node || pod.node === null));
}

function restartCommand(node: string, pod: Pod | undefined): string {
  if (pod !== undefined) return `kubectl -n ${quoted(pod.namespace)} delete pod ${quoted(pod.name)}`;
  return `kubectl -n kube-system delete pod -l k8s-app=calico-node --field-selector spec.nodeName=${quoted(node)}`;
}

/** The names come from the node itself, at the time: pods may have come since the capture. */
function waitForInterfaces(backend: Backend): readonly string[] {
  return [
    `veths() { ip -o link show type veth | grep -o 'cali[0-9a-f]*'; }`,
    `known() { iptables-${backend}-save -t filter | grep -qe "-A cali-from-wl-dispatch.* -i $1 "; }`,
    'for i in $(veths); do until known "$i"; do sleep 1; done; done',
  ];
}

/** The lasting form: in the manifest of the DaemonSet, so that no start guesses any more. */
export function pinInManifest({ snapshot }: Observations, backend: Backend): Action {
  const sets = snapshot.daemonSets.kind === 'read' ? snapshot.daemonSets.value : [];
  const set = sets.find(runsFelix);
  const target = `-n ${quoted(set?.namespace ?? 'kube-system')} daemonset/${quoted(set?.name ?? 'calico-node')}`;
  const strategy = (type: 'OnDelete' | 'RollingUpdate'): string =>
    `kubectl patch ${target} --type merge -p '{"spec":{"updateStrategy":{"type":"${type}","rollingUpdate":null}}}'`;
  return {
    id: 'pin-felix-in-manifest',
    urgency: 'later',
    title: `make it last: OnDelete first, then FELIX_IPTABLESBACKEND=${spelling[backend]} in the DaemonSet, when every node is known to use ${backend}`,
    figures: { backend, value: spelling[backend] },
    commands: [strategy('OnDelete'), `kubectl set env ${target} -c calico-node FELIX_IPTABLESBACKEND=${spelling[backend]}`],
    undo: [
      `kubectl set env ${target} -c calico-node ${formerEnvironment(set)}`,
      strategy(set?.updateStrategy === 'OnDelete' ? 'OnDelete' : 'RollingUpdate'),
    ],
    risk: 'It concerns every node of the cluster. Look at each node first: a node that rightly uses the other backend would be left with stale rules.',
  };
}

function formerEnvironment(set: DaemonSet | undefined): string {
  const value = set?.environment.get('calico-node/FELIX_IPTABLESBACKEND');
  return isSpelling(value) ? `FELIX_IPTABLESBACKEND=${value}` : 'FELIX_IPTABLESBACKEND-';
}
