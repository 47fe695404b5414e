import type { Action, Finding } from '#facts/diagnosis.ts';
import { prose } from '../markdown.ts';
import { actionSentences } from './actions.ts';
import { findingsEn } from './findings-en.ts';
import { findingsZh } from './findings-zh.ts';
import { type Sentence, sentenceWith } from './sentence.ts';
import { inChinese } from './translate.ts';
import type { Language, Words } from './words.ts';
import { wordsEn } from './words-en.ts';
import { wordsZh } from './words-zh.ts';

/** How a diagnosis is said in one language, as Markdown. What has no sentence in that language is shown in English, and marked. */
export interface Tongue {
  readonly words: Words;
  readonly titleOf: (of: { readonly id: string; readonly title: string }) => string;
  readonly sentenceOf: (finding: Finding) => string;
  readonly action: (action: Action) => { readonly title: string; readonly risk: string };
  /** A sentence that an engine made. */
  readonly phrase: (english: string) => string;
}

const findings: Readonly<Record<Language, Readonly<Record<string, Sentence>>>> = { en: findingsEn, zh: findingsZh };

const words: Readonly<Record<Language, Words>> = { en: wordsEn, zh: wordsZh };

export function tongue(language: Language): Tongue {
  const say = words[language];
  const phrase = (english: string): string => phraseIn(language, english, say);
  const said = (sentence: Sentence | undefined, { figures = {} }: Pick<Finding, 'figures'>, english: string): string =>
    (sentence === undefined ? null : sentenceWith(sentence, figures, phrase)) ?? phrase(english);
  return {
    words: say,
    titleOf: ({ id, title }) => prose(say.titles[id] ?? capital(title)),
    sentenceOf: (finding) => said(findings[language][finding.id], finding, finding.detail),
    action: (action) => ({
      title: said(actionSentences[language][action.id]?.title, action, action.title),
      risk: said(actionSentences[language][action.id]?.risk, action, action.risk),
    }),
    phrase,
  };
}

function phraseIn(language: Language, english: string, say: Words): string {
  if (language === 'en') return prose(english);
  const chinese = inChinese(english);
  return chinese === null ? say.untranslated(prose(english)) : prose(chinese);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
