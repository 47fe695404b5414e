import { closeSync } from 'node:fs';
import koffi from 'koffi';
import { control, dumpInterrupted } from '#formats/netlink/message.ts';
import type { ByteList } from './byte-list.ts';
import { receiveDatagrams, type VisitDatagram } from './datagrams.ts';
import { errnoName } from './errno.ts';
import { libc } from './libc.ts';
import { encodeRequest, type NetlinkRequest } from './netlink-request.ts';

const socket = libc.func('int socket(int domain, int type, int protocol)');
const send = libc.func('long send(int fd, const void *bytes, size_t length, int flags)');
const setOption = libc.func('int setsockopt(int fd, int level, int name, const int *value, uint32_t length)');

export const protocol = { route: 0, netfilter: 12 } as const;

const netlinkDomain = 16;
const rawCloseOnExec = 3 | 0o2000000;
const option = { socket: 1, receiveBuffer: 8, receiveBufferForce: 33, netlink: 270, strictCheck: 12 } as const;
const receiveBytes = [4 * 1024 * 1024];

/** Answers to a dump are appended to a list; anything but `ok` leaves part of them there. */
export type DumpOutcome = { readonly ok: true } | NoDump;

export interface NoDump {
  readonly ok: false;
  /** `interrupted`: what was read changed on the way, and may be read again. */
  readonly reason: 'interrupted' | 'refused';
  readonly errno: string | null;
  readonly because: string;
}

/** The dump that runs: a socket has one at a time (__netlink_dump_start). */
interface Running {
  readonly sequence: number;
  readonly into: ByteList;
  readonly keep: ((family: number) => boolean) | undefined;
  ended: boolean;
  outcome: DumpOutcome;
}

/**
 * A netlink socket of the calling thread's network namespace. The kernel makes its answers within send and recv, so that nothing ever waits:
 * no answer is an error, and no reason to block.
 */
export class NetlinkSocket {
  readonly #fd: number;
  #sequence = 0;

  /** The errno's name where there is no such socket. */
  static open(which: number): NetlinkSocket | string {
    const fd: number = socket(netlinkDomain, rawCloseOnExec, which);
    return fd < 0 ? errnoName(koffi.errno()) : new NetlinkSocket(fd);
  }

  private constructor(fd: number) {
    this.#fd = fd;
    // Without CAP_NET_ADMIN the bound of the machine holds.
    if (setOption(fd, option.socket, option.receiveBufferForce, receiveBytes, 4) < 0)
      setOption(fd, option.socket, option.receiveBuffer, receiveBytes, 4);
  }

  /** Only what was asked for: no cached exceptions among routes. Kernels before 4.20 do not know it. */
  checkStrictly(): void {
    setOption(this.#fd, option.netlink, option.strictCheck, [1], 4);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Appends whole messages, without those that only end the dump. `keep` leaves out answers by the first byte of their family's header. */
  dump(request: NetlinkRequest, into: ByteList, keep?: (family: number) => boolean): DumpOutcome {
    const running: Running = { sequence: ++this.#sequence, into, keep, ended: false, outcome: { ok: true } };
    const { bytes, length } = encodeRequest(request, running.sequence);
    if (Number(send(this.#fd, bytes, length, 0)) !== length) return refusal('send', koffi.errno());
    while (!running.ended) {
      const count = receiveDatagrams(this.#fd, (bytes, at) => take(running, bytes, at));
      if (count < 0) return refusal('recv', koffi.errno());
    }
    return running.outcome;
  }
}

/** Most datagrams hold only messages that are wanted, and the last one NLMSG_DONE: each run of wanted ones is one copy. */
function take(running: Running, bytes: Buffer, { start, end, length }: Parameters<VisitDatagram>[1]): void {
  if (length > end - start) return fail(running, `an answer of ${length} bytes was cut`);
  let wanted = start;
  for (let at = start; at + 16 <= end; ) {
    const size = bytes.readUInt32LE(at);
    if (size < 16 || at + size > end) return fail(running, 'an answer that is no netlink message');
    const next = at + ((size + 3) & ~3);
    if ((bytes.readUInt16LE(at + 6) & dumpInterrupted) !== 0 && running.outcome.ok) running.outcome = changedOnTheWay;
    if (!isWanted(running, bytes, at, size)) {
      if (at > wanted) running.into.append(bytes, wanted, at);
      wanted = next;
    }
    at = next;
  }
  if (end > wanted) running.into.append(bytes, wanted, end);
}

/** NLMSG_DONE and NLMSG_ERROR carry a negative errno, or zero (netlink_dump_done, struct nlmsgerr). */
function isWanted(running: Running, bytes: Buffer, at: number, size: number): boolean {
  if (bytes.readUInt32LE(at + 8) !== running.sequence) return false;
  const type = bytes.readUInt16LE(at + 4);
  if (type !== control.done && type !== control.error) return running.keep?.(bytes[at + 16] as number) ?? true;
  running.ended = true;
  const errno = size >= 20 ? -bytes.readInt32LE(at + 16) : 0;
  if (errno !== 0) running.outcome = refusal('the kernel answered', errno);
  return false;
}

const changedOnTheWay: NoDump = {
  ok: false,
  reason: 'interrupted',
  errno: null,
  because: 'it changed while it was read (NLM_F_DUMP_INTR)',
};

function fail(running: Running, because: string): void {
  running.ended = true;
  running.outcome = { ok: false, reason: 'refused', errno: null, because };
}

function refusal(what: string, number: number): NoDump {
  const errno = errnoName(number);
  return { ok: false, reason: 'refused', errno, because: `${errno} (${what})` };
}
