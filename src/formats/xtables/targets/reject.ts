import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { Modules, TargetModule } from '../module.ts';
import { option } from '../words.ts';

/** enum ipt_reject_with, enum ip6t_reject_with. Nobody sends the echo reply any more. */
const answers = {
  ip: [
    'icmp-net-unreachable',
    'icmp-host-unreachable',
    'icmp-proto-unreachable',
    'icmp-port-unreachable',
    null,
    'icmp-net-prohibited',
    'icmp-host-prohibited',
    'tcp-reset',
    'icmp-admin-prohibited',
  ],
  ip6: [
    'icmp6-no-route',
    'icmp6-adm-prohibited',
    null,
    'icmp6-addr-unreachable',
    'icmp6-port-unreachable',
    null,
    'tcp-reset',
    'icmp6-policy-fail',
    'icmp6-reject-route',
  ],
} as const;

function answerOf(blob: Blob, family: 'ip' | 'ip6'): string {
  const answer = answers[family][blob.u32(0)];
  if (answer === undefined || answer === null) throw new UnreadableValue(`answer '${blob.u32(0)}'`);
  return answer;
}

const reject = (family: 'ip' | 'ip6'): TargetModule => ({
  size: 4,
  target: (blob) => ({ kind: 'reject', with: answerOf(blob, family) }),
  words: (blob) => option('--reject-with', answerOf(blob, family)),
});

export const rejectModules: Modules<TargetModule> = { 'REJECT/0/ip': reject('ip'), 'REJECT/0/ip6': reject('ip6') };
