import type { Severity } from './log-store';
import type { Execution, Task } from '../model';

/** A log message of a service of Coriolis. */
export interface LogMessage {
  readonly appName: string;
  readonly severity: Severity;
  /** Python module that logs, e.g. `coriolis.conductor.rpc.server`. */
  readonly module: string;
  readonly text: string;
}

const LEVELS = ['EMERGENCY', 'ALERT', 'CRITICAL', 'ERROR', 'WARNING', 'NOTICE', 'INFO', 'DEBUG'];
const PROCESS_ID = 4242;

/**
 * Formats a log line as the services of Coriolis write it, after recordings of coriolis-logger.
 * @param time milliseconds since 1970
 */
export function formatLogLine({ severity, module, text }: LogMessage, time: number): string {
  const moment = new Date(time).toISOString().replace('T', ' ').replace('Z', '');
  return `${moment} ${PROCESS_ID} ${LEVELS[severity]} ${module} [-] ${text}`;
}

/** Message that a service has started. */
export function makeServiceStartedLogMessage(appName: string): LogMessage {
  return { appName, severity: 6, module: 'oslo_service.service', text: `Starting ${appName} service` };
}

/** Message that the conductor has changed the status of an execution. */
export function makeExecutionLogMessage({ id, type, actionId, status }: Execution): LogMessage {
  return conductor(
    status === 'ERROR' || status === 'DEADLOCKED' ? 3 : 6,
    `Tasks execution ${id} (type ${type}, action ${actionId}) status updated to: ${status}`,
  );
}

/** Messages for a task's status; none for most. */
export function makeTaskLogMessages({ id, type, instance, status, exceptionDetails }: Task): LogMessage[] {
  switch (status) {
    case 'RUNNING':
      return [worker(6, `Executing task: ${id}, type: ${type}, instance: ${instance}`)];
    case 'COMPLETED':
      return [conductor(6, `Task completed: ${id} (${type} of instance ${instance})`)];
    case 'ERROR':
      return [
        worker(3, `Task ${id} (${type} of instance ${instance}) failed: ${exceptionDetails}`),
        conductor(3, `Task error: ${id} - ${exceptionDetails}`),
      ];
    case 'CANCELED':
    case 'FORCE_CANCELED':
      return [conductor(4, `Task ${id} (${type} of instance ${instance}) is now ${status}`)];
    default:
      return [];
  }
}

/** Message that a task has reported progress. */
export function makeProgressLogMessage({ id }: Task, message: string): LogMessage {
  return worker(7, `Progress of task ${id}: ${message}`);
}

function conductor(severity: Severity, text: string): LogMessage {
  return { appName: 'coriolis-conductor', severity, module: 'coriolis.conductor.rpc.server', text };
}

function worker(severity: Severity, text: string): LogMessage {
  return { appName: 'coriolis-worker', severity, module: 'coriolis.worker.rpc.server', text };
}
