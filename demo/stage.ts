import { join } from 'node:path';
import { createEngine } from '../test/support/engine';
import { n8nCredentialOf, type DemoLogin } from './demo-login';
import type { MigrationContext } from './run-migration-workflow';
import { n8nNodeReplacements } from './n8n-node-replacements';
import type { Screen } from './screen';
import { readTemplate } from './workflow-templates';
import { ActiveTrigger, describeTriggerEvent } from './active-trigger';

/** Milliseconds between two polls. */
interface PollIntervals {
  readonly progress: number;
  readonly trigger: number;
}

/**
 * Prepares the engine of n8n for the demo: with the credential, and with the trigger of a shipped workflow polling and
 * writing its events to the screen.
 */
export async function prepareStage(
  login: DemoLogin,
  screen: Screen,
  intervals: PollIntervals,
  signal: AbortSignal,
): Promise<{ readonly stage: MigrationContext; readonly trigger: ActiveTrigger }> {
  const engine = await createEngine({
    packageDir: join(__dirname, '..'),
    nodeTypes: new Map(Object.entries(n8nNodeReplacements)),
  });
  const credential = engine.credentials.add('coriolisKeystoneApi', n8nCredentialOf(login.connection));
  const trigger = await ActiveTrigger.activate(
    engine,
    readTemplate('alert-on-finished-executions'),
    credential,
    { signal, onEvent: (event) => screen.writeLine(describeTriggerEvent(event)) },
  );
  trigger.startPolling(intervals.trigger);
  const coriolis = login.createOperationContext(signal);
  return {
    stage: { engine, credential, screen, signal, coriolis, progressIntervalMs: intervals.progress },
    trigger,
  };
}
