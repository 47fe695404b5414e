import type { Diagnosis, RuledOut } from '#facts/diagnosis.ts';
import { code, prose } from './markdown.ts';
import { adviceLines, measureLines } from './postmortem/action-lines.ts';
import { impactLines } from './postmortem/impact.ts';
import { investigationLines } from './postmortem/investigation.ts';
import { type Tongue, tongue } from './postmortem/tongue.ts';
import type { Language } from './postmortem/words.ts';

/** The write-up of an incident as Markdown, in the sections of the founding report. Every figure is the diagnosis's own. */
export function postmortem(diagnosis: Diagnosis, language: Language): string {
  const say = tongue(language);
  const { sections, title, written, nothing } = say.words;
  const section = (name: string, lines: readonly string[]): string =>
    `## ${name}\n\n${lines.length === 0 ? nothing : lines.join('\n').trimEnd()}`;
  const parts = [
    `# ${title(prose(diagnosis.node))}`,
    section(sections.symptom, symptoms(diagnosis, say)),
    section(sections.impact, impactLines(diagnosis, say)),
    section(sections.environment, environment(diagnosis, say)),
    section(sections.investigation, investigationLines(diagnosis, say)),
    section(sections.timeline, timeline(diagnosis, say)),
    section(sections.ruledOut, ruledOut(diagnosis.ruledOut, say)),
    section(sections.undecided, undecided(diagnosis, say)),
    section(sections.cause, causes(diagnosis, say)),
    section(sections.measures, measureLines(diagnosis, say)),
    section(sections.advice, adviceLines(diagnosis, say)),
    `---\n\n${written}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function symptoms({ chain, findings }: Diagnosis, { titleOf, sentenceOf, words }: Tongue): readonly string[] {
  const seen = [...chain, ...findings].filter(({ role, id }) => role === 'symptom' || id === 'component-restarts');
  return seen.map((finding) => `- **${titleOf(finding)}**${words.colon}${sentenceOf(finding)}`);
}

function environment({ node, capturedAt, versions, notes }: Diagnosis, { words, phrase }: Tongue): readonly string[] {
  const { labels, component, version, captured, unknown } = words;
  const rows = Object.entries({ node, ...versions }).map(([name, value]) => `| ${prose(labels[name] ?? name)} | ${prose(value)} |`);
  return [
    `| ${component} | ${version} |`,
    '|---|---|',
    ...rows,
    `| ${captured} | ${capturedAt ?? unknown} |`,
    ...notes.map((note) => `\n> ${phrase(note)}`),
  ];
}

function timeline(diagnosis: Diagnosis, { titleOf, words }: Tongue): readonly string[] {
  const { step, capturing, time, event, undated } = words;
  const steps = [...diagnosis.chain, ...diagnosis.findings].map((finding, i) => ({ ...finding, where: step(i + 1) }));
  const dated = steps.filter((each) => each.at !== null).toSorted((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
  const rest = steps.filter(({ at }) => at === null);
  return [
    `| ${time} | ${event} |`,
    '|---|---|',
    ...dated.map((each) => `| ${each.at} | ${titleOf(each)}${words.inBrackets(each.where)} |`),
    ...(diagnosis.capturedAt === null ? [] : [`| ${diagnosis.capturedAt} | ${capturing} |`]),
    ...(rest.length === 0 ? [] : ['', undated(rest.map(titleOf).join(words.comma))]),
  ];
}

function ruledOut(all: readonly RuledOut[], { words, phrase }: Tongue): readonly string[] {
  if (all.length === 0) return [];
  const line = ({ id, because, evidence: [first] }: RuledOut): string =>
    `- **${words.suspects[id] ?? prose(id)}**${words.colon}${phrase(because)}${first === undefined ? '' : words.inBrackets(code(`${first.source}:${first.line}`))}`;
  return [words.ruledOutIntro(all.length), '', ...all.map(line)];
}

function undecided(diagnosis: Diagnosis, { words, phrase }: Tongue): readonly string[] {
  return diagnosis.undecided.map(({ question, missing }) => `- ${phrase(question)} ${words.missing}${words.colon}${phrase(missing)}`);
}

function causes({ chain, findings }: Diagnosis, { words, titleOf, sentenceOf }: Tongue): readonly string[] {
  const [root] = chain;
  const direct = chain.at(-2);
  if (root === undefined || direct === undefined) return [findings.length === 0 ? words.nothingFound : words.noChain];
  const doubts = chain.filter(({ confidence }) => confidence !== 'proven');
  return [
    `- **${words.direct}**${words.colon}${titleOf(direct)}${words.stop}${sentenceOf(direct)}`,
    `- **${words.root}**${words.colon}${titleOf(root)}${words.stop}${sentenceOf(root)}`,
    `- **${words.chain}**${words.colon}${chain.map(titleOf).join(' → ')}`,
    ...(doubts.length === 0 ? [] : [`- ${words.doubts}${words.colon}${doubts.map(titleOf).join(words.comma)}`]),
  ];
}
