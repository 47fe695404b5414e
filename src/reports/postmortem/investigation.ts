import type { Diagnosis, Finding } from '#facts/diagnosis.ts';
import type { Evidence } from '#facts/evidence.ts';
import { shown } from '#formats/shown.ts';
import { excerpt } from '../excerpt.ts';
import { code } from '../markdown.ts';
import type { Tongue } from './tongue.ts';

/** Lines of evidence under one step; the rest is counted. */
const citedLines = 5;
/** Characters of a cited line. */
const citedWidth = 160;

/** One numbered step for each finding, first cause first, with what shows it. */
export function investigationLines({ chain, findings }: Diagnosis, say: Tongue): readonly string[] {
  if (chain.length + findings.length === 0) return [say.words.nothingFound];
  return [...chain, ...findings].flatMap((finding, i) => stepLines(finding, i + 1, i >= chain.length && chain.length > 0, say));
}

function stepLines(finding: Finding, position: number, besides: boolean, say: Tongue): readonly string[] {
  const { words, titleOf, sentenceOf } = say;
  const remarks = [words.confidence[finding.confidence], ...(besides ? [words.notOnChain] : [])].join(words.comma);
  const indent = ' '.repeat(`${position}. `.length);
  return [
    `${position}. **${titleOf(finding)}**${words.inBrackets(remarks)}`,
    '',
    `${indent}${sentenceOf(finding)}`,
    ...evidenceLines(finding.evidence, say).map((line) => (line === '' ? '' : `${indent}${line}`)),
    '',
  ];
}

function evidenceLines(evidence: readonly Evidence[], { words, phrase }: Tongue): readonly string[] {
  if (evidence.length === 0) return [];
  const cited = mostTelling(evidence);
  const rest = evidence.length - cited.length;
  return [
    '',
    `${words.evidence}${words.colon}`.trimEnd(),
    '',
    ...cited.map(
      ({ source, line, text, says }) =>
        `- ${phrase(says)}${words.colon}${code(shown(excerpt(text), citedWidth))}${words.inBrackets(code(`${source}:${line}`))}`,
    ),
    ...(rest === 0 ? [] : [`- ${words.more(rest)}`]),
  ];
}

/** Lines that say different things come first; lines that differ in a figure only fill up. The order is kept. */
function mostTelling(evidence: readonly Evidence[]): readonly Evidence[] {
  const kinds = new Set<string>();
  const [different, alike]: [Evidence[], Evidence[]] = [[], []];
  for (const each of evidence) {
    const kind = each.says.replaceAll(/\d+/g, '0');
    (kinds.has(kind) ? alike : different).push(each);
    kinds.add(kind);
  }
  const chosen = new Set([...different, ...alike].slice(0, citedLines));
  return evidence.filter((each) => chosen.has(each));
}
