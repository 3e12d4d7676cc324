import { setTimeout as delay } from 'node:timers/promises';
import type { IDataObject } from 'n8n-workflow';
import type { Engine, Poller, StoredCredential } from '../test/support/engine';
import { TRIGGER_NODE_TYPE, type WorkflowTemplate } from './workflow-templates';
import { textOrEmpty, textsOrEmpty } from './text-or-empty';

/** Keys of a trigger event that the demo uses. */
export interface TriggerEvent {
  readonly kind: 'execution' | 'deployment';
  /** Id of the execution or the deployment. */
  readonly id: string;
  readonly outcome: string;
  readonly instances: readonly string[];
}

/** Describes an event in one line. */
export const describeTriggerEvent = ({ kind, instances, outcome }: TriggerEvent): string =>
  `Coriolis Trigger fired: ${kind} of ${instances.join(', ')} ${outcome}`;

/** The trigger of a shipped workflow, activated and polled. n8n polls at most once a minute; here it is more often. */
export class ActiveTrigger {
  readonly events: TriggerEvent[] = [];
  pollCount = 0;
  private readonly ending = new AbortController();
  private failure: Error | undefined;
  private loop: Promise<void> = Promise.resolve();

  private constructor(
    private readonly poller: Poller,
    private readonly onEvent: (event: TriggerEvent) => void,
    private readonly signal: AbortSignal,
  ) {}

  /** Activates the trigger for every outcome. The first poll records the runs that have ended so far and emits nothing. */
  static async activate(
    engine: Engine,
    template: WorkflowTemplate,
    { id, name, type }: StoredCredential,
    { onEvent, signal }: { readonly onEvent: (event: TriggerEvent) => void; readonly signal: AbortSignal },
  ): Promise<ActiveTrigger> {
    const node = template.nodes.find((one) => one.type === TRIGGER_NODE_TYPE);
    if (node === undefined) throw new Error(`The workflow "${template.name}" has no Coriolis Trigger`);
    // The shipped workflow only reacts to failures; the demo also shows what completed.
    const parameters = { ...node.parameters, filters: {} };
    const poller = engine.poller({ ...node, parameters, credentials: { [type]: { id, name } } });
    const trigger = new ActiveTrigger(poller, onEvent, signal);
    await trigger.poll();
    return trigger;
  }

  /** Polls at regular intervals until {@link pollUntilFired} is called. */
  startPolling(intervalMs: number): void {
    this.loop = this.keepPolling(intervalMs).catch((error: unknown) => {
      this.failure = error instanceof Error ? error : new Error(String(error));
    });
  }

  /** Number of events of a run. */
  countEvents(id: string | undefined): number {
    return this.events.filter((event) => event.id === id).length;
  }

  /**
   * Polls until the trigger has fired for all these runs or the timeout has passed, then twice more to detect repeated
   * events.
   * @throws the error of a failed poll
   */
  async pollUntilFired(ids: readonly string[], patienceMs: number, intervalMs: number): Promise<void> {
    this.ending.abort();
    await this.loop;
    if (this.failure !== undefined) throw this.failure;
    const deadline = Date.now() + patienceMs;
    const missing = (): boolean => ids.some((id) => this.countEvents(id) === 0);
    while (missing() && Date.now() < deadline && !this.signal.aborted) {
      await this.poll();
      await pause(intervalMs, this.signal);
    }
    for (let again = 0; again < 2 && !this.signal.aborted; again += 1) await this.poll();
  }

  private async keepPolling(intervalMs: number): Promise<void> {
    const signal = AbortSignal.any([this.signal, this.ending.signal]);
    while (!signal.aborted) {
      await this.poll();
      await pause(intervalMs, signal);
    }
  }

  private async poll(): Promise<void> {
    this.pollCount += 1;
    for (const row of (await this.poller.poll()) ?? []) {
      const event = eventOf(row);
      this.events.push(event);
      this.onEvent(event);
    }
  }
}

/** Waits until the time has passed or the signal fires. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined);

function eventOf(row: IDataObject): TriggerEvent {
  const kind = row['kind'] === 'deployment' ? 'deployment' : 'execution';
  return {
    kind,
    id: textOrEmpty(row[`${kind}_id`]),
    outcome: textOrEmpty(row['outcome']),
    instances: textsOrEmpty(row['instances']),
  };
}
