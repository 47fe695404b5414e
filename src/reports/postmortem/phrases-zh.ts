/** Sentences of the engines, in English and Chinese. `{n}` stands for a number, `{b}` for a backend, `{f}` for a family, `{x}` `{y}` `{z}` for text that is taken over. */
export type Phrase = readonly [english: string, chinese: string];

const evidence: readonly Phrase[] = [
  ['{n} tasks', '当前 {n} 个任务'],
  ['{n} tasks now', '当前 {n} 个任务'],
  ['{n} at most so far', '历史最高 {n} 个'],
  [
    '{n} at most so far: it never held as many as it may now, so its limit was raised since it refused',
    '历史最高 {n} 个，从未达到现在的上限，可见上限是在拒绝 fork 之后才调高的',
  ],
  ['at most {n} tasks', '上限为 {n} 个任务'],
  ['{n} tasks on the whole host', '整机共 {n} 个任务'],
  ['no limit', '未设上限'],
  ['{n} fork refused', '{n} 次 fork 被拒绝'],
  ['{n} forks refused', '{n} 次 fork 被拒绝'],
  ['{n} forks refused in this pod', '该 Pod 中有 {n} 次 fork 被拒绝'],
  ['{x} restarted {n} time', '{x} 重启了 {n} 次'],
  ['{x} restarted {n} times', '{x} 重启了 {n} 次'],
  ['Felix chose {b}', 'Felix 选择了 {b}'],
  ['an earlier start of Felix used {b}', 'Felix 此前一次启动使用 {b}'],
  ['Felix programs {b}', 'Felix 写入 {b}'],
  ['newest start of Felix', 'Felix 最近一次启动'],
  ['Felix programmed {b} until its next start', '此后直到下次启动，Felix 写入 {b}'],
  ['a chain of {x}', '属于 {x} 的链'],
  ['a rule of {x}', '属于 {x} 的规则'],
  ['drops what comes from an interface that no rule above names', '丢弃来自未列出网卡的流量'],
  ['drops what comes from an interface that no rule above names, {n} packets so far', '丢弃来自未列出网卡的流量，累计 {n} 个包'],
  ['drops what comes from an interface that no rule above names, {n} packet so far', '丢弃来自未列出网卡的流量，累计 {n} 个包'],
  ['drops the request of {x}', '丢弃请求包：{x}'],
  ['drops the reply of {x}', '丢弃回包：{x}'],
  ['seen at {x} (node): {y}', '主机侧 {x} 抓到的包（{y}）'],
  ['seen at {x} ({y}): {z}', '{y} 内 {x} 抓到的包（{z}）'],
];

const refusals: readonly Phrase[] = ['', ' ({m} in {k} cgroups)'].flatMap((all): readonly Phrase[] => {
  const total = all === '' ? '' : '（{k} 个 cgroup 合计 {m} 次）';
  return ['fork', 'forks'].flatMap((noun): readonly Phrase[] => [
    [
      `{n} ${noun} refused${all}, counted where the fork was tried; {x} was the full one`,
      `{n} 次 fork 被拒绝${total}，计数在发起 fork 的 cgroup 上；已满的是 {x}`,
    ],
    [
      `{n} ${noun} refused${all}, counted where the fork was tried; the peak above {x}'s own shows whose limit it was`,
      `{n} 次 fork 被拒绝${total}，计数在发起 fork 的 cgroup 上；由峰值可知触达的是 {x} 的上限`,
    ],
    [
      `{n} ${noun} refused${all}, counted where the fork was tried; no other cgroup above it that can be seen has a limit`,
      `{n} 次 fork 被拒绝${total}，计数在发起 fork 的 cgroup 上；可见的上级 cgroup 中没有别的上限`,
    ],
  ]);
});

