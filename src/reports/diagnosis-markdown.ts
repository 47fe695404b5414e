import type { Action, Diagnosis, Finding } from '#facts/diagnosis.ts';
import { printable } from '#facts/printable.ts';
import { code, prose } from './markdown.ts';
import { onceNamed } from './rule-text.ts';

/** A diagnosis for an issue or a chat. */
export function diagnosisMarkdown(diagnosis: Diagnosis): string {
  const { node, verdict, summary, capturedAt, chain, findings, ruledOut, undecided, actions } = diagnosis;
  const parts = [
    `# ${prose(node)}: ${verdict}\n\n${prose(summary)}\n\nCaptured ${capturedAt ?? 'at an unknown time'}.`,
    section('Cause, first cause first', chain.map(finding)),
    section('Other findings', findings.map(finding)),
    section(
      'What this leads to',
      diagnosis.ahead.map(({ title, when }) => `- **${title}**, when ${when}`),
    ),
    section('What to do', actions.map(action)),
    section(
      'Ruled out',
      ruledOut.map(({ id, because }) => `- **${id}**: ${prose(because)}`),
    ),
    section(
      'Not decided',
      undecided.map(({ question, missing }) => `- ${prose(question)} (${prose(onceNamed(missing))})`),
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function section(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `## ${title}\n\n${items.join('\n')}`;
}

function finding({ title, severity, confidence, at, detail, evidence }: Finding, index: number): string {
  const lines = evidence.map(({ source, line, text, says }) => `   - ${code(`${source}:${line}`)} ${code(text.trim())}: ${prose(says)}`);
  return [`${index + 1}. **${title}** (${severity}, ${confidence}${at === null ? '' : `, ${at}`}): ${prose(detail)}`, ...lines].join('\n');
}

function action({ title, urgency, commands, undo, risk }: Action): string {
  return [
    `### ${prose(title)} (${urgency})\n`,
    block(commands),
    ...(undo.length === 0 ? [] : ['Undo:\n', block(undo)]),
    `Risk: ${prose(risk)}\n`,
  ].join('\n');
}

function block(lines: readonly string[]): string {
  return `\`\`\`sh\n${lines.map(printable).join('\n')}\n\`\`\`\n`;
}
