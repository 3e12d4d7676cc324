import type {
  Deployment,
  Execution,
  MinionPool,
  Task,
  TaskEvent,
  Transfer,
} from '../../../src/model/api-objects';
import { makeTask } from '../api-objects';

export const timestamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}.000000`;
export const uuid = (kind: number, index: number): string =>
  `${String(kind).padStart(8, '0')}-0000-4000-8000-${String(index).padStart(12, '0')}`;

export type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
export interface OwnExecution extends Mutable<Execution> {
  deleted: boolean;
  /** Whether its final status is about to be replaced. */
  settling?: boolean;
}
export interface OwnTransfer extends Mutable<Transfer> {
  runs: OwnExecution[];
  nextNumber: number;
}
export type OwnDeployment = Mutable<Deployment>;
export interface OwnPool extends Mutable<MinionPool> {
  events: TaskEvent[];
}

/** When a run really began. */
export interface Begun {
  readonly id: string;
  readonly transferId: string;
  readonly type: string;
  readonly at: number;
  readonly time: number;
}

/** How a run really ended. */
export interface Ended {
  readonly id: string;
  readonly transferId: string;
  readonly status: string;
  readonly type: string;
  /** When it really happened, milliseconds. */
  readonly at: number;
  /** What the server's clock showed then. */
  readonly time: number;
}

export const runningTask = (run: Execution): Task => ({
  ...failedTask(run),
  status: 'RUNNING',
  exception_details: null,
  progress_updates: [
    {
      id: 'update',
      index: 0,
      current_step: 1,
      total_steps: 100,
      message: 'Copying',
      created_at: run.created_at,
      updated_at: null,
    },
  ],
});

export const failedTask = (run: Execution | Deployment): Task =>
  makeTask(run.created_at, {
    execution_id: run.id,
    status: 'ERROR',
    exception_details: 'connection reset by peer',
    updated_at: run.updated_at,
  });