const logs: readonly Phrase[] = [
  ['first refusal in this cgroup; the limit may be that of an ancestor', '该 cgroup 首次被拒绝 fork，触达的上限可能属于其上级'],
  ['a Go program could not start a thread (EAGAIN) and aborts', 'Go 程序无法创建线程（EAGAIN），进程中止'],
  ['the Go runtime could not start a thread (EAGAIN) and aborts', 'Go 运行时无法创建线程（EAGAIN），进程中止'],
  ['a Go program ends because it cannot start a thread', 'Go 程序因无法创建线程而退出'],
  ['the container runtime could not start a process: probes and pods fail', '容器运行时无法启动进程，探针与 Pod 均会失败'],
  ['a child process could not be started (EAGAIN)', '无法启动子进程（EAGAIN）'],
  ['a shell could not fork (EAGAIN)', 'shell 无法 fork（EAGAIN）'],
  ['a save command could not be started', 'save 命令无法启动'],
  ['iptables could not be run: forks fail right now', '无法执行 iptables：此刻 fork 失败'],
  ['Felix works with the version it assumes where iptables cannot be run', '无法执行 iptables，Felix 按假定的版本继续运行'],
  ['Felix could not read a table', 'Felix 无法读取规则表'],
  ['Felix could not write rules', 'Felix 无法写入规则'],
  ['Felix could not write rules and tries again', 'Felix 写入规则失败并重试'],
  ['Felix exits, and detects the backend anew when it restarts', 'Felix 退出，重启后会重新探测后端'],
];

const replays: readonly Phrase[] = [
  ['all probes failed and count as 0 rules, 0 >= 0: legacy', '探测全部失败，均按 0 条规则计；0 >= 0 成立，选 legacy'],
  ['10 or more legacy rules: legacy, nft is not probed', 'legacy 规则达到 10 条即选 legacy，不再探测 nft'],
  ['{n} legacy rules (v4 {m}, v6 {k})', 'legacy 规则 {n} 条（v4 {m} 条，v6 {k} 条）'],
  ['Kubernetes hint chain in nft mangle: nft', 'nft 的 mangle 表中有 Kubernetes 标志链，选 nft'],
  ['Kubernetes hint chain in legacy mangle, none in nft: legacy', 'legacy 的 mangle 表中有 Kubernetes 标志链而 nft 中没有，选 legacy'],
  ['count: more legacy rules than nft rules: legacy', 'legacy 规则多于 nft，选 legacy'],
  ['count: a tie goes to legacy', '两边规则数相同，选 legacy'],
  ['count: more nft rules than legacy rules: nft', 'nft 规则多于 legacy，选 nft'],
];

const ruledOut: readonly Phrase[] = [
  ['{n} pod interfaces fit into {x}', '{n} 个 Pod 网卡的 MTU 均不超过 {x}'],
  ['{n} pod addresses, each with a route to an interface of its own', '{n} 个 Pod 地址各有一条路由，指向各自的网卡'],
  ['the interfaces of all {n} pod addresses exist', '{n} 个 Pod 地址对应的网卡均存在'],
  ['{n} workload interfaces are up and have a carrier', '{n} 个 Pod 网卡均已启用且链路正常'],
  ['{n} of {m} pod addresses are in the neighbour table, none failed', '{m} 个 Pod 地址中有 {n} 个在邻居表内，无失败记录'],
  ['not strict on any of {n} workload interfaces', '{n} 个 Pod 网卡均未启用严格模式'],
  [
    'strict on {n} of {m} workload interfaces, and the route back to each pod is its own interface',
    '{m} 个 Pod 网卡中有 {n} 个为严格模式，但回程路由均指向各自网卡',
  ],
  ['{n} sysctls, all on', '相关的 {n} 项 sysctl 均已开启'],
  ["the node answers for the gateway on all {n} of Calico's interfaces", '节点在全部 {n} 个 Calico 网卡上应答网关的 ARP 请求'],
  ['{n} open files of {m}', '已打开文件 {n} 个，上限 {m}'],
  ['{n} connections of {m}', '连接跟踪 {n} 条，上限 {m}'],
  ['{x}: {n} of {m} {y}, nothing refused', '{x}：已用 {n}，上限 {m}，无拒绝记录'],
  ['{x}: no limit {y}, nothing refused', '{x}：未设上限，无拒绝记录'],
  ['{b} {f}: knows all', '{b}（{f}）的规则已包含全部网卡'],
  ['no workload interfaces', '没有 Pod 网卡'],
];

