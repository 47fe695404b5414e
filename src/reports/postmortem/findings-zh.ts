import type { Reader, Sentence } from './sentence.ts';

/** What each failure mode's figures say, in Chinese. */
export const findingsZh: Readonly<Record<string, Sentence>> = {
  'thread-storm': (read) => {
    const [least, greatest] = [read.figure('least'), read.figure('greatest')];
    const each = least === greatest ? `每个 Pod 有 ${least} 个线程` : `单个 Pod 的线程数在 ${least} 到 ${greatest} 之间`;
    const whole = read.is('state', 'binds')
      ? `，而 ${read.figure('under')} 的上限为 ${read.figure('whole')}`
      : `，而 ${read.figure('under')} 中的任务总数为 ${read.figure('whole')}`;
    return `工作负载 ${read.figure('workload')} 在本节点运行 ${read.figure('pods')} 个 Pod，${each}，按各 Pod 的最高值合计 ${read.figure('tasks')} 个任务（进程与线程）${whole}。`;
  },
  'pids-limit-reached': (read) =>
    read.is('state', 'unattributed')
      ? `内核在 ${read.figure('cgroups')} 个 cgroup 中拒绝了 fork，但现有数据无法确定是哪一级的上限已满。`
      : `${use(read)}${refused(read)}${also(read)}`,
  'component-restarts': (read) => {
    const restarted = read.ending('.restarts').map(([name, times]) => `${name} 累计重启 ${times} 次`);
    const failed = read.ending('.failures').map(([name, lines]) => `${name} 日志中有 ${lines} 条失败记录`);
    const reason = read.is('signature', 'go-thread-create-failed') ? read.figure('reason') : read.phrase('reason');
    return `${[...restarted, ...failed].join('，')}。最早的一条报错为：${reason}。`;
  },
  'backend-misdetected': (read) => `Felix 选择了 ${read.figure('chose')} 后端，而${expected(read)}。${misdetectedBecause(read)}`,
  'backend-locked-in': (read) =>
    `即使所有探测命令都恢复正常，Felix 下次启动仍会选择 ${read.figure('backend')}（判定依据：${read.phrase('branch')}），因为它自己已在该后端写入 ${read.figure('ownRules')} 条规则。因此仅重启 calico-node 无法恢复。`,
  'stale-rules': (read) => {
    const known = read.has('known') ? `在用的 ${read.figure('live')} 个网卡中，这些规则包含 ${read.figure('known')} 个。` : '';
    return `${read.figure('backend')} 中仍有 ${read.figure('rules')} 条 Calico 规则，Felix 已不再维护，但内核处理数据包时仍会匹配。${known}`;
  },
  'unknown-interface-drop': (read) => {
    const others = read.has('moreInterfaces') ? `，另有 ${read.figure('moreInterfaces')} 个` : '';
    const more = read.has('morePods') ? `，另有 ${read.figure('morePods')} 个` : '';
    const pods = read.has('pods') ? `对应的 Pod 为 ${read.list('pods', '、')}${more}。` : '';
    return `${read.figure('backend')} 中的分发链以 DROP 结尾，其中没有以下 ${read.figure('unknown')} 个在用网卡的条目：${read.list('interfaces', '、')}${others}。${pods}`;
  },
  'pod-traffic-dropped': (read) => {
    const where = read.is('leg', 'request') ? '请求包' : '请求包可以到达，回包';
    const rule = read.has('rule') ? `${read.figure('chain')} 链第 ${read.figure('rule')} 条规则` : `${read.figure('chain')} 链的默认策略`;
    const cure = read.has('mendedWithout') ? `在模型中去掉 ${read.figure('mendedWithout')} 中的 Calico 规则后，同一连接双向可达。` : '';
    return `本节点 ${read.figure('ofPods')} 个 Pod 中有 ${read.figure('pods')} 个网络异常，逐条规则推演共发现 ${read.figure('connections')} 条连接不通。以 ${read.figure('connection')} 为例：${where}在 ${read.figure('backend')} 后端 ${read.figure('table')} 表的 ${rule}处被丢弃。${cure}`;
  },
};

function use(read: Reader): string {
  const [under, tasks, limit] = [read.figure('under'), read.figure('use'), read.figure('limit')];
  if (read.is('state', 'binds')) return `${under} 的任务数已达上限（当前 ${tasks}，上限 ${limit}），无法再创建线程或进程。`;
  const since = read.is('state', 'raised-since') ? '该上限此后已被调高' : '目前已有余量';
  return `${under} 的任务数曾达到上限，新建线程和进程被拒绝；${since}，采集时为 ${tasks}，上限 ${limit}。`;
}

const refused = (read: Reader): string => (read.has('refused') ? `内核共记录 ${read.figure('refused')} 次 fork 被拒绝。` : '');
const also = (read: Reader): string =>
  read.has('alsoUnder') ? `${read.figure('alsoUnder')}（上限 ${read.figure('alsoLimit')}）同样吃紧。` : '';

function expected(read: Reader): string {
  const backend = read.figure('expected');
  if (!read.has('byKubernetes')) return ` Felix 此前一次启动使用的是 ${backend}`;
  return ` kubelet 与 kube-proxy ${read.has('byEarlierStart') ? '以及 Felix 此前一次启动' : ''}使用的都是 ${backend}`;
}

function misdetectedBecause(read: Reader): string {
  if (!read.has('cause')) return '日志未能说明选错的原因。';
  const replay = read.is('cause', 'probes-failed')
    ? '日志显示该次启动时探测命令无法执行；按“探测全部失败”重放其判定逻辑'
    : '剔除 Felix 自身写入的规则后重放其判定逻辑';
  return `${replay}，得到相同的选择：${read.phrase('branch')}。`;
}
