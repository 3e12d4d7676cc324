import type { Deployment, Endpoint, Execution, Transfer } from '../../model/types';

/** What is about to be started. */
export type Purpose = 'execution' | 'deployment';

/** What was looked at, and whether it stands in the way. */
export interface Check {
  readonly check: string;
  readonly status: 'blocking' | 'warning' | 'ok';
  readonly message: string;
}

/** Everything that the checks go by, read once. */
export interface Situation {
  readonly purpose: Purpose;
  readonly transfer: Transfer;
  /** Newest first, at most ten. */
  readonly executions: readonly Execution[];
  /** Those of the transfer, newest first. */
  readonly deployments: readonly Deployment[];
  readonly origin: Endpoint | null;
  readonly destination: Endpoint | null;
  /** The server's time, milliseconds. */
  readonly now: number;
}

export const blocking = (check: string, message: string): Check => ({ check, status: 'blocking', message });
export const warning = (check: string, message: string): Check => ({ check, status: 'warning', message });
export const ok = (check: string, message: string): Check => ({ check, status: 'ok', message });
