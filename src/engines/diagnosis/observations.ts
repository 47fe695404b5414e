import {
  type ConfiguredBackend,
  compareInterfaces,
  configuredBackend,
  type InterfaceComparison,
  type ProbeOutcomes,
  probeOutcomes,
  surveyBackends,
} from '#engines/backends/index.ts';
import { type BaseNetworkReport, checkBaseNetwork } from '#engines/base-network/index.ts';
import { assessLimits, type PodTasks, tasksByPod } from '#engines/limits/index.ts';
import { findEvents } from '#engines/signatures/index.ts';
import type { LimitReport } from '#facts/limit.ts';
import type { LogEvent } from '#facts/log.ts';
import type { BackendSurvey } from '#facts/ownership.ts';
import type { Reading } from '#facts/result.ts';
import type { Snapshot } from '#facts/snapshot.ts';
import { type FelixStart, felixStarts } from './felix-starts.ts';

/** What all the other engines say about one snapshot, computed once. */
export interface Observations {
  readonly snapshot: Snapshot;
  readonly events: readonly LogEvent[];
  readonly starts: readonly FelixStart[];
  readonly limits: LimitReport;
  readonly podTasks: Reading<readonly PodTasks[]>;
  readonly survey: BackendSurvey;
  readonly interfaces: Reading<readonly InterfaceComparison[]>;
  readonly configured: Reading<ConfiguredBackend>;
  readonly outcomes: ProbeOutcomes;
  readonly base: BaseNetworkReport;
}

export function observe(snapshot: Snapshot): Observations {
  const events = findEvents(snapshot.logs);
  return {
    snapshot,
    events,
    starts: felixStarts(events),
    limits: assessLimits(snapshot),
    podTasks: tasksByPod(snapshot),
    survey: surveyBackends(snapshot, events),
    interfaces: compareInterfaces(snapshot),
    configured: configuredBackend(snapshot),
    outcomes: probeOutcomes(snapshot),
    base: checkBaseNetwork(snapshot),
  };
}
