import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { failedProbe, type ProbeOutcome, type ProbeOutcomes } from '#engines/backends/index.ts';
import { shown } from '#formats/shown.ts';
import { UserError } from './command.ts';

const worked = z.strictObject({
  ok: z.literal(true),
  rules: z.int().min(0),
  kubeHint: z.boolean(),
  hintOk: z.boolean().optional(),
});
const failed = z.strictObject({
  ok: z.literal(false),
  rules: z.int().min(0).optional(),
  kubeHint: z.boolean().optional(),
  hintOk: z.boolean().optional(),
});
const probe = z.discriminatedUnion('ok', [worked, failed]).optional();
const schema = z.strictObject({
  'iptables-legacy-save': probe,
  'ip6tables-legacy-save': probe,
  'iptables-nft-save': probe,
  'ip6tables-nft-save': probe,
  legacyTables: z.strictObject({ ip: z.boolean().optional(), ip6: z.boolean().optional() }).optional(),
});

/** Reads a file of probe outcomes (BackendReport in docs/cli.md). A command that it leaves out is unknown, not failed. */
export function readProbesFile(path: string): ProbeOutcomes {
  const parsed = schema.safeParse(readJson(path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue === undefined || issue.path.length === 0 ? 'the document' : `'${issue.path.map(String).join("' > '")}'`;
    throw new UserError(`${shown(path, 300)}: ${shown(place, 200)}: ${shown(issue?.message ?? 'not as expected', 300)}`);
  }
  const { legacyTables, ...commands } = parsed.data;
  return {
    commands: {
      'iptables-legacy-save': outcome(commands['iptables-legacy-save']),
      'ip6tables-legacy-save': outcome(commands['ip6tables-legacy-save']),
      'iptables-nft-save': outcome(commands['iptables-nft-save']),
      'ip6tables-nft-save': outcome(commands['ip6tables-nft-save']),
    },
    legacyTables: { ip: legacyTables?.ip ?? null, ip6: legacyTables?.ip6 ?? null },
  };
}

function outcome(given: z.infer<typeof probe>): ProbeOutcome | null {
  if (given === undefined) return null;
  if (!given.ok) return failedProbe;
  return { ok: true, rules: given.rules, kubeHint: given.kubeHint, hintOk: given.hintOk ?? true };
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError(`${shown(path, 300)}: cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${shown(path, 300)}: not JSON: ${shown((error as Error).message, 200)}`);
  }
}
