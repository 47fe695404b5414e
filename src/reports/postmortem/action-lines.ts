import type { Action, Diagnosis } from '#facts/diagnosis.ts';
import { printable } from '#facts/printable.ts';
import type { Tongue } from './tongue.ts';

/** What to do at once, in this order. */
export function measureLines({ actions }: Diagnosis, say: Tongue): readonly string[] {
  return actions.filter(({ urgency }) => urgency === 'now').flatMap((action, i) => actionLines(action, i + 1, say));
}

/** What to do later, and what keeps the failure from coming back. */
export function adviceLines({ actions, chain, findings }: Diagnosis, say: Tongue): readonly string[] {
  const later = actions.filter(({ urgency }) => urgency !== 'now').flatMap((action, i) => actionLines(action, i + 1, say));
  const prevention = [...chain, ...findings].flatMap(({ id }) => {
    const advice = say.words.prevention[id];
    return advice === undefined ? [] : [`- ${advice}`];
  });
  return [...later, ...prevention];
}

function actionLines(action: Action, position: number, { words, action: said }: Tongue): readonly string[] {
  const { title, risk } = said(action);
  const indent = ' '.repeat(`${position}. `.length);
  const block = (label: string, commands: readonly string[]): readonly string[] =>
    commands.length === 0 ? [] : ['', `${label}${words.colon}`.trimEnd(), '', '```sh', ...commands.map(printable), '```'];
  const below = [...block(words.commands, action.commands), ...block(words.undo, action.undo), '', `${words.risk}${words.colon}${risk}`];
  return [
    `${position}. **${title}**${words.inBrackets(words.urgency[action.urgency])}`,
    ...below.map((line) => (line === '' ? '' : `${indent}${line}`)),
    '',
  ];
}
