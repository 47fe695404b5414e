import { z } from 'zod';
import { failed, ok, type Result } from '#facts/result.ts';
import { parseJson } from '#formats/json-text.ts';
import { isBundle } from './bundle-names.ts';
import { sourceNames } from './dump-names.ts';
import type { SnapshotFiles } from './files.ts';
import { textOf } from './text.ts';

const entry = z.object({ path: z.string(), because: z.string() });
const manifestShape = z.object({
  formatVersion: z.literal(1),
  node: z.string(),
  capturedAt: z.iso.datetime({ offset: true }),
  collector: z.string(),
  kernel: z.string().nullable(),
  notes: z.array(z.string()),
  files: z.record(
    z.string(),
    z.object({ origin: z.string(), sha256: z.string(), bytes: z.number(), standIn: z.string().optional(), cut: z.string().optional() }),
  ),
  missing: z.array(entry),
  proven: z.array(entry),
});

/** What snapshot.json says: see docs/architecture.md. */
export type Manifest = Omit<z.infer<typeof manifestShape>, 'capturedAt'> & { readonly capturedAt: string | null };

/** The kernel's own messages, as a capture keeps them. */
const messages = /^netlink\/(nftables|legacy-ip6?|ipset|route)$/;

const plainCollector = 'plain folder';

/** No capture made it: what the commands were asked for is not known. */
export function isPlainFolder({ collector }: Manifest): boolean {
  return collector === plainCollector;
}

/** Reads snapshot.json, or makes up for it where a plain folder holds only dumps. */
export function readManifest(files: SnapshotFiles): Result<Manifest> {
  const source = 'snapshot.json';
  const refused = files.unreadable.get(source);
  if (refused !== undefined)
    return failed({ code: 'manifest-unreadable', source: `${files.name}/${source}`, found: refused, expected: 'a readable file' });
  if (!files.has(source)) {
    if (isBundle(files) || [...files.list(), ...files.unreadable.keys()].some(isDump)) return ok(plainFolder(files));
    return failed({
      code: 'no-snapshot',
      source: files.name,
      found: `${files.list().length} file${files.list().length === 1 ? '' : 's'}, none of a snapshot`,
      expected: 'snapshot.json, or dumps such as iptables-nft-save, nft-ruleset.json or route.json (all names: docs/sources.md)',
    });
  }
  const json = parseJson(textOf(files, source), `${files.name}/${source}`);
  if (!json.ok) return json;
  const parsed = manifestShape.safeParse(json.value);
  if (parsed.success) return ok(parsed.data);
  const issue = parsed.error.issues[0];
  return failed({
    code: 'manifest-unreadable',
    source: `${files.name}/${source}`,
    found: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`,
    expected: 'what faultline capture writes',
  });
}

const isDump = (path: string): boolean => sourceNames.has(path) || messages.test(path);

function plainFolder(files: SnapshotFiles): Manifest {
  return {
    formatVersion: 1,
    node: files.name.split('/').findLast((part) => part !== '') ?? files.name,
    capturedAt: null,
    collector: plainCollector,
    kernel: null,
    notes: [],
    files: {},
    missing: [],
    proven: [],
  };
}
