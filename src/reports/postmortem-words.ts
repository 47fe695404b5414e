import type { Diagnosis, Finding } from '#facts/diagnosis.ts';

export type Language = 'en' | 'zh';

/** The fixed sentences of the write-up, in one language. The sections are those of the report that the tool was made for. */
export interface PostmortemWords {
  readonly title: (node: string) => string;
  readonly sections: {
    readonly symptom: string;
    readonly impact: string;
    readonly environment: string;
    readonly investigation: string;
    readonly timeline: string;
    readonly ruledOut: string;
    readonly undecided: string;
    readonly cause: string;
    readonly direct: string;
    readonly root: string;
    readonly measures: string;
    readonly advice: string;
  };
  readonly urgency: Readonly<Record<'now' | 'next' | 'later', string>>;
  readonly confidence: Readonly<Record<Finding['confidence'], string>>;
  readonly verdict: Readonly<Record<Diagnosis['verdict'], string>>;
  readonly evidence: string;
  readonly commands: string;
  readonly undo: string;
  readonly risk: string;
  readonly unknown: string;
  readonly capturedAt: string;
  readonly component: string;
  readonly version: string;
  readonly noChain: string;
  readonly nothing: string;
  /** Titles of the chain's failure modes; what is not here keeps the catalogue's English title. */
  readonly modes: Readonly<Record<string, string>>;
  readonly written: string;
}

export const words: Readonly<Record<Language, PostmortemWords>> = {
  en: {
    title: (node) => `Postmortem: node ${node}`,
    sections: {
      symptom: 'Symptoms',
      impact: 'Impact',
      environment: 'Environment',
      investigation: 'Investigation',
      timeline: 'Timeline',
      ruledOut: 'What was ruled out',
      undecided: 'What could not be decided',
      cause: 'Cause',
      direct: 'Direct cause',
      root: 'Root cause',
      measures: 'Measures',
      advice: 'Advice',
    },
    urgency: { now: 'at once', next: 'next', later: 'later' },
    confidence: { proven: 'proven', supported: 'supported by evidence, not proven', presumed: 'presumed' },
    verdict: { broken: 'broken', degraded: 'degraded', healthy: 'healthy', undecided: 'undecided' },
    evidence: 'Evidence',
    commands: 'Commands',
    undo: 'Undo',
    risk: 'Risk',
    unknown: 'unknown',
    capturedAt: 'State captured at',
    component: 'Component',
    version: 'Version',
    noChain: 'No causal chain was found.',
    nothing: 'None.',
    modes: {},
    written: 'Written by faultline from the evidence cited; impact on users, and who did what when, is for a person to add.',
  },
  zh: {
    title: (node) => `故障报告:节点 ${node}`,
    sections: {
      symptom: '故障现象',
      impact: '影响范围',
      environment: '环境信息',
      investigation: '排查过程',
      timeline: '时间线',
      ruledOut: '已排除的原因',
      undecided: '未能判定的问题',
      cause: '问题原因',
      direct: '直接原因',
      root: '根本原因',
      measures: '解决措施',
      advice: '后续建议',
    },
    urgency: { now: '立即', next: '随后', later: '择机' },
    confidence: { proven: '已证实', supported: '有证据支持,尚未证实', presumed: '推断' },
    verdict: { broken: '故障', degraded: '降级', healthy: '正常', undecided: '无法判定' },
    evidence: '证据',
    commands: '命令',
    undo: '回退',
    risk: '风险',
    unknown: '未知',
    capturedAt: '采集时间',
    component: '组件',
    version: '版本',
    noChain: '未发现因果链。',
    nothing: '无。',
    modes: {
      'thread-storm': '业务线程数暴涨',
      'pids-limit-reached': '进程/线程数达到上限',
      'component-restarts': '节点组件反复重启',
      'backend-misdetected': 'Felix 误判 iptables 后端',
      'backend-locked-in': '错误的后端被锁定,重启也无法恢复',
      'stale-rules': '另一后端残留无人维护的旧规则',
      'unknown-interface-drop': '旧规则不认识新建 Pod 的网卡而丢弃其流量',
      'pod-traffic-dropped': 'Pod 网络不通',
    },
    written: '本报告由 faultline 依据所引用的证据生成;对用户的影响以及人工处置的经过需由值班人员补充。',
  },
};
