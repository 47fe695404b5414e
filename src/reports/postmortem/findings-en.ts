import type { Reader, Sentence } from './sentence.ts';

/** What each failure mode's figures say, in English. */
export const findingsEn: Readonly<Record<string, Sentence>> = {
  'thread-storm': (read) => {
    const each = read.figure('least') === read.figure('greatest') ? read.figure('least') : range(read);
    const whole = read.is('state', 'binds') ? `against the ${read.figure('whole')} that` : `of the ${read.figure('whole')} tasks of`;
    const allows = read.is('state', 'binds') ? ' allows' : '';
    return `${count(read, 'pods', 'pod')} of ${read.figure('workload')} ran ${each} threads each. Their highest counts add up to ${read.figure('tasks')} tasks ${whole} ${read.figure('under')}${allows}.`;
  },
  'pids-limit-reached': (read) => {
    if (read.is('state', 'unattributed')) {
      return `The kernel refused forks in ${count(read, 'cgroups', 'cgroup')}; which limit above them was full is not known.`;
    }
    return `${use(read)}${refused(read)}${also(read)}`;
  },
  'component-restarts': (read) => {
    const restarted = read.ending('.restarts').map(([name, times]) => `${name} restarted ${times} time${times === '1' ? '' : 's'}`);
    const failed = read.ending('.failures').map(([name, lines]) => `${name} logged ${lines} failure${lines === '1' ? '' : 's'}`);
    return `${[...restarted, ...failed].join(', ')}. The first line that says why: ${read.figure('reason')}.`;
  },
  'backend-misdetected': (read) => `Felix chose ${read.figure('chose')}; ${expected(read)}. ${misdetectedBecause(read)}`,
  'backend-locked-in': (read) =>
    `Even with every probe working, Felix would choose ${read.figure('backend')} again at its next start (${read.phrase('branch')}), because of ${count(read, 'ownRules', 'rule')} that it wrote there itself. A restart does not mend this.`,
  'stale-rules': (read) => {
    const known = read.has('known') ? ` They know ${read.figure('known')} of the ${read.figure('live')} live interfaces.` : '';
    return `${count(read, 'rules', 'rule')} of Calico still stand in ${read.figure('backend')}, which Felix does not program; the kernel asks them about every packet.${known}`;
  },
  'unknown-interface-drop': (read) => {
    const others = read.has('moreInterfaces') ? ` and ${read.figure('moreInterfaces')} more` : '';
    const more = read.has('morePods') ? ` and ${read.figure('morePods')} more` : '';
    const pods = read.has('pods') ? ` Their pods: ${read.list('pods', ', ')}${more}.` : '';
    return `The dispatch chains in ${read.figure('backend')} end in DROP, and they do not know ${count(read, 'unknown', 'live interface')}: ${read.list('interfaces', ', ')}${others}.${pods}`;
  },
  'pod-traffic-dropped': (read) => {
    const where = read.is('leg', 'request') ? 'The request' : 'The request arrives; the reply';
    const rule = read.has('rule')
      ? `rule ${read.figure('rule')} of chain ${read.figure('chain')}`
      : `the policy of chain ${read.figure('chain')}`;
    const cure = read.has('mendedWithout')
      ? ` In the model, without Calico's rules in ${read.figure('mendedWithout')} it is delivered both ways.`
      : '';
    return `Of ${count(read, 'ofPods', 'pod')}, ${read.figure('pods')} cannot be reached as they should; ${count(read, 'connections', 'connection')} fail in the walk through the rules. An example is ${read.figure('connection')}. ${where} is dropped by ${rule} (${read.figure('backend')}, table ${read.figure('table')}).${cure}`;
  },
};

const range = (read: Reader): string => `${read.figure('least')} to ${read.figure('greatest')}`;

function count(read: Reader, name: string, noun: string): string {
  return `${read.figure(name)} ${noun}${read.is(name, 1) ? '' : 's'}`;
}

function use(read: Reader): string {
  const [under, tasks, limit] = [read.figure('under'), read.figure('use'), read.figure('limit')];
  if (read.is('state', 'binds')) return `${under} is full: ${tasks} of ${limit} tasks, so that new threads and processes are refused.`;
  const since = read.is('state', 'raised-since') ? 'Its limit has been raised since' : 'It has room again';
  return `${under} was full and refused new threads and processes. ${since}: ${tasks} of ${limit} tasks at the time of the capture.`;
}

const refused = (read: Reader): string => (read.has('refused') ? ` The kernel counted ${count(read, 'refused', 'refused fork')}.` : '');
const also = (read: Reader): string =>
  read.has('alsoUnder') ? ` ${read.figure('alsoUnder')} is tight too, at ${read.figure('alsoLimit')}.` : '';

function expected(read: Reader): string {
  const backend = read.figure('expected');
  if (!read.has('byKubernetes')) return `an earlier start of Felix used ${backend}`;
  return `kubelet and kube-proxy use ${backend}${read.has('byEarlierStart') ? ', as an earlier start of Felix did' : ''}`;
}

function misdetectedBecause(read: Reader): string {
  if (!read.has('cause')) return 'Its log does not show why.';
  const replay = read.is('cause', 'probes-failed')
    ? 'At that start its probes could not be run, and a replay of the detection with failing probes'
    : 'A replay of the detection without the rules of Felix itself';
  return `${replay} comes to the same choice: ${read.phrase('branch')}.`;
}
