import { callsAfterPreflight } from '../../../src/playbooks/preflight/calls-after-preflight';

const operationsAfter = (
  purpose: string,
  ...found: ReadonlyArray<readonly [check: string, status: string]>
): readonly string[] =>
  callsAfterPreflight({
    id: 't',
    purpose,
    checks: found.map(([check, status]) => ({ check, status, message: '' })),
  }).map(({ operation, input }) => {
    expect(input).toEqual({ transferId: 't' });
    return operation;
  });

test.each([
  ['all is well', 'deployment', [['copied disks', 'ok']], ['deployment.create']],
  ['all is well', 'execution', [['running work', 'ok']], ['execution.start']],
  ['the copy is old', 'deployment', [['copied disks', 'warning']], ['deployment.create']],
  [
    'the last sync failed',
    'deployment',
    [['latest execution', 'warning']],
    ['estate.diagnose', 'deployment.create'],
  ],
  [
    'the last deployment failed',
    'deployment',
    [['latest deployment', 'warning']],
    ['estate.diagnose', 'deployment.create'],
  ],
  [
    'the last sync failed',
    'execution',
    [['latest execution', 'warning']],
    ['estate.diagnose', 'execution.start'],
  ],
  ['a run is in the way', 'deployment', [['running work', 'blocking']], ['estate.diagnose']],
  ['nothing was copied yet', 'deployment', [['copied disks', 'blocking']], ['execution.start']],
  [
    'nothing was copied, because the syncs fail',
    'deployment',
    [
      ['copied disks', 'blocking'],
      ['latest execution', 'warning'],
    ],
    ['estate.diagnose', 'execution.start'],
  ],
  ['a platform cannot be reached', 'deployment', [['origin connection', 'blocking']], []],
] as const)('when %s, a preflight of a(n) %s suggests', (_, purpose, found, expected) => {
  expect(operationsAfter(purpose, ...found)).toEqual(expected);
});
