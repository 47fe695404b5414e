import type { NftRuleset, NftTable } from '#facts/nft.ts';
import { failed, ok, type Problem, type Result } from '#facts/result.ts';
import type { SetNames } from '../xtables/index.ts';
import { u16, u32 } from './nftables/bytes.ts';
import { MessageReader } from './nftables/message-reader.ts';

const header = 16;
/** NFNL_SUBSYS_NFTABLES. */
const subsystem = 10;
const control = { error: 2, done: 3 } as const;
/** NLM_F_DUMP_INTR. */
const interrupted = 0x10;

/**
 * nf_tables from its netlink messages (a snapshot's `netlink/nftables`): NEWGEN, NEWTABLE, NEWCHAIN, NEWRULE, NEWSET, NEWSETELEM, NEWFLOWTABLE as
 * received, one behind the other, what a message speaks of before it. One pass notes where rules and elements stand; they are decoded
 * when they are looked at. `bytes` is kept. `setNames`: ipsets by the index that xt
 * matches know them by; without it such matches are unmodelled.
 */
export function readNftables(bytes: Uint8Array, source: string, setNames: SetNames = new Map()): Result<NftRuleset> {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = new MessageReader(plain, setNames);
  const because = readAll(plain, reader);
  if (because !== null) return failed(problemOf(because, source));
  const tables: readonly NftTable[] = reader.tables;
  return ok({ source, origin: 'kernel', littleEndian: true, generation: reader.generation, tables, unreadable: reader.unreadable });
}

interface Because {
  readonly code: string;
  readonly found: string;
  readonly expected: string;
}

function problemOf(because: Because, source: string): Problem {
  return { ...because, source };
}

/** Null when all is read. */
function readAll(bytes: Uint8Array, reader: MessageReader): Because | null {
  for (let offset = 0; offset < bytes.length; ) {
    const length = offset + header <= bytes.length ? u32(bytes, offset) : 0;
    if (length < header || offset + length > bytes.length) {
      const found = `a message of ${length} bytes at byte ${offset} of ${bytes.length}`;
      return { code: 'netlink-truncated', found, expected: 'whole netlink messages' };
    }
    const because = readOne(bytes, { offset, length }, reader);
    if (because !== null) return because;
    offset += (length + 3) & ~3;
  }
  return null;
}

function readOne(bytes: Uint8Array, message: { readonly offset: number; readonly length: number }, reader: MessageReader): Because | null {
  const { offset, length } = message;
  const type = u16(bytes, offset + 4);
  if ((u16(bytes, offset + 6) & interrupted) !== 0)
    return {
      code: 'netlink-dump-interrupted',
      found: `an interrupted dump at byte ${offset}`,
      expected: 'rules that did not change while read',
    };
  if (type === control.done) return null;
  if (type === control.error) return errorOf(bytes, message);
  if (type >> 8 !== subsystem || length < header + 4)
    return { code: 'netlink-message-unknown', found: `message type ${type} at byte ${offset}`, expected: 'messages of nf_tables' };
  const problem = reader.read(type & 0xff, offset);
  return problem === null
    ? null
    : {
        code: 'netlink-message-unreadable',
        found: `${problem} at byte ${offset}`,
        expected: 'messages of nf_tables in the order of a dump',
      };
}

/** struct nlmsgerr; 0 acknowledges. */
function errorOf(bytes: Uint8Array, { offset, length }: { readonly offset: number; readonly length: number }): Because | null {
  const error = length >= header + 4 ? u32(bytes, offset + header) | 0 : -1;
  if (error === 0) return null;
  return { code: 'netlink-error', found: `error ${-error} at byte ${offset}`, expected: 'a whole dump' };
}
