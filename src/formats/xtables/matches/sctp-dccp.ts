import { UnreadableValue } from '../../iptables-save/values.ts';
import type { Blob } from '../blob.ts';
import type { MatchModule, Modules } from '../module.ts';
import { nameOf, namesOfBits, option } from '../words.ts';
import { type Ports, portMatch, portsAt, portWords } from './port-pairs.ts';

/** struct xt_sctp_info and struct xt_dccp_info: destination first; what is compared says a mask of flags. */
const flaggedPorts = (blob: Blob, flags: number, inversions: number): readonly Ports[] =>
  [portsAt(blob, 4, 'source', (inversions & 1) !== 0), portsAt(blob, 0, 'destination', (inversions & 2) !== 0)].filter(
    (_, index) => (flags & (1 << index)) !== 0,
  );

const chunkNames: Readonly<Record<number, string>> = {
  0: 'DATA',
  1: 'INIT',
  2: 'INIT_ACK',
  3: 'SACK',
  4: 'HEARTBEAT',
  5: 'HEARTBEAT_ACK',
  6: 'ABORT',
  7: 'SHUTDOWN',
  8: 'SHUTDOWN_ACK',
  9: 'ERROR',
  10: 'COOKIE_ECHO',
  11: 'COOKIE_ACK',
  12: 'ECN_ECNE',
  13: 'ECN_CWR',
  14: 'SHUTDOWN_COMPLETE',
  64: 'I_DATA',
  128: 'ASCONF_ACK',
  130: 'RE_CONFIG',
  132: 'PAD',
  192: 'FORWARD_TSN',
  193: 'ASCONF',
  194: 'I_FORWARD_TSN',
};
const chunkFlags: Readonly<Record<number, string>> = { 0: '----IUBE', 6: '-------T', 14: '-------T' };

function chunkFlagText(blob: Blob, chunk: number): string {
  for (let i = 0, at = 268; i < Math.min(blob.i32(280), 4); i++, at += 3) {
    const mask = blob.u8(at + 2);
    if (blob.u8(at) !== chunk || mask === 0) continue;
    const letters = (chunkFlags[chunk] ?? '--------').split('').map((letter, index) => {
      const bit = 0x80 >> index;
      if ((mask & bit) === 0) return '';
      return (blob.u8(at + 1) & bit) !== 0 ? letter.toUpperCase() : letter.toLowerCase();
    });
    return `:${letters.join('')}`;
  }
  return '';
}

function chunkText(blob: Blob): string {
  const words = Array.from({ length: 8 }, (_, index) => blob.u32(8 + index * 4));
  if (words.every((word) => word === 0)) return 'NONE';
  if (words.every((word) => word === 0xffffffff)) return 'ALL';
  const chunks = Array.from({ length: 256 }, (_, chunk) => chunk).filter((chunk) => ((words[chunk >> 5] as number) >>> (chunk & 31)) & 1);
  return chunks.map((chunk) => `${chunkNames[chunk] ?? `0x${chunk.toString(16).padStart(4, '0')}`}${chunkFlagText(blob, chunk)}`).join(',');
}

const chunkMatchTypes = [null, 'any', 'all', null, 'only'];

const sctp: MatchModule = {
  // The map of chunks has 64 words, of which eight are used.
  size: 292,
  matches(blob) {
    const flags = blob.bits32(284, 7);
    if ((flags & 4) !== 0) throw new UnreadableValue("option '--chunk-types'");
    const matches = flaggedPorts(blob, flags, blob.bits32(288, 7)).map((ports) => portMatch('sctp', ports));
    return matches.length > 0 ? matches : [{ kind: 'transport-header', module: 'sctp' }];
  },
  words(blob) {
    const [flags, inversions] = [blob.u32(284), blob.u32(288)];
    const chunks = (flags & 4) === 0 ? '' : `${nameOf(blob.u32(264), chunkMatchTypes)} ${chunkText(blob)}`;
    return portWords(flaggedPorts(blob, flags, inversions)) + (chunks && option('--chunk-types', chunks, (inversions & 4) !== 0));
  },
};

const dccpTypes = 'REQUEST RESPONSE DATA ACK DATAACK CLOSEREQ CLOSE RESET SYNC SYNCACK INVALID'.split(' ');
/** The types that DCCP reserves are one word of iptables. */
const dccpInvalid = 0xfc00;

const dccp: MatchModule = {
  size: 16,
  matches(blob) {
    const flags = blob.bits16(8, 15);
    if ((flags & 12) !== 0) throw new UnreadableValue(`option '${(flags & 4) !== 0 ? '--dccp-types' : '--dccp-option'}'`);
    if (flags === 0) throw new UnreadableValue('no option');
    return flaggedPorts(blob, flags, blob.bits16(10, 15)).map((ports) => portMatch('dccp', ports));
  },
  words(blob) {
    const [flags, inversions] = [blob.u16(8), blob.u16(10)];
    const types =
      (flags & 4) === 0 ? '' : namesOfBits((blob.u16(12) & 0x3ff) | ((blob.u16(12) & dccpInvalid) === 0 ? 0 : 0x400), dccpTypes).join(',');
    return (
      portWords(flaggedPorts(blob, flags, inversions)) +
      (types && option('--dccp-types', types, (inversions & 4) !== 0)) +
      ((flags & 8) === 0 ? '' : option('--dccp-option', blob.u8(14), (inversions & 8) !== 0))
    );
  },
};

export const sctpDccpModules: Modules<MatchModule> = { 'sctp/0': sctp, 'dccp/0': dccp };
