/**
 * An archive that the kernel unpacks as its first root: cpio in the "newc" form (Documentation/driver-api/early-userspace/buffer-format.rst).
 * A header is 110 characters of hexadecimal fields; header with name, and content, are each padded to four bytes.
 */
export type ArchiveEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly content: Uint8Array; readonly executable?: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** Unix file types and modes, as in stat's st_mode. */
const modes = { folder: 0o040755, file: 0o100644, program: 0o100755, link: 0o120777 } as const;

/** Folders that the entries need are added; an entry's path has no leading slash. */
export function cpioArchive(entries: readonly ArchiveEntry[]): Uint8Array {
  const all = [...foldersOf(entries), ...entries.filter(({ kind }) => kind !== 'folder')];
  const parts = all.flatMap((entry, i) => member(entry.path, i + 1, modeOf(entry), contentOf(entry)));
  return concatenate([...parts, ...member('TRAILER!!!', 0, 0, new Uint8Array())]);
}

/** Every folder that is an entry or holds one, the outer before the inner. */
function foldersOf(entries: readonly ArchiveEntry[]): readonly ArchiveEntry[] {
  const paths = new Set<string>();
  for (const { kind, path } of entries) {
    const names = path.split('/');
    const depth = kind === 'folder' ? names.length : names.length - 1;
    for (let i = 1; i <= depth; i++) paths.add(names.slice(0, i).join('/'));
  }
  return [...paths].map((path) => ({ kind: 'folder', path }));
}

function modeOf(entry: ArchiveEntry): number {
  return entry.kind === 'file' && entry.executable ? modes.program : modes[entry.kind];
}

function contentOf(entry: ArchiveEntry): Uint8Array {
  if (entry.kind === 'link') return new TextEncoder().encode(entry.target);
  return entry.kind === 'file' ? entry.content : new Uint8Array();
}

function member(path: string, inode: number, mode: number, content: Uint8Array): readonly Uint8Array[] {
  const name = new TextEncoder().encode(`${path}\0`);
  const owner = [0, 0];
  const links = 1;
  const time = 0;
  const devices = [0, 0, 0, 0];
  const check = 0;
  const fields = [inode, mode, ...owner, links, time, content.length, ...devices, name.length, check];
  const header = new TextEncoder().encode(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [padded(concatenate([header, name])), padded(content)];
}

function padded(bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  all.set(bytes);
  return all;
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
