import { type Address, parseAddress } from '#facts/address.ts';
import type { Instant } from '#facts/instant.ts';
import type { DaemonSet, FelixConfiguration, KubernetesEvent, NodeObject, Pod, Service } from '#facts/kubernetes.ts';
import { failed, ok, type Result } from '#facts/result.ts';
import { JsonPlaces } from './json-places.ts';
import { parseJson } from './json-text.ts';
import { parseIsoTime } from './parse-time.ts';
import { shown } from './shown.ts';

type Json = Readonly<Record<string, unknown>>;
interface Item {
  readonly object: Json;
  readonly at: { readonly source: string; readonly line: number };
  readonly text: string;
}

/** The objects of a kubectl List, or one object. Each is cited by the first of `cited` paths that it has: pretty-printed, that is one telling line. */
function itemsOf(text: string, source: string, cited: readonly (readonly string[])[]): Result<readonly Item[]> {
  const json = parseJson(text, source);
  if (!json.ok) return json;
  const list = record(json.value)['items'];
  if (!Array.isArray(list) && record(json.value)['metadata'] === undefined) {
    return failed({
      code: 'kubernetes-unreadable',
      source,
      line: 1,
      found: shown(text),
      expected: "a Kubernetes object or List, as 'kubectl get -o json' prints",
    });
  }
  const places = new JsonPlaces(text);
  const offsets = Array.isArray(list) ? places.elements(['items']) : [places.start];
  return ok(
    (Array.isArray(list) ? list : [json.value]).map((object, index) => {
      const offset = offsets[index] as number;
      const place = cited.map((path) => places.find(offset, path)).find((found) => found !== null) ?? offset;
      const line = places.line(place);
      return { object: record(object), at: { source, line }, text: places.lineText(line) };
    }),
  );
}

const byName: readonly (readonly string[])[] = [['metadata', 'name']];

function readItems<T>(text: string, source: string, read: (item: Item) => T, cited = byName): Result<readonly T[]> {
  const items = itemsOf(text, source, cited);
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

/** A Deployment's ReplicaSet is named DEPLOYMENT-HASH, and its pods carry the hash as a label; other ReplicaSets keep their own name. */
function ownerOf(metadata: Json): string | null {
  const owner = records(metadata['ownerReferences'])[0];
  const kind = string(owner?.['kind']);
  const name = string(owner?.['name']);
  if (kind === null || name === null) return null;
  const hash = string(record(metadata['labels'])['pod-template-hash']);
  if (kind === 'ReplicaSet' && hash !== null && name.endsWith(`-${hash}`)) return `Deployment/${name.slice(0, -hash.length - 1)}`;
  return `${kind}/${name}`;
}

function environmentOf(containers: readonly Json[]): ReadonlyMap<string, string | null> {
  const entries = containers.flatMap((container) =>
    records(container['env']).map(
      (variable) =>
        [
          `${string(container['name']) ?? ''}/${string(variable['name']) ?? ''}`,
          variable['valueFrom'] === undefined ? (string(variable['value']) ?? '') : null,
        ] as const,
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

/** Events of the core API and of events.k8s.io, which calls the same things `regarding`, `note` and `series`. */
export function readEvents(text: string, source: string): Result<readonly KubernetesEvent[]> {
  return readItems(text, source, readEvent, [['message'], ['note'], ...byName]);
}

function readEvent({ object, at, text }: Item): KubernetesEvent {
  const involved = record(object['involvedObject'] ?? object['regarding']);
  const series = record(object['series']);
  const times = [
    object['lastTimestamp'],
    series['lastObservedTime'],
    object['deprecatedLastTimestamp'],
    object['eventTime'],
    object['firstTimestamp'],
  ];
  return {
    reason: string(object['reason']) ?? '',
    message: string(object['message']) ?? string(object['note']) ?? '',
    type: string(object['type']) ?? '',
    object: [involved['kind'], involved['namespace'], involved['name']].filter((part) => typeof part === 'string').join('/'),
    time: times.map(moment).find((time) => time !== null) ?? null,
    count: number(object['count']) ?? number(series['count']) ?? number(object['deprecatedCount']) ?? 1,
    at,
    text,
  };
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
    [['spec', 'iptablesBackend'], ...byName],
  );
}