const questions: readonly Phrase[] = [
  ['do rules in {b} drop traffic?', '{b} 中的规则是否丢弃流量？'],
  ['whose rules are in {b} {f}?', '{b}（{f}）中的规则分别属于哪个组件？'],
  ['which interfaces are there?', '有哪些网卡？'],
  ['is there room for threads?', '线程资源是否有余量？'],
  ['which workload took the tasks?', '哪个工作负载占用了任务数？'],
  ['which limit refused threads?', '是哪个上限拒绝了线程？'],
  ['which pids limit refused forks?', '是哪个 pids 上限拒绝了 fork？'],
  ['which backend does Felix program?', 'Felix 写入的是哪个后端？'],
  ['is a backend configured for Felix?', '是否为 Felix 指定了后端？'],
  ['would Felix choose {b} again at its next start?', 'Felix 下次启动是否仍会选择 {b}？'],
  ['whose Calico rules are stale, those in legacy or those in nft?', '残留的 Calico 规则是 legacy 中的还是 nft 中的？'],
  ['does the traffic of the pods arrive?', 'Pod 的流量能否到达？'],
  ['does {x} arrive and come back?', '{x} 能否到达并返回？'],
  ['does {x} arrive and come back? (and {n} more connections)', '{x} 能否到达并返回？（另有 {n} 条连接同样未定）'],
  ['does {x} arrive and come back? (and {n} more connection)', '{x} 能否到达并返回？（另有 {n} 条连接同样未定）'],
  ['is the traffic of the other {n} pods delivered?', '其余 {n} 个 Pod 的流量能否到达？'],
  ["do Calico's rules know every workload interface?", 'Calico 规则是否包含所有 Pod 网卡？'],
  ['whose limit refused {n} forks in {m} cgroup?', '{m} 个 cgroup 中的 {n} 次 fork 是被谁的上限拒绝的？'],
  ['whose limit refused {n} forks in {m} cgroups?', '{m} 个 cgroup 中的 {n} 次 fork 是被谁的上限拒绝的？'],
  ['does {x} have room for tasks?', '{x} 的任务数是否有余量？'],
  ['does a cgroup limit refuse forks?', '是否有 cgroup 上限拒绝 fork？'],
  ['are there process ids left (kernel.pid_max)?', '进程号是否有余量（kernel.pid_max）？'],
  ['is there room for tasks on the host (kernel.threads-max)?', '整机任务数是否有余量（kernel.threads-max）？'],
  ['has a process reached vm.max_map_count?', '是否有进程达到 vm.max_map_count？'],
  ['has a user reached RLIMIT_NPROC?', '是否有用户达到 RLIMIT_NPROC？'],
  ['do packets of pods fit into tunnel and uplink?', 'Pod 报文的大小是否适合隧道与上联口？'],
  ['does the pod network work?', 'Pod 网络是否正常？'],
  ['does every pod address have its route?', '每个 Pod 地址是否都有路由？'],
  ['does every pod have its interface?', '每个 Pod 是否都有网卡？'],
  ['are the pod interfaces up?', 'Pod 网卡是否启用？'],
  ['do pods answer ARP and neighbour discovery?', 'Pod 是否应答 ARP 与邻居发现？'],
  ['does rp_filter drop packets of pods?', 'rp_filter 是否丢弃 Pod 的报文？'],
  ['does the node forward packets?', '节点是否转发报文？'],
  ["does the node answer for the pods' gateway?", '节点是否代 Pod 网关应答？'],
  ['do the rules of each backend know every pod?', '各后端的规则是否包含每个 Pod？'],
  ['is fs.file-max reached?', '是否达到 fs.file-max？'],
  ['is the conntrack table full?', '连接跟踪表是否已满？'],
];

