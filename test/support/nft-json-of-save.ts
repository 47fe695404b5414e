/** What `nft -j list ruleset` (1.0.6) shows of rules that iptables-nft wrote: native addresses, interfaces, protocols and ports, and opaque xt. */
export function nftJsonOfSave(saves: Readonly<Record<'ip' | 'ip6', string>>): string {
  const objects = (['ip', 'ip6'] as const).flatMap((family) => familyObjects(family, saves[family]));
  return `${JSON.stringify({ nftables: objects })}\n`;
}

const hooks: Readonly<Record<string, string>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};
const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, nat: -100, filter: 0 };

function familyObjects(family: 'ip' | 'ip6', save: string): readonly object[] {
  const objects: object[] = [];
  let table = '';
  let handle = 1;
  const rules: object[] = [];
  for (const line of save.split('\n')) {
    const chain = /^:(\S+) (\S+)/.exec(line);
    const rule = /^(?:\[\d+:\d+\] )?-A (\S+) (.*)$/.exec(line);
    if (line.startsWith('*')) {
      table = line.slice(1);
      objects.push({ table: { family, name: table, handle: handle++ } });
    } else if (chain !== null) objects.push({ chain: chainObject(family, table, chain, handle++) });
    else if (rule !== null)
      rules.push({ rule: { family, table, chain: rule[1], handle: handle++, expr: expressions(family, rule[2] as string) } });
  }
  return [...objects, ...rules];
}

function chainObject(family: string, table: string, [, name = '', policy = '-']: RegExpExecArray, handle: number): object {
  const own = { family, table, name, handle };
  if (policy === '-') return own;
  const hook = hooks[name] as string;
  const type = table === 'nat' ? 'nat' : table === 'mangle' && hook === 'output' ? 'route' : 'filter';
  const prio = table === 'nat' && (hook === 'input' || hook === 'postrouting') ? 100 : priorities[table];
  return { ...own, type, hook, prio, policy: policy.toLowerCase() };
}

const match = (left: object, right: unknown, negated: boolean): object => ({ match: { op: negated ? '!=' : '==', left, right } });
const payload = (protocol: string, field: string): object => ({ payload: { protocol, field } });
const meta = (key: string): object => ({ meta: { key } });

function expressions(family: 'ip' | 'ip6', text: string): readonly object[] {
  const words = text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const heads: object[] = [];
  const tails: object[] = [];
  let module = '';
  let negated = false;
  let verdict: object | null = null;
  for (let i = 0; i < words.length; i++) {
    const value = words[i + 1] ?? '';
    switch (words[i]) {
      case '!':
        negated = true;
        continue;
      case '-s':
      case '-d':
        heads.push(match(payload(family, words[i] === '-s' ? 'saddr' : 'daddr'), prefix(family, value), negated));
        break;
      case '-i':
      case '-o':
        heads.push(match(meta(words[i] === '-i' ? 'iifname' : 'oifname'), value.replace(/\+$/, '*'), negated));
        break;
      case '-p':
        heads.push(match(meta('l4proto'), value, negated));
        break;
      case '-m':
        module = value;
        if (module !== 'tcp' && module !== 'udp') tails.push({ xt: { type: 'match', name: value } });
        break;
      case '--dport':
        tails.push(match(payload(module, 'dport'), Number(value), negated));
        break;
      case '-j':
      case '-g':
        verdict = verdictOf(words[i] as string, value);
        break;
      default:
        break;
    }
    negated = false;
  }
  return [...heads, ...tails, { counter: { packets: 0, bytes: 0 } }, ...(verdict === null ? [] : [verdict])];
}

function prefix(family: string, text: string): unknown {
  const [addr, bits] = text.split('/');
  const whole = family === 'ip' ? '32' : '128';
  return bits === undefined || bits === whole ? addr : { prefix: { addr, len: Number(bits) } };
}

function verdictOf(option: string, name: string): object {
  if (name === 'ACCEPT' || name === 'DROP' || name === 'RETURN') return { [name.toLowerCase()]: null };
  if (option === '-g') return { goto: { target: name } };
  return /^[A-Z0-9]+$/.test(name) ? { xt: { type: 'target', name } } : { jump: { target: name } };
}
