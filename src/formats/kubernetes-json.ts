import { type Address, parseAddress } from '#facts/address.ts';
import type { Instant } from '#facts/instant.ts';
import type { DaemonSet, FelixConfiguration, KubernetesEvent, NodeObject, Pod, Service } from '#facts/kubernetes.ts';
import { failed, ok, type Result } from '#facts/result.ts';
import { lineOfEachName } from './json-lines.ts';
import { parseIsoTime } from './parse-time.ts';

type Json = Readonly<Record<string, unknown>>;
interface Item {
  readonly object: Json;
  readonly at: { readonly source: string; readonly line: number };
  readonly text: string;
}

/** The objects of a kubectl List, or one object; each with the line of its name (line 1 where the text is not pretty-printed). */
function itemsOf(text: string, source: string): Result<readonly Item[]> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (error) {
    return failed({
      code: 'json-unreadable',
      source,
      found: (error as Error).message.slice(0, 80),
      expected: 'what kubectl get -o json prints',
    });
  }
  const list = record(whole)['items'];
  const objects = Array.isArray(list) ? list : [whole];
  const lines = lineOfEachName(text, Array.isArray(list) ? 3 : 1);
  const first = text.slice(0, Math.max(0, text.indexOf('\n')));
  return ok(
    objects.map((object, index) => {
      const line = lines.length === objects.length ? lines[index] : undefined;
      return { object: record(object), at: { source, line: line?.line ?? 1 }, text: line?.text ?? first };
    }),
  );
}

function readItems<T>(text: string, source: string, read: (item: Item) => T): Result<readonly T[]> {
  const items = itemsOf(text, source);
  return items.ok ? ok(items.value.map(read)) : items;
}

const record = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});
const records = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(record) : []);
const string = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const moment = (value: unknown): Instant | null => parseIsoTime(string(value) ?? '')?.at ?? null;
const addresses = (values: readonly unknown[]): readonly Address[] => values.flatMap((value) => parseAddress(string(value) ?? '') ?? []);

export function readPods(text: string, source: string): Result<readonly Pod[]> {
  return readItems(text, source, ({ object, at, text: line }): Pod => {
    const metadata = record(object['metadata']);
    const spec = record(object['spec']);
    const status = record(object['status']);
    const containers = records(spec['containers']);
    const states = records(status['containerStatuses']);
    return {
      namespace: string(metadata['namespace']) ?? '',
      name: string(metadata['name']) ?? '',
      uid: string(metadata['uid']) ?? '',
      node: string(spec['nodeName']),
      phase: string(status['phase']) ?? 'Unknown',
      hostNetwork: spec['hostNetwork'] === true,
      addresses: podAddresses(status),
      labels: stringsOf(record(metadata['labels'])),
      owner: ownerOf(metadata),
      createdAt: moment(metadata['creationTimestamp']),
      startedAt: moment(status['startTime']),
      deletedAt: moment(metadata['deletionTimestamp']),
      restarts: states.reduce((sum, state) => sum + (number(state['restartCount']) ?? 0), 0),
      ready: records(status['conditions']).some((condition) => condition['type'] === 'Ready' && condition['status'] === 'True'),
      environment: environmentOf(containers),
      images: containers.flatMap((container) => string(container['image']) ?? []),
      ports: containers.flatMap((container) =>
        records(container['ports']).flatMap((port) => {
          const value = number(port['containerPort']);
          return value === null ? [] : [{ port: value, protocol: (string(port['protocol']) ?? 'TCP').toLowerCase() }];
        }),
      ),
      at,
      text: line,
    };
  });
}

function podAddresses(status: Json): readonly Address[] {
  const several = records(status['podIPs']).map((each) => each['ip']);
  return addresses(several.length > 0 ? several : [status['podIP']]);
}

function stringsOf(object: Json): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A ReplicaSet's name less its hash is its Deployment's. */
function ownerOf(metadata: Json): string | null {
  const owner = records(metadata['ownerReferences'])[0];
  const kind = string(owner?.['kind']);
  const name = string(owner?.['name']);
  if (kind === null || name === null) return null;
  return kind === 'ReplicaSet' ? `Deployment/${name.replace(/-[a-z0-9]{5,10}$/, '')}` : `${kind}/${name}`;
}

