import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { Modules, TargetModule } from '../module.ts';
import { hex2, nameOf, option, when } from '../words.ts';

/** Targets that change or note something and let the packet go on, with their text. */
export const withoutEffect = (name: string, size: number, words: (blob: Blob) => string): TargetModule => ({
  size,
  target: () => ({ kind: 'continue', name }),
  words,
});

const dscp: TargetModule = {
  size: 1,
  target: (blob) => ({ kind: 'set-tos', value: (blob.u8(0) << 2) & 0xff, mask: 0xfc }),
  words: (blob) => option('--set-dscp', hex2(blob.u8(0))),
};

/** new = (old & ~mask) ^ value (xt_DSCP.c, tos_tg). */
const tos: TargetModule = {
  size: 2,
  target: (blob) => ({ kind: 'set-tos', value: blob.u8(0), mask: blob.u8(1) }),
  words: (blob) => option('--set-tos', `${hex2(blob.u8(0))}/${hex2(blob.u8(1))}`),
};

const operations = ['set', 'increment', 'decrement'] as const;
const operationWords = ['set', 'inc', 'dec'];

const ttl = (name: 'ttl' | 'hl'): TargetModule => ({
  size: 2,
  target(blob) {
    const operation = operations[blob.u8(0)];
    if (operation === undefined) throw new UnreadableValue(`mode '${blob.u8(0)}'`);
    return { kind: 'set-ttl', operation, value: blob.u8(1) };
  },
  words: (blob) => option(`--${name}-${nameOf(blob.u8(0), operationWords)}`, blob.u8(1)),
});

/** Rewrites bits that the type of service holds too, or of the TCP header; hardly ever used: printed, not modelled. */
const ecn: TargetModule = {
  size: 3,
  words(blob) {
    const operation = blob.u8(0);
    if ((operation & 0x30) === 0x30 && !blob.bitField(2, 0) && !blob.bitField(2, 1)) return ' --ecn-tcp-remove';
    return (
      ((operation & 0x10) !== 0 ? option('--ecn-tcp-ece', blob.bitField(2, 0) ? 1 : 0) : '') +
      ((operation & 0x20) !== 0 ? option('--ecn-tcp-cwr', blob.bitField(2, 1) ? 1 : 0) : '') +
      ((operation & 1) !== 0 ? option('--ecn-ip-ect', blob.u8(1)) : '')
    );
  },
};

const clampToPath = 0xffff;

function strippedOptions(blob: Blob): string {
  const numbers = Array.from({ length: 256 }, (_, number) => number).filter((n) => (blob.u32((n >> 5) * 4) >>> (n & 31)) & 1);
  return numbers.join(',');
}

export const packetFieldTargets: Modules<TargetModule> = {
  'DSCP/0': dscp,
  'TOS/1': tos,
  'TTL/0': ttl('ttl'),
  'HL/0': ttl('hl'),
  'ECN/0': ecn,
  'TCPMSS/0': withoutEffect('TCPMSS', 2, (blob) =>
    blob.u16(0) === clampToPath ? ' --clamp-mss-to-pmtu' : option('--set-mss', blob.u16(0)),
  ),
  'TCPOPTSTRIP/0': withoutEffect('TCPOPTSTRIP', 32, (blob) => option('--strip-options', strippedOptions(blob))),
  'CHECKSUM/0': withoutEffect('CHECKSUM', 1, (blob) => when((blob.u8(0) & 1) !== 0, '--checksum-fill')),
  'CLASSIFY/0': withoutEffect('CLASSIFY', 4, (blob) =>
    option('--set-class', `${(blob.u32(0) >>> 16).toString(16).padStart(4, '0')}:${(blob.u32(0) & 0xffff).toString(16).padStart(4, '0')}`),
  ),
  'SECMARK/0': withoutEffect('SECMARK', 264, (blob) => option('--selctx', blob.text(8, 256))),
  'SECMARK/1': withoutEffect('SECMARK', 264, (blob) => option('--selctx', blob.text(1, 256))),
  'CONNSECMARK/0': withoutEffect('CONNSECMARK', 1, (blob) => nameOf(blob.u8(0), [null, ' --save', ' --restore'])),
  'LED/0': withoutEffect('LED', 40, (blob) => option('--led-trigger-id', blob.text(0, 27)) + when(blob.u8(27) !== 0, '--led-always-blink')),
};
