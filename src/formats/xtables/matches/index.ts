import type { MatchModule, Modules } from '../module.ts';
import { addressTypeModules } from './address-type.ts';
import { conntrackModules } from './conntrack.ts';
import { countModules } from './counts.ts';
import { headerModules } from './extension-headers.ts';
import { icmpModules } from './icmp.ts';
import { ipv6HeaderModules } from './ipv6-headers.ts';
import { packetFieldModules } from './packet-fields.ts';
import { pathModules } from './path.ts';
import { payloadModules } from './payload.ts';
import { policyModules } from './policy.ts';
import { portModules } from './ports.ts';
import { rateModules } from './rates.ts';
import { sctpDccpModules } from './sctp-dccp.ts';
import { setModules } from './set.ts';
import { socketModules } from './sockets.ts';

/** Every xt match that we know, by name and revision. */
export const matchModules: Modules<MatchModule> = {
  ...portModules,
  ...sctpDccpModules,
  ...icmpModules,
  ...conntrackModules,
  ...packetFieldModules,
  ...addressTypeModules,
  ...setModules,
  ...pathModules,
  ...rateModules,
  ...countModules,
  ...socketModules,
  ...policyModules,
  ...payloadModules,
  ...headerModules,
  ...ipv6HeaderModules,
};
