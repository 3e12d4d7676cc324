import type { IPollFunctions } from 'n8n-workflow';
import { beginConcurrentPoll } from '../../../nodes/CoriolisTrigger/concurrent-polls';

const contextOf = (workflow: string, id: string, name: string): IPollFunctions => {
  const context = { getWorkflow: () => ({ id: workflow }), getNode: () => ({ id, name }) };
  return context as unknown as IPollFunctions;
};

test.each([
  ['the same trigger', 'w', 'n', 'Trigger', true],
  ['a trigger with the same id and another name', 'w', 'n', 'Other trigger', false],
  ['a trigger with the same name and another id', 'w', 'm', 'Trigger', false],
  ['the trigger of another workflow', 'v', 'n', 'Trigger', false],
])('a poll that has found something makes out of date: %s', (_, workflow, id, name, isOutdated) => {
  const begin = { since: 1 };
  const turn = beginConcurrentPoll(contextOf('w', 'n', 'Trigger'), {}, begin);
  const other = beginConcurrentPoll(contextOf(workflow, id, name), {}, begin);

  turn.recordHandover({ since: 2 });

  expect(other.isOutdated()).toBe(isOutdated);
});
