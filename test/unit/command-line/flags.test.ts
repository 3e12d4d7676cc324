import { readFlags, UsageError } from '../../../command-line/flags';
import { formatFlagsAsHelp } from '../../../command-line/format-flags';
import { findNearestName } from '../../../command-line/nearest-name';
import {
  readChoice,
  readNumber,
  readPositiveNumber,
  readWholeNumber,
} from '../../../command-line/read-flag-values';
import { helpText as mcpHelp } from '../../../mcp/configuration/help-text';
import {
  flagGroups as mcpGroups,
  flags as mcpFlags,
  ENVIRONMENT_VARIABLE_PREFIX,
} from '../../../mcp/configuration/flags';
import { helpText as sandboxHelp } from '../../../sandbox/read-command';
import { flagGroups as sandboxGroups } from '../../../sandbox/flags';
import { vmwareVspherePlatform } from '../../../sandbox/platforms/vmware-vsphere';
import { specialMachines } from '../../../sandbox/platforms/special-machines';
import { helpText as demoHelp, flagGroups as demoGroups, readDemoOptions } from '../../../demo/demo-options';

const table = {
  port: { argument: 'number', explanation: 'the port', default: '80' },
  name: { argument: 'text', explanation: 'a name', repeatable: true },
  loud: { explanation: 'more output' },
  host: { argument: 'name', explanation: 'the host' },
  version: { short: 'v', explanation: 'the version', commandLineOnly: true },
} as const;

describe('readFlags', () => {
  it('gives what was said, then the environment, then the defaults', () => {
    const variables = { prefix: 'APP_', environment: { APP_HOST: 'one', APP_PORT: '81', APP_LOUD: 'yes' } };

    expect(readFlags(table, [])).toEqual({ port: '80' });
    expect(readFlags(table, [], variables)).toEqual({ port: '81', host: 'one', loud: true });
    expect(readFlags(table, ['--port', '82', '--name=a', '--name', 'b', '-v'], variables)).toEqual({
      port: '82',
      host: 'one',
      loud: true,
      name: ['a', 'b'],
      version: true,
    });
  });

  it('takes an empty variable, and that of a flag of the command line only, for none', () => {
    const environment = { APP_HOST: '', APP_VERSION: 'true' };

    expect(readFlags(table, [], { prefix: 'APP_', environment })).toEqual({ port: '80' });
  });

  it('refuses a variable that is neither true nor false, and names it', () => {
    const variables = { prefix: 'APP_', environment: { APP_LOUD: 'perhaps' } };

    expect(() => readFlags(table, [], variables)).toThrow('APP_LOUD must be true or false; got "perhaps".');
  });

  it.each([
    [['--prot', '1'], 'Unknown option --prot: did you mean --port?'],
    [['--po', '1'], 'Unknown option --po: did you mean --port?'],
    [['--constructor'], 'Unknown option --constructor.'],
    [['-x'], 'Unknown option -x.'],
    [['--host'], "Option '--host <value>' argument missing."],
    [['--loud=1'], "Option '--loud' does not take an argument."],
    [['serve'], "Unexpected argument 'serve'."],
  ])('refuses %j', (argv, message) => {
    const read = (): unknown => readFlags(table, argv);

    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });
});

describe('nearest', () => {
  const names = Object.keys(mcpFlags);

  it('finds each flag again after one mistake', () => {
    for (const name of names.filter(({ length }) => length > 5)) {
      for (let at = 1; at < name.length; at += 1) {
        expect(findNearestName(name.slice(0, at) + name.slice(at + 1), names)).toBe(name);
        expect(findNearestName(`${name.slice(0, at)}#${name.slice(at)}`, names)).toBe(name);
      }
    }
  });

  it('guesses nothing that is far away', () => {
    expect(findNearestName('xyzzy', names)).toBeUndefined();
  });
});

describe('values', () => {
  it.each([
    [() => readChoice('how', ['a', 'b'], 'c'), '--how must be one of a, b; got "c".'],
    [() => readNumber('n', { minimum: 1, maximum: 2 }, ''), '--n must be a number from 1 to 2; got "".'],
    [
      () => readWholeNumber('n', { minimum: 1, maximum: 9, unit: 'seconds' }, '1.5'),
      '--n must be a whole number of seconds from 1 to 9; got "1.5".',
    ],
    [
      () => readWholeNumber('n', { minimum: 1, maximum: 9 }, '0x5'),
      '--n must be a whole number from 1 to 9; got "0x5".',
    ],
    [() => readPositiveNumber('n', 'Infinity'), '--n must be a number greater than 0; got "Infinity".'],
  ])('are refused by name: %#', (read, message) => {
    expect(read).toThrow(new UsageError(message));
  });
});

describe('help', () => {
  it.each([
    ['coriolis-mcp', mcpHelp, mcpGroups],
    ['coriolis-sandbox', sandboxHelp, sandboxGroups],
    ['demo', demoHelp, demoGroups],
  ])('of %s has every flag of its table, within 80 columns', (_, help, groups) => {
    const lines = formatFlagsAsHelp(groups);

    expect(help).toContain(lines);
    for (const name of groups.flatMap(({ flags }) => Object.keys(flags)))
      expect(lines).toContain(`  --${name}`);
    for (const name of ['--version', '--help']) expect(lines).toContain(`  ${name}`);
    expect(lines.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('of the sandbox has every machine with a behaviour', () => {
    const machines = vmwareVspherePlatform.instances;
    const named = new Set(specialMachines.flatMap(({ names }) => names));
    const behaving = machines.filter(({ behaviour }) => Object.keys(behaviour).length > 0);

    expect(behaving.length).toBeGreaterThan(5);
    for (const { summary } of behaving) expect(named).toContain(summary.name);
    for (const name of named) {
      expect(machines.map(({ summary }) => summary.name)).toContain(name);
      expect(sandboxHelp).toContain(name);
    }
  });
});

it('names variables of the MCP server by their flags', () => {
  const variables = { prefix: ENVIRONMENT_VARIABLE_PREFIX, environment: { CORIOLIS_MCP_MAX_WAIT: '7' } };

  expect(readFlags(mcpFlags, [], variables)).toMatchObject({ 'max-wait': '7' });
});

describe('the demo', () => {
  it('prints its version without the options that --write needs', () => {
    expect(readDemoOptions(['--version', '--write'])).toMatchObject({ version: true, migration: undefined });
  });

  it('has defaults', () => {
    expect(readDemoOptions([])).toMatchObject({
      speed: 30,
      maxWaitSeconds: 600,
      write: false,
      migration: undefined,
    });
  });

  it.each([
    [['--write'], '--write also needs --origin, --destination, --instance'],
    [['--speed', '0'], '--speed must be a number from 1 to 1000; got "0".'],
    [['--sped', '5'], 'did you mean --speed?'],
  ])('refuses %j', (argv, message) => {
    expect(() => readDemoOptions(argv)).toThrow(message);
  });
});
