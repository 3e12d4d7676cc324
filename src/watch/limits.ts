/** When something counts as too long ago. */
export interface WatchLimits {
  /** Minutes without any progress until a run counts as stalled. */
  readonly stallMinutes?: number;
  /** Hours that the last completed sync of a replica may lie back: its recovery point objective. */
  readonly rpoHours?: number;
  /** Minutes after its time that a scheduled run may begin. */
  readonly graceMinutes?: number;
}

export const defaultLimits: Required<WatchLimits> = { stallMinutes: 30, rpoHours: 24, graceMinutes: 10 };
