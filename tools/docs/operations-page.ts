import { FEATURES, describeFeatureRequirement, type FeatureName } from '../../src/api/feature-table';
import { catalogue, resources } from '../../src/catalogue';
import type { AnyField } from '../../src/vocabulary/field';
import { toWords } from '../../src/model/display-texts';
import { effectOfField, operationId, type Operation, type Resource } from '../../src/operation';
import type { ResultKey } from '../../src/vocabulary/result-keys';
import commands from './cli-commands.json';

/** Renders `docs/operations.md` from the catalogue. `npm run docs` writes it, and a test compares it. */
export function renderOperations(): string {
  const sections = (Object.keys(resources) as Resource[]).flatMap((resource) => [
    `## ${resources[resource].title}`,
    '',
    `${resources[resource].description}.`,
    '',
    ...catalogue.filter((operation) => operation.resource === resource).flatMap(renderOperation),
  ]);
  return [
    '# Operations',
    '',
    '<!-- Generated from the catalogue by `npm run docs`; edit src/operations instead. -->',
    '',
    'All operations, the same in n8n, MCP and the library. In n8n choose *Resource* and *Operation* of the Coriolis node; the inputs have the names below.',
    'For AI assistants an operation is a tool, with its arguments in snake case (`transferId` is `transfer_id`).',
    '',
    'Effects: **read** changes nothing; **write** creates or changes; **destroy** deletes or stops something, and asks for confirmation in the MCP server. `L-…` and `C-…` are the commands of the',
    'official command-line clients that an operation covers ([cli-parity.md](reference/cli-parity.md)).',
    '',
    ...overview(),
    ...sections,
    ...releases(),
    ...cliTable(),
  ].join('\n');
}

/**
 * Rows of docs/reference/cli-parity.md that an operation covers: `L-…` of the client of 2020, `C-…` of the current one.
 */
const rowsCoveredBy = (operation: Operation): readonly string[] =>
  commands.filter((command) => command.operation === operationId(operation)).map(({ row }) => row);

const coveredCommands = (operation: Operation): string => {
  const rows = rowsCoveredBy(operation);
  return rows.length === 0 ? '' : `, covers ${rows.join(', ')}`;
};

function cliTable(): string[] {
  const known = new Set<string>();
  return [
    '## From the command line',
    '',
    'The operation for each command of the official command-line clients. Commands with `replica` and `migration` are those of older releases.',
    '',
    '| Command | Operation |',
    '| --- | --- |',
    ...commands.flatMap(({ command, operation }) => {
      if (known.has(command)) return [];
      known.add(command);
      return [`| \`coriolis ${command}\` | \`${operation}\` |`];
    }),
    '',
  ];
}

function overview(): string[] {
  return [
    '| Resource | Operation | Tool | Effect | What it does |',
    '| --- | --- | --- | --- | --- |',
    ...catalogue.map(
      (operation) =>
        `| ${resources[operation.resource].title} | [${operation.title}](#${anchor(operation)}) | \`${operation.tool}\` | ${operation.effect} | ${operation.summary} |`,
    ),
    '',
  ];
}

const anchor = (operation: Operation): string => operationId(operation).toLowerCase().replace('.', '');

function renderOperation(operation: Operation): string[] {
  const inputs = Object.entries(operation.input);
  return [
    `### ${operationId(operation)}`,
    '',
    `${operation.summary}. ${operation.description}${requirementText(operation)}`,
    '',
    `Tool \`${operation.tool}\`, effect **${operation.effect}**${coveredCommands(operation)}.`,
    '',
    ...(inputs.length === 0
      ? ['No input.', '']
      : [
          '| Input | Type | Required | Description |',
          '| --- | --- | --- | --- |',
          ...inputs.map(
            ([name, field]) =>
              `| \`${name}\` | ${typeOf(field)} | ${field.required ? 'yes' : 'no'} | ${cell(field.description)}${requirementText(field)}${notes(field)} |`,
          ),
          '',
        ]),
    `Result${operation.kind === 'list' ? ' rows' : ''}: ${Object.entries(operation.output.shape)
      .map(([key, field]) => `\`${key}\`${nullable(field)}`)
      .join(', ')}.`,
    '',
  ];
}

const requirementText = ({ since }: { readonly since?: FeatureName | undefined }): string =>
  since === undefined ? '' : ` ${describeFeatureRequirement(since)}`;

/** Table of features that depend on the server's release, and the behaviour without them. */
const releases = (): string[] => [
  '## Releases of Coriolis',
  '',
  'Features that only newer servers have. On a server without one, the operation is refused with this text before anything is sent, or does what the last column says.',
  '',
  '| Since | Feature | Without it |',
  '| --- | --- | --- |',
  ...Object.values(FEATURES).map(
    (feature) =>
      `| ${feature.since} | ${feature.name} | ${'otherwise' in feature ? feature.otherwise : `Refused. ${feature.advice}`} |`,
  ),
  '',
];

const nullable = (field: ResultKey): string => (field.nullable ? '?' : '');

const cell = (text: string): string => text.replaceAll('|', '\\|');

function notes(field: AnyField): string {
  const standard =
    'default' in field && field.default !== undefined ? ` Default: \`${String(field.default)}\`.` : '';
  return effectOfField(field) === 'destroy' ? `${standard} When set: **destroy**.` : standard;
}

function typeOf(field: AnyField): string {
  switch (field.kind) {
    case 'choice':
      return field.choices
        .map(
          ({ value, since }) =>
            `\`${value}\`${since === undefined ? '' : ` (from ${FEATURES[since].since})`}`,
        )
        .join(', ');
    case 'number':
      return field.maximum === Number.MAX_SAFE_INTEGER
        ? `whole number, ${field.minimum} or more`
        : `whole number, ${field.minimum} to ${field.maximum}`;
    case 'reference':
      return `id of ${article(field.resource)} ${toWords(field.resource)}`;
    case 'list':
      return field.of === undefined ? 'texts' : `ids of ${toWords(field.of.resource)}s`;
    case 'map':
      return 'pairs: JSON or `source=destination`';
    case 'form':
      return `JSON by the ${field.schema} schema`;
    case 'records':
      return 'list of JSON objects';
    case 'json':
      return 'JSON object';
    case 'flag':
      return 'yes or no';
    case 'text':
      return 'text';
  }
}

const article = (noun: string): string => (/^[aeiou]/u.test(noun) ? 'an' : 'a');
