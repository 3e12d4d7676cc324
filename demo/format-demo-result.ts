import Table from 'cli-table3';
import pc from 'picocolors';
import { describeSeconds } from '../src/model/timestamps';
import type { RunEnd, MigrationResult } from './run-migration-workflow';
import type { RealServerSummary, TriggerResult, DemoResult } from './demo-result';

type Row = readonly [what: string, machines: string, result: string, took: string];

/** Formats the result of the demo for a terminal. */
export function formatDemoResult(outcome: DemoResult): string {
  return [
    ...(outcome.estate === undefined ? [] : [estateTable(outcome.estate)]),
    ...(outcome.migration === undefined
      ? []
      : [table(['What', 'Machines', 'Result', 'Took'], rowsOf(outcome))]),
    ...diagnosisLines(outcome),
    ...nextLines(outcome),
    ...(outcome.page === undefined ? [] : [`A page with pictures of it: ${pc.cyan(outcome.page)}`]),
    outcome.ok
      ? pc.green(pc.bold(`Everything worked, in ${describeSeconds(outcome.seconds)}.`))
      : pc.red(
          pc.bold(
            ['Not everything worked:', ...outcome.problems.map((problem) => `  ${problem}`)].join('\n'),
          ),
        ),
  ].join('\n\n');
}

const colours = pc.isColorSupported ? { head: ['bold'], border: ['gray'] } : { head: [], border: [] };

function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const drawn = new Table({
    head: [...head],
    style: { ...colours, compact: true },
    wordWrap: true,
  });
  drawn.push(...rows.map((row) => [...row]));
  return drawn.toString();
}

function rowsOf({ migration, failure, trigger, diagnosis }: DemoResult): readonly Row[] {
  return [
    ...(migration === undefined ? [] : migrationRows(migration)),
    ...(failure === undefined ? [] : [endingRow('Copy that was bound to fail', failure, failure.execution)]),
    ...(trigger === undefined ? [] : [triggerRow(trigger)]),
    ...(diagnosis === undefined
      ? []
      : [
          [
            'Assistant asked why it failed',
            '',
            `${diagnosis.task} (${diagnosis.toolCalls} tool call)`,
            '',
          ] as const,
        ]),
  ];
}

const migrationRows = (migration: MigrationResult): readonly Row[] => [
  endingRow('Copied to the destination', migration, migration.execution),
  endingRow('Deployed there', migration, migration.deployment),
];

const endingRow = (what: string, { instances }: MigrationResult, ending: RunEnd | null): Row => [
  what,
  instances.join(', '),
  ending?.outcome ?? 'not reached',
  ending?.seconds === null || ending === null ? '' : describeSeconds(ending.seconds),
];

const triggerRow = ({ execution, deployment, failedExecution, polls }: TriggerResult): Row => [
  'Trigger fired',
  '',
  [
    `execution ${execution}×`,
    `deployment ${deployment}×`,
    ...(failedExecution === null ? [] : [`failed execution ${failedExecution}×`]),
  ].join(', '),
  `${polls} polls`,
];

const estateTable = ({ project, endpoints, transfers, newest, waited }: RealServerSummary): string =>
  [
    pc.bold(`Project ${project}: ${endpoints.length} endpoints, ${transfers} transfers`),
    table(
      ['Endpoint', 'Platform', 'Connection'],
      endpoints.map(({ name, type, valid, message }) => [
        name,
        type,
        valid ? 'valid' : (message ?? 'invalid'),
      ]),
    ),
    table(
      ['Newest transfers', 'Status', 'Changed'],
      newest.map(({ name, status, updated_at }) => [name, status, updated_at]),
    ),
    ...(waited.length === 0
      ? ['Nothing is running.']
      : [
          table(
            ['Waited for', 'Outcome'],
            waited.map(({ name, outcome }) => [name, outcome]),
          ),
        ]),
  ].join('\n');

function diagnosisLines({ diagnosis, failure }: DemoResult): readonly string[] {
  if (diagnosis === undefined) return [];
  const { summary, knownError, nextSteps } = diagnosis;
  return [
    [
      pc.bold(`“Why did ${failure?.instances.join(', ') ?? 'it'} fail?” The MCP server’s answer:`),
      `  ${summary}`,
      ...(knownError === null ? [] : [`  Known as: ${knownError}`]),
      ...nextSteps.map((step, index) => `  ${index + 1}. ${step}`),
    ].join('\n'),
  ];
}

function nextLines({ mode }: DemoResult): readonly string[] {
  const commands: ReadonlyArray<readonly [string, string]> =
    mode === 'sandbox'
      ? [
          ['npm run n8n', 'a full n8n editor with these nodes and workflows loaded'],
          [
            'npm run sandbox',
            'the embedded Coriolis alone, for your own scripts and the coriolis command line',
          ],
          [
            'OS_AUTH_URL=… npm run demo',
            'look at a real Coriolis; it changes nothing unless you add --write',
          ],
          ['mcp/dist/coriolis-mcp.cjs', 'the MCP server; README.md shows the configuration of a host'],
        ]
      : [
          ['npm run demo -- --write …', 'move a machine; npm run demo -- --help lists what it needs'],
          ['npm run n8n', 'a full n8n editor with these nodes and workflows loaded'],
          ['mcp/dist/coriolis-mcp.cjs', 'ask an assistant about this Coriolis; README.md shows how'],
        ];
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    [
      pc.bold('What to try next'),
      ...commands.map(([command, what]) => `  ${pc.cyan(command.padEnd(width))}  ${what}`),
    ].join('\n'),
  ];
}
