import type { Deployment, Endpoint, Execution, Transfer } from '../../model/types';

/** Kind of run to be started. */
export type Purpose = 'execution' | 'deployment';

/** Result of one check: its subject, and whether it blocks the run. */
export interface Check {
  readonly check: string;
  readonly status: 'blocking' | 'warning' | 'ok';
  readonly message: string;
}

/** Data for all checks, read once. */
export interface Situation {
  readonly purpose: Purpose;
  readonly transfer: Transfer;
  /** Executions of the transfer, newest first, at most ten. */
  readonly executions: readonly Execution[];
  /** Deployments of the transfer, newest first. */
  readonly deployments: readonly Deployment[];
  readonly origin: Endpoint | null;
  readonly destination: Endpoint | null;
  /** The server's time, milliseconds. */
  readonly now: number;
}

export const blocking = (check: string, message: string): Check => ({ check, status: 'blocking', message });
export const warning = (check: string, message: string): Check => ({ check, status: 'warning', message });
export const ok = (check: string, message: string): Check => ({ check, status: 'ok', message });
