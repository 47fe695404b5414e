import { expect, test } from 'vitest';
import { memoryFiles, snapshotOf } from './index.ts';
import { sourcesDocument } from './sources-document.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const opens = (name: string): boolean => snapshotOf(memoryFiles('folder', new Map([[name, bytes('')]]))).ok;

const [dumps = [], others = []] = sourcesDocument()
  .split('## Bundles of other tools')
  .map((part) =>
    part
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) =>
        [
          ...line
            .split('|')
            .slice(2)
            .join('')
            .matchAll(/`([^`]+)`/g),
        ].map((match) => match[1] as string),
      ),
  );

test('each name that the document lists makes a folder a source, but for those that only help', () => {
  expect(dumps.length + others.length).toBeGreaterThan(80);
  const refused = [...dumps, ...others].filter((name) => !opens(name));
  expect(refused.filter((name) => !/iptables-version$|^(kubernetes\/)?[a-z]+s\.json$/.test(name))).toEqual([]);
  expect(opens('readme')).toBe(false);
});

test('the script of the document writes only names that are read', () => {
  const script = /```sh\n(.*?)```/s.exec(sourcesDocument())?.[1] ?? '';
  const written = [...script.matchAll(/> ([\w.-]+)/g)].map((match) => match[1] as string);
  expect(written).toContain('route6.json');
  expect(written.filter((name) => !opens(name))).toEqual([]);
});
