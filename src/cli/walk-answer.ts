import type { PacketWalk, WalkLeg } from '#facts/packet-walk.ts';
import { type ExitStatus, exitStatus } from './command.ts';

export function document(walk: PacketWalk): object {
  return { apiVersion: 'faultline.dev/v1', kind: 'PacketWalk', ...walk };
}

/** Lost, whichever of several outcomes comes about, is a finding, too. */
export function statusOf({ request, reply }: PacketWalk): ExitStatus {
  if (isLost(request) || (reply !== null && isLost(reply))) return exitStatus.findings;
  return request.verdict === 'undecided' || (reply?.verdict ?? 'undecided') === 'undecided' ? exitStatus.undecided : exitStatus.clean;
}

function isLost({ verdict, because, outcomes }: WalkLeg): boolean {
  if (verdict === 'dropped' || verdict === 'rejected') return true;
  return (
    because === 'outcome-depends' &&
    outcomes !== undefined &&
    outcomes.every((each) => each.verdict === 'dropped' || each.verdict === 'rejected')
  );
}
