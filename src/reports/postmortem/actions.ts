import type { Reader, Sentence } from './sentence.ts';
import type { Language } from './words.ts';

export interface ActionSentences {
  readonly title: Sentence;
  readonly risk: Sentence;
}

const removalEn = (read: Reader): string =>
  `What others change in ${read.figure('backend')} between the backup and the restore is lost; kube-proxy and kubelet write theirs again within a minute. Without ${read.figure('backend')} programs on the host, run the commands inside the calico-node container.`;
const removalZh = (read: Reader): string =>
  `备份与恢复之间，其他组件在 ${read.figure('backend')} 中的改动会丢失；kube-proxy 和 kubelet 会在一分钟内重新写入各自的规则。若主机上没有对应 ${read.figure('backend')} 的命令，请在 calico-node 容器内执行。`;

/** Titles and risks of the actions, by id. */
export const actionSentences: Readonly<Record<Language, Readonly<Record<string, ActionSentences>>>> = {
  en: {
    'raise-task-limit': {
      title: (read) => `Make room for threads: raise ${read.figure('under')} from ${read.figure('from')} to ${read.figure('to')}`,
      risk: () => 'More threads need more memory: about 32 KiB of kernel memory each. It lasts until the next boot or kubelet start.',
    },
    'raise-pid-max-and-restart-kubelet': {
      title: (read) =>
        `Make the room last: ${read.has('pidMax') ? `kernel.pid_max = ${read.figure('pidMax')}, then ` : ''}restart kubelet, which computes the limit of kubepods anew`,
      risk: () => 'Pods keep running through a restart of kubelet.',
    },
    'pin-felix-backend': {
      title: (read) =>
        `Give the rules one owner: pin Felix on this node to ${read.figure('backend')}, restart calico-node, wait for its rules`,
      risk: () =>
        'For a few seconds rules are not updated; existing connections go on. An environment variable FELIX_IPTABLESBACKEND would outweigh this pin.',
    },
    'clear-other-backend': {
      title: (read) => `Then remove the rules that Felix wrote to ${read.figure('backend')}, and nothing else`,
      risk: removalEn,
    },
    'clear-stale-rules': {
      title: (read) => `Remove Calico's stale rules from ${read.figure('backend')}, and nothing else`,
      risk: removalEn,
    },
    'interim-clear-stale-rules': {
      title: (read) =>
        `Only if the pin must wait: remove Calico's stale rules from ${read.figure('backend')}. Traffic flows again, with Felix still in ${read.figure('other')}`,
      risk: removalEn,
    },
    'pin-felix-in-manifest': {
      title: (read) =>
        `Make the pin last: updateStrategy OnDelete, then FELIX_IPTABLESBACKEND=${read.figure('value')} in the DaemonSet, once every node is known to use ${read.figure('backend')}`,
      risk: () =>
        'It concerns every node of the cluster. Look at each first: a node that rightly uses the other backend would be left with stale rules.',
    },
  },
  zh: {
    'raise-task-limit': {
      title: (read) => `释放线程资源：将 ${read.figure('under')} 的上限由 ${read.figure('from')} 调整为 ${read.figure('to')}`,
      risk: () => '线程越多占用内存越多，每个线程约需 32 KiB 内核内存。该设置在主机重启或 kubelet 重启后失效。',
    },
    'raise-pid-max-and-restart-kubelet': {
      title: (read) =>
        `固化上限：${read.has('pidMax') ? `将 kernel.pid_max 设为 ${read.figure('pidMax')}，再` : ''}重启 kubelet，使其重新计算 kubepods 的上限`,
      risk: () => 'kubelet 重启期间 Pod 不受影响。',
    },
    'pin-felix-backend': {
      title: (read) =>
        `统一规则的维护方：将本节点 Felix 的后端固定为 ${read.figure('backend')}，重启 calico-node，并等待其规则覆盖所有网卡`,
      risk: () => '规则会有数秒不更新，已有连接不受影响。若设置了环境变量 FELIX_IPTABLESBACKEND，其优先级高于此配置。',
    },
    'clear-other-backend': {
      title: (read) => `随后清除 Felix 误写入 ${read.figure('backend')} 的规则，不触碰其他组件的规则`,
      risk: removalZh,
    },
    'clear-stale-rules': { title: (read) => `清除 ${read.figure('backend')} 中残留的 Calico 规则，不触碰其他组件的规则`, risk: removalZh },
    'interim-clear-stale-rules': {
      title: (read) =>
        `仅当暂时无法固定后端时：只清除 ${read.figure('backend')} 中残留的 Calico 规则，可先恢复流量，但 Felix 仍停留在 ${read.figure('other')}`,
      risk: removalZh,
    },
    'pin-felix-in-manifest': {
      title: (read) =>
        `固化后端配置：先将 DaemonSet 的 updateStrategy 改为 OnDelete，确认各节点均使用 ${read.figure('backend')} 后，再设置 FELIX_IPTABLESBACKEND=${read.figure('value')}`,
      risk: () => '该变更影响集群内所有节点，请先逐一核对：若某节点本应使用另一后端，变更后会留下无人维护的旧规则。',
    },
  },
};