function environmentOf(containers: readonly Json[]): ReadonlyMap<string, string | null> {
  const entries = containers.flatMap((container) =>
    records(container['env']).map(
      (variable) => [`${string(container['name']) ?? ''}/${string(variable['name']) ?? ''}`, string(variable['value'])] as const,
    ),
  );
  return new Map(entries);
}

export function readServices(text: string, source: string): Result<readonly Service[]> {
  return readItems(text, source, ({ object, at }): Service => {
    const metadata = record(object['metadata']);
    const spec = record(object['spec']);
    const several = Array.isArray(spec['clusterIPs']) ? spec['clusterIPs'] : [spec['clusterIP']];
    return {
      namespace: string(metadata['namespace']) ?? '',
      name: string(metadata['name']) ?? '',
      type: string(spec['type']) ?? 'ClusterIP',
      addresses: addresses(several),
      ports: records(spec['ports']).map((port) => ({
        name: string(port['name']) ?? '',
        port: number(port['port']) ?? 0,
        protocol: (string(port['protocol']) ?? 'TCP').toLowerCase(),
        targetPort: String(port['targetPort'] ?? port['port'] ?? ''),
        nodePort: number(port['nodePort']),
      })),
      at,
    };
  });
}

export function readEvents(text: string, source: string): Result<readonly KubernetesEvent[]> {
  return readItems(text, source, ({ object, at, text: line }): KubernetesEvent => {
    const involved = record(object['involvedObject']);
    return {
      reason: string(object['reason']) ?? '',
      message: string(object['message']) ?? '',
      type: string(object['type']) ?? '',
      object: [involved['kind'], involved['namespace'], involved['name']].filter((part) => typeof part === 'string').join('/'),
      time: moment(object['lastTimestamp']) ?? moment(object['eventTime']) ?? moment(object['firstTimestamp']),
      count: number(object['count']) ?? 1,
      at,
      text: line,
    };
  });
}

export function readNodes(text: string, source: string): Result<readonly NodeObject[]> {
  return readItems(text, source, ({ object, at }): NodeObject => {
    const spec = record(object['spec']);
    const status = record(object['status']);
    const prefixes = Array.isArray(spec['podCIDRs']) ? spec['podCIDRs'] : [spec['podCIDR']];
    return {
      name: string(record(object['metadata'])['name']) ?? '',
      addresses: addresses(records(status['addresses']).map((each) => each['address'])),
      podPrefixes: prefixes.filter((each): each is string => typeof each === 'string'),
      kubeletVersion: string(record(status['nodeInfo'])['kubeletVersion']),
      conditions: records(status['conditions']).map((each) => ({
        type: string(each['type']) ?? '',
        status: string(each['status']) ?? '',
        reason: string(each['reason']) ?? '',
      })),
      at,
    };
  });
}

export function readDaemonSets(text: string, source: string): Result<readonly DaemonSet[]> {
  return readItems(text, source, ({ object, at }): DaemonSet => {
    const metadata = record(object['metadata']);
    const spec = record(object['spec']);
    const containers = records(record(record(spec['template'])['spec'])['containers']);
    return {
      namespace: string(metadata['namespace']) ?? '',
      name: string(metadata['name']) ?? '',
      images: containers.flatMap((container) => string(container['image']) ?? []),
      environment: environmentOf(containers),
      updateStrategy: string(record(spec['updateStrategy'])['type']),
      at,
    };
  });
}

export function readFelixConfigurations(text: string, source: string): Result<readonly FelixConfiguration[]> {
  return readItems(
    text,
    source,
    ({ object, at, text: line }): FelixConfiguration => ({
      name: string(record(object['metadata'])['name']) ?? '',
      iptablesBackend: string(record(object['spec'])['iptablesBackend']),
      at,
      text: line,
    }),
  );
}
