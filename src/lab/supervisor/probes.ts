import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, parseAddress } from '#facts/address.ts';
import { inNetworkNamespace } from '#host/linux/namespaces.ts';
import { closeSocket, openPing, openTcp, pingAnswered, type Socket, tcpState } from '#host/linux/sockets.ts';
import { hostPort, type LabPod, nodeAddress, podPort, servicesOf } from '../plan.ts';
import { namespacePath } from './network.ts';

/** One question to the kernel. `from` null is the node itself. */
export interface LabProbe {
  readonly title: string;
  readonly family: Family;
  readonly from: LabPod | null;
  readonly to: string;
  /** Null: a ping. */
  readonly port: number | null;
}

export type KernelAnswer = 'delivered' | 'dropped' | 'rejected';
export interface ProbeResult {
  readonly probe: LabProbe;
  readonly answer: KernelAnswer;
}

/** {host -> pod, pod -> host, pod -> pod, pod -> service} for the pods given, ping and TCP, both families. */
export function probesOf(oldPods: readonly LabPod[], newPods: readonly LabPod[]): readonly LabProbe[] {
  const pods = [...oldPods, ...newPods];
  const name = (pod: LabPod): string => `${newPods.includes(pod) ? 'new' : 'old'} pod ${pod.app}`;
  const services = servicesOf(pods);
  return (['ip', 'ip6'] as const).flatMap((family) => {
    const both = (title: string, from: LabPod | null, to: string, port: number): LabProbe[] =>
      [null, port].map((each) => ({ title, family, from, to, port: each }));
    const host = pods.flatMap((pod) => [
      ...both(`host -> ${name(pod)}`, null, pod.addresses[family], podPort),
      ...both(`${name(pod)} -> host`, pod, nodeAddress[family], hostPort),
    ]);
    const pairs = pods.map((pod, index) => [pod, pods[(index + 1) % pods.length] as LabPod] as const);
    const between = pairs.flatMap(([from, to]) => both(`${name(from)} -> ${name(to)}`, from, to.addresses[family], podPort));
    const toServices = pods.flatMap((from) =>
      services
        .filter((service) => service.name !== from.app)
        .map((service) => ({
          title: `${name(from)} -> service ${service.name}`,
          family,
          from,
          to: service.clusterIp[family],
          port: service.port,
        })),
    );
    return [...host, ...between, ...toServices];
  });
}

let lastNumber = 0;

/** Asks all at once and waits until every one is answered, at most `patience` milliseconds: no answer by then is a drop. */
export async function askKernel(probes: readonly LabProbe[], patience = 600): Promise<readonly ProbeResult[]> {
  const open = probes.map((probe) => ({ probe, ...send(probe) }));
  const answers = new Map<LabProbe, KernelAnswer>();
  const end = Date.now() + patience;
  while (answers.size < probes.length && Date.now() < end) {
    await sleep(5);
    for (const { probe, ask } of open) {
      const answer = answers.has(probe) ? null : ask();
      if (answer !== null) answers.set(probe, answer);
    }
  }
  for (const { socket } of open) closeSocket(socket);
  return probes.map((probe) => ({ probe, answer: answers.get(probe) ?? 'dropped' }));
}

function send(probe: LabProbe): { readonly socket: Socket; readonly ask: () => KernelAnswer | null } {
  const to = parseAddress(probe.to);
  if (to === null) throw new Error(`no address: ${probe.to}`);
  const id = 1 + (lastNumber++ % 30_000);
  const inside = <T>(action: () => T): T => (probe.from === null ? action() : inNetworkNamespace(namespacePath(probe.from), action));
  if (probe.port === null) {
    const socket = inside(() => openPing(to, id));
    return { socket, ask: () => (pingAnswered(socket, probe.family, id) ? 'delivered' : null) };
  }
  const port = probe.port;
  const socket = inside(() => openTcp(to, port, 20_000 + id));
  return {
    socket,
    ask: () => {
      const state = tcpState(socket);
      return state === 'waiting' ? null : state === 'connected' ? 'delivered' : 'rejected';
    },
  };
}
