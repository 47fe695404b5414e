import type { Action, Diagnosis, Finding } from '#facts/diagnosis.ts';
import type { Evidence } from '#facts/evidence.ts';
import { shown } from '#formats/shown.ts';
import { type Language, type PostmortemWords, words } from './postmortem-words.ts';

/** The write-up of an incident as Markdown, in the sections of the founding report. Every figure is the diagnosis's own. */
export function postmortem(diagnosis: Diagnosis, language: Language): string {
  const say = words[language];
  const { sections } = say;
  const parts = [
    `# ${say.title(text(diagnosis.node))}`,
    section(sections.symptom, symptoms(diagnosis, say)),
    section(sections.impact, [`${say.verdict[diagnosis.verdict]}: ${text(diagnosis.summary)}`]),
    section(sections.environment, environment(diagnosis, say)),
    section(sections.investigation, investigation(diagnosis, say)),
    section(sections.timeline, timeline(diagnosis, say)),
    section(
      sections.ruledOut,
      orNothing(
        diagnosis.ruledOut.map(({ id, because }) => `- **${id}**: ${text(because)}`),
        say,
      ),
    ),
    section(
      sections.undecided,
      orNothing(
        diagnosis.undecided.map(({ question, missing }) => `- ${text(question)}: ${text(missing)}`),
        say,
      ),
    ),
    section(sections.cause, causes(diagnosis, say)),
    section(
      sections.measures,
      actions(
        diagnosis.actions.filter(({ urgency }) => urgency === 'now'),
        say,
      ),
    ),
    section(
      sections.advice,
      actions(
        diagnosis.actions.filter(({ urgency }) => urgency !== 'now'),
        say,
      ),
    ),
    `---\n${say.written}`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** Text from logs and bundles: control characters escaped, and nothing that Markdown would read as a tag. */
const text = (raw: string): string => shown(raw, 600).replaceAll('<', '&lt;');

const section = (title: string, lines: readonly string[]): string => `## ${title}\n\n${lines.join('\n')}`;

const orNothing = (lines: readonly string[], say: PostmortemWords): readonly string[] => (lines.length === 0 ? [say.nothing] : lines);

const titleOf = (finding: Finding, say: PostmortemWords): string => say.modes[finding.id] ?? finding.title;

function symptoms({ chain, findings }: Diagnosis, say: PostmortemWords): readonly string[] {
  const seen = [...chain, ...findings].filter(({ role, id }) => role === 'symptom' || id === 'component-restarts');
  return orNothing(
    seen.map((finding) => `- **${titleOf(finding, say)}**: ${text(finding.detail)}`),
    say,
  );
}

function environment({ node, capturedAt, versions, notes }: Diagnosis, say: PostmortemWords): readonly string[] {
  const rows = Object.entries(versions).map(([component, version]) => `| ${text(component)} | ${text(version)} |`);
  const table = [`| ${say.component} | ${say.version} |`, '|---|---|', `| node | ${text(node)} |`, ...rows];
  return [...table, '', `${say.capturedAt}: ${capturedAt}`, ...notes.map((note) => `\n> ${text(note)}`)];
}

function investigation({ chain, findings }: Diagnosis, say: PostmortemWords): readonly string[] {
  if (chain.length + findings.length === 0) return [say.noChain];
  return [...chain, ...findings].flatMap((finding, index) => [
    `${index + 1}. **${titleOf(finding, say)}** (${text(finding.subject)}; ${say.confidence[finding.confidence]}). ${text(finding.detail)}`,
    ...evidence(finding.evidence, say),
  ]);
}

function evidence(lines: readonly Evidence[], say: PostmortemWords): readonly string[] {
  if (lines.length === 0) return [];
  return [
    `   - ${say.evidence}:`,
    ...lines.map((each) => `     - \`${each.source}:${each.line}\` ${text(each.says)}: \`${text(each.text).replaceAll('`', "'")}\``),
  ];
}

function timeline({ chain, findings }: Diagnosis, say: PostmortemWords): readonly string[] {
  const dated = [...chain, ...findings].filter(({ at }) => at !== null).toSorted((a, b) => (a.at ?? '').localeCompare(b.at ?? ''));
  return orNothing(
    dated.map((finding) => `- ${finding.at}  ${titleOf(finding, say)}: ${text(finding.detail)}`),
    say,
  );
}

function causes({ chain }: Diagnosis, say: PostmortemWords): readonly string[] {
  const [root] = chain;
  const last = chain.at(-1);
  if (root === undefined || last === undefined) return [say.noChain];
  const direct = chain.at(-2) ?? last;
  return [
    `- **${say.sections.direct}**: ${titleOf(direct, say)}. ${text(direct.detail)}`,
    `- **${say.sections.root}**: ${titleOf(root, say)}. ${text(root.detail)}`,
    '',
    chain.map((finding) => titleOf(finding, say)).join(` -> `),
  ];
}

function actions(list: readonly Action[], say: PostmortemWords): readonly string[] {
  const block = (title: string, commands: readonly string[]): readonly string[] =>
    commands.length === 0 ? [] : [`   ${title}:`, '   ```sh', ...commands.map((command) => `   ${shown(command, 2000)}`), '   ```'];
  return orNothing(
    list.flatMap((action, index) => [
      `${index + 1}. **${text(action.title)}** (${say.urgency[action.urgency]})`,
      ...block(say.commands, action.commands),
      ...block(say.undo, action.undo),
      `   ${say.risk}: ${text(action.risk)}`,
    ]),
    say,
  );
}
