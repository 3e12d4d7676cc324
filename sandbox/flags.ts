import { makeFlagGroup } from '../command-line/flags';
import { GENERATIONS, DEFAULT_RELEASES } from './world/releases';

const where = makeFlagGroup('Where it listens', {
  port: { argument: 'number', explanation: 'the port; 0 means any free one', default: '0' },
  host: { argument: 'address', explanation: 'the address', default: '127.0.0.1' },
  json: { explanation: 'print one line of JSON with everything a client needs, once ready' },
});

const world = makeFlagGroup('What it is', {
  speed: {
    argument: 'factor',
    explanation: 'how many times faster machines are copied and deployed; timestamps stay real',
    default: '1',
  },
  seed: {
    argument: 'number',
    explanation: 'seed of the random numbers; the same seed gives the same objects with the same ids',
    default: '1',
  },
  generation: {
    argument: 'name',
    explanation: `${GENERATIONS.join(' or ')}; legacy is the API before 1.1.0, with replicas and migrations instead of transfers and deployments`,
    otherwise: 'that of the release',
  },
  release: {
    argument: 'x.y.z',
    explanation: 'behave as that release of Coriolis, such as 1.1.2',
    otherwise: `the newest of the generation, ${DEFAULT_RELEASES.current} or ${DEFAULT_RELEASES.legacy}`,
  },
  transfers: {
    argument: 'number',
    explanation: 'number of additional transfers, each with past executions',
    default: '0',
  },
  licensing: {
    explanation: 'check licences when a transfer is created, executed or deployed',
  },
});

const trouble = makeFlagGroup('What goes wrong', {
  'no-watcher-quirks': {
    explanation:
      'leave out the quirks of real servers that affect polling clients; docs/sandbox.md lists them',
  },
  fault: {
    argument: 'what',
    repeatable: true,
    explanation: 'a fault that is active from the start, such as "POST /executions lost-answer" or "stall"',
  },
});

const other = makeFlagGroup('Other', {
  version: { short: 'V', explanation: 'print the version' },
  help: { short: 'h', explanation: 'print this text' },
});

/** Flags of coriolis-sandbox in the order of its help. */
export const flagGroups = [where, world, trouble, other];

export const flags = { ...where.flags, ...world.flags, ...trouble.flags, ...other.flags };
