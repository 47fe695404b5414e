import type { Diagnosis } from '#facts/diagnosis.ts';
import { type Sentence, sentenceWith } from './sentence.ts';
import type { Tongue } from './tongue.ts';

/** How the node is, whose traffic is lost, and what comes next where nothing is done. */
export function impactLines(diagnosis: Diagnosis, { words, titleOf, phrase }: Tongue): readonly string[] {
  const coming = diagnosis.ahead.map((each) => `- ${words.when(titleOf(each), words.follows[each.id] ?? phrase(each.when))}`);
  return [
    [words.verdict[diagnosis.verdict], lostTraffic(diagnosis, words)].join(''),
    ...(coming.length === 0 ? [] : ['', words.ahead, '', ...coming]),
  ];
}

function lostTraffic({ chain, findings }: Diagnosis, { affected, noneAffected, verdictGap }: Tongue['words']): string {
  const all = [...chain, ...findings];
  const dropped = all.find(({ id }) => id === 'pod-traffic-dropped');
  const sentence: Sentence = (read) => affected(read.figure('pods'), read.figure('ofPods'), read.figure('connections'));
  const said = dropped === undefined ? null : sentenceWith(sentence, dropped.figures ?? {}, (english) => english);
  if (said !== null) return `${verdictGap}${said}`;
  return all.length === 0 || dropped !== undefined || all.some(({ leadsTo }) => leadsTo.includes('pod-traffic-dropped'))
    ? ''
    : `${verdictGap}${noneAffected}`;
}
