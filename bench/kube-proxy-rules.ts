import { createHash } from 'node:crypto';

/** One service of the generated cluster; port 80, and three pods that listen on 8080. */
export interface GeneratedService {
  readonly clusterIp: string;
  readonly endpoints: readonly string[];
}

export interface GeneratedRules {
  /** Input for `iptables-restore`. */
  readonly text: string;
  readonly ruleCount: number;
}

const endpointsPerService = 3;
/** KUBE-SERVICES 1, KUBE-SVC 1 + 3, KUBE-SEP 3 x 2. */
const rulesPerService = 2 + endpointsPerService * 3;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

const head = [
  '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
  '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
  '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
  '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
  '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
  '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
];
const nodePorts =
  '-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" ' +
  '-m addrtype --dst-type LOCAL -j KUBE-NODEPORTS';

/** The nat table that kube-proxy (mode iptables) writes, with at most `ruleCount` rules: as many services as fit. */
export function kubeProxyRules(ruleCount: number): GeneratedRules {
  const count = Math.floor((ruleCount - head.length - 1) / rulesPerService);
  const services = Array.from({ length: count }, (_, index) => serviceAt(index));
  const chains: string[] = ['KUBE-MARK-MASQ', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-SERVICES'];
  const portals: string[] = [];
  const rules: string[] = [];
  for (const [index, service] of services.entries()) writeService(index, service, { chains, portals, rules });
  const all = [...head, ...portals, nodePorts, ...rules];
  const builtIn = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((name) => `:${name} ACCEPT [0:0]`);
  const text = ['*nat', ...builtIn, ...chains.map((name) => `:${name} - [0:0]`), ...all, 'COMMIT', ''].join('\n');
  return { text, ruleCount: all.length };
}

/** The addresses of the service with this 0-based number. */
export function serviceAt(index: number): GeneratedService {
  const endpoint = (nth: number): string => dotted(0x0af40000 + 1 + index * endpointsPerService + nth);
  return { clusterIp: dotted(0x0a600000 + 1 + index), endpoints: Array.from({ length: endpointsPerService }, (_, nth) => endpoint(nth)) };
}

interface Sheets {
  readonly chains: string[];
  readonly portals: string[];
  readonly rules: string[];
}

function writeService(index: number, { clusterIp, endpoints }: GeneratedService, { chains, portals, rules }: Sheets): void {
  const name = `ns${index % 50}/svc${index}:http`;
  const service = `KUBE-SVC-${hashed(`${name}tcp`)}`;
  const to = `-d ${clusterIp}/32 -p tcp -m comment --comment "${name} cluster IP" -m tcp --dport 80`;
  chains.push(service);
  portals.push(`-A KUBE-SERVICES ${to} -j ${service}`);
  rules.push(`-A ${service} ! -s 10.244.0.0/14 ${to} -j KUBE-MARK-MASQ`);
  for (const [nth, pod] of endpoints.entries()) {
    const endpoint = `KUBE-SEP-${hashed(`${name}tcp${pod}:8080`)}`;
    chains.push(endpoint);
    rules.push(`-A ${service} -m comment --comment "${name} -> ${pod}:8080"${share(endpoints.length - nth)} -j ${endpoint}`);
    rules.push(`-A ${endpoint} -s ${pod}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`);
    rules.push(`-A ${endpoint} -p tcp -m comment --comment "${name}" -m tcp -j DNAT --to-destination ${pod}:8080`);
  }
}

/** kube-proxy gives each endpoint 1/n of what the ones before it left; the last takes the rest. */
function share(left: number): string {
  return left === 1 ? '' : ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}`;
}

/** The first 16 characters of the base32 of a sha256, as kube-proxy's portProtoHash names chains. */
function hashed(text: string): string {
  const digest = createHash('sha256').update(text).digest();
  let bits = 0n;
  for (const byte of digest.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  return Array.from({ length: 16 }, (_, i) => alphabet[Number((bits >> BigInt(75 - i * 5)) & 31n)]).join('');
}

function dotted(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
}
