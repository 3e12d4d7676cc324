import type { IDataObject, INode } from 'n8n-workflow';
import type { Engine, RunResult, StoredCredential } from '../test/support/engine';
import type { Coriolis } from '../src/api/operation-context';
import { describeSeconds } from '../src/model/timestamps';
import type { RunRef } from '../src/waiting/fetch-run';
import type { ProgressBar, Screen, WorkflowStep } from './screen';
import { textOrEmpty, textsOrEmpty } from './text-or-empty';
import { observeRun } from './observe-run';
import {
  CORIOLIS_NODE_TYPE,
  STICKY_NOTE_NODE_TYPE,
  STOP_AND_ERROR_NODE_TYPE,
  listNodesWithoutStickyNotes,
  type WorkflowTemplate,
} from './workflow-templates';

/** End of an execution or a deployment, as the workflow reported it. */
export interface RunEnd {
  readonly id: string;
  readonly outcome: string;
  readonly seconds: number | null;
}

/** Result of a migration workflow. */
export interface MigrationResult {
  readonly instances: readonly string[];
  readonly transferId: string | null;
  readonly execution: RunEnd | null;
  readonly deployment: RunEnd | null;
  readonly deployedInstances: readonly string[];
  /** Error that ended the workflow early; null when it reached its end. */
  readonly error: string | null;
}

/** Surroundings of a migration workflow: the n8n engine with the credential, and the screen that shows its progress. */
export interface MigrationContext {
  readonly engine: Engine;
  readonly credential: StoredCredential;
  readonly coriolis: Coriolis;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** Poll interval of the live progress, in milliseconds. */
  readonly progressIntervalMs: number;
}

/** Runs the shipped workflow in the n8n engine, and shows its steps and the progress of each machine. */
export async function runMigrationWorkflow(
  stage: MigrationContext,
  title: string,
  template: WorkflowTemplate,
): Promise<MigrationResult> {
  const { engine, credential, signal } = stage;
  const view = new MigrationView(stage, title, template);
  const run = await engine.runWorkflow(makeRunnable(template, credential), {
    signal,
    onNodeStart: (name) => view.start(name),
    onNodeEnd: (name, items) => view.end(name, items[0]?.json),
  });
  await view.finish();
  return migrationOf(template, run);
}

/** The workflow without sticky notes, and with the credential in each node. */
function makeRunnable(template: WorkflowTemplate, { id, name, type }: StoredCredential): WorkflowTemplate {
  return {
    ...template,
    nodes: template.nodes
      .filter((node) => node.type !== STICKY_NOTE_NODE_TYPE)
      .map((node) => ({ ...node, credentials: { [type]: { id, name } } })),
  };
}

const operationOf = ({ parameters }: INode): string =>
  `${textOrEmpty(parameters['resource'])}.${textOrEmpty(parameters['operation'])}`;

/** View of one workflow on the screen: its steps and progress bars. */
class MigrationView {
  private readonly steps: Map<string, WorkflowStep>;
  private readonly runs = new Map<string, readonly ProgressBar[]>();
  private readonly watches: Promise<void>[] = [];
  private readonly row: number;

  constructor(
    private readonly stage: MigrationContext,
    private readonly title: string,
    private readonly template: WorkflowTemplate,
  ) {
    const nodes = listNodesWithoutStickyNotes(template);
    this.row = nodes[0]?.position[1] ?? 0;
    this.steps = new Map(nodes.map(({ name }) => [name, { name, state: 'waiting', detail: '' }]));
    this.draw();
  }

  start(name: string): void {
    this.steps.set(name, { name, state: 'running', detail: '' });
    this.draw();
  }

  end(name: string, json: IDataObject | undefined): void {
    const node = this.template.nodes.find((one) => one.name === name);
    if (node?.type !== CORIOLIS_NODE_TYPE) {
      this.steps.set(name, {
        name,
        state: node?.type === STOP_AND_ERROR_NODE_TYPE ? 'failed' : 'done',
        detail: '',
      });
    } else if (json === undefined) {
      // Every operation of the workflow has a result, so a step without one has failed.
      this.steps.set(name, { name, state: 'failed', detail: '' });
    } else {
      this.steps.set(name, { name, state: 'done', detail: detailOf(json) });
      const target = runStartedBy(operationOf(node), json);
      if (target !== undefined) this.watches.push(this.watch(target));
    }
    this.draw();
  }

  /** Waits until the live progress of every started run has ended. */
  async finish(): Promise<void> {
    await Promise.all(this.watches);
  }

  private async watch(target: RunRef): Promise<void> {
    const { coriolis, progressIntervalMs } = this.stage;
    const what = target.kind === 'execution' ? 'copy' : 'deploy';
    await observeRun(coriolis, target, progressIntervalMs, (bars) => {
      this.runs.set(
        what,
        bars.map((bar) => ({ ...bar, name: `${bar.name} ${what}` })),
      );
      this.draw();
    });
  }

  /** Shows the steps in the main row of the canvas, and those of other rows that have started. */
  private draw(): void {
    const shown = new Set(
      this.template.nodes.filter(({ position }) => position[1] === this.row).map(({ name }) => name),
    );
    this.stage.screen.showSection({
      title: this.title,
      steps: [...this.steps.values()].filter(({ name, state }) => shown.has(name) || state !== 'waiting'),
      bars: [...this.runs.values()].flat(),
    });
  }
}

/** Returns the execution or deployment that a step started; undefined for other steps. */
function runStartedBy(operation: string, json: IDataObject): RunRef | undefined {
  switch (operation) {
    case 'execution.start':
      return {
        kind: 'execution',
        transferId: textOrEmpty(json['transfer_id']),
        executionId: textOrEmpty(json['id']),
      };
    case 'deployment.create':
      return { kind: 'deployment', deploymentId: textOrEmpty(json['id']) };
    default:
      return undefined;
  }
}

/** Summary of a step's result. */
function detailOf(json: IDataObject): string {
  const { valid, outcome, summary, duration_seconds: seconds, deployed_instances: deployed } = json;
  if (typeof summary === 'string') return summary;
  if (typeof valid === 'boolean') return valid ? 'can be reached' : textOrEmpty(json['message']);
  if (Array.isArray(deployed)) return textsOrEmpty(deployed).join(', ');
  if (typeof outcome === 'string') {
    return typeof seconds === 'number' ? `${outcome} in ${describeSeconds(seconds)}` : outcome;
  }
  return textOrEmpty(json['id']);
}

function migrationOf(template: WorkflowTemplate, result: RunResult): MigrationResult {
  const resultOf = (operation: string): IDataObject | undefined => {
    const node = template.nodes.find((one) => operationOf(one) === operation);
    return node === undefined ? undefined : result.rows(node.name)[0];
  };
  const ending = (operation: string): RunEnd | null => {
    const json = resultOf(operation);
    if (json === undefined) return null;
    const seconds = json['duration_seconds'];
    return {
      id: textOrEmpty(json['id']),
      outcome: textOrEmpty(json['outcome']),
      seconds: typeof seconds === 'number' ? seconds : null,
    };
  };
  const transfer = resultOf('transfer.create');
  const { status } = result.run;
  return {
    instances: textsOrEmpty(transfer?.['instances']),
    transferId: transfer === undefined ? null : textOrEmpty(transfer['id']),
    execution: ending('execution.wait'),
    deployment: ending('deployment.wait'),
    deployedInstances: textsOrEmpty(resultOf('deployment.get')?.['deployed_instances']),
    error: result.error?.message ?? (status === 'success' ? null : `The workflow ended as ${status}`),
  };
}