const missing: readonly Phrase[] = [
  ['it is not in the snapshot', '快照中没有'],
  ['no pod and no workload interface is known here', '此处没有已知的 Pod 或 Pod 网卡'],
  ['not in this snapshot', '快照中没有'],
  ['versions.json: the version of calico', 'versions.json 中缺少 calico 的版本'],
  ['only the first {n} pods are walked', '只推演前 {n} 个 Pod'],
  ['the outcome depends on state outside the snapshot', '结果取决于快照之外的状态'],
  ['every limit that was read has room; the one that refused is not in the snapshot', '读到的上限均有余量，拒绝 fork 的上限不在快照中'],
  ["neither a start nor a look-up of a restore command in Felix's log", 'Felix 日志中既无启动记录，也无查找 restore 命令的记录'],
  ["the newest start in Felix's log, with a look-up of a restore command", 'Felix 日志中最近一次启动及其查找 restore 命令的记录'],
  ['a look-up of a restore command since the newest start of Felix', 'Felix 最近一次启动后查找 restore 命令的记录'],
  ["the order of Felix's log files, some of whose lines have no time", 'Felix 日志文件的先后顺序（部分行没有时间）'],
  ['the kernel counted them where the fork was tried; it may have been {x}', '内核只在发起 fork 的 cgroup 上计数，可能是 {x}'],
  [
    'the kernel counted them where the fork was tried; no cgroup above has a limit now',
    '内核只在发起 fork 的 cgroup 上计数，其上级现在均未设上限',
  ],
  ...(['xt target', 'xt match'] as const).map(
    (what): Phrase => [
      `${what} {x} is not modelled: nft lists no parameters of extensions of iptables, and there is no dump of iptables-nft-save beside it`,
      `未建模的 ${what} {x}：nft 不列出 iptables 扩展的参数，且旁边没有 iptables-nft-save 的转储`,
    ],
  ),
  ['the uplink: there is no default route', '没有默认路由，无法确定上联口'],
];

const faults: readonly Phrase[] = [
  ['no route to it', '没有到它的路由'],
  ['its interface {x} does not exist', '其网卡 {x} 不存在'],
  ['has no carrier: the pod end is down or gone', '链路不通：Pod 一端已关闭或消失'],
  ['is down', '未启用'],
  ['is 0: packets are not forwarded', '为 0，不转发报文'],
  ['MTU {n} do not fit into {x}', 'MTU {n} 超出 {x}'],
  ['MTU {n} and {m} bytes of tunnel do not fit into {x}', 'MTU {n} 加上隧道开销 {m} 字节，超出 {x}'],
  ['nobody answers for {x}: proxy_arp is off', '{x} 无人应答：proxy_arp 未开启'],
  ['strict, and the route back to {x} leads to {y}', '为严格模式，而到 {x} 的回程路由指向 {y}'],
];

const notes: readonly Phrase[] = [
  [
    'Recorded by faultline lab run {x} in phase {y}, on a real kernel, in namespaces and cgroups of its own.',
    '由 faultline lab run {x} 在 {y} 阶段录制：真实内核，独立的命名空间与 cgroup。',
  ],
  ["Scale 1:{n}: thread numbers and limits are the incident's divided by {m}.", '缩放比例 1:{n}：线程数与上限均为原故障的 1/{m}。'],
  [
    "Workloads, Felix, kubelet, kube-proxy and the API server are the lab's stand-ins; rules, cgroups, refusals, crashes and packets are real.",
    '业务负载、Felix、kubelet、kube-proxy 与 API server 为实验环境的替身；规则、cgroup、fork 拒绝、进程崩溃与数据包均为真实。',
  ],
];

/** The first that fits is taken. */
export const phrasesZh: readonly Phrase[] = [
  ...evidence,
  ...refusals,
  ...logs,
  ...replays,
  ...ruledOut,
  ...questions,
  ...missing,
  ...faults,
  ...notes,
];
