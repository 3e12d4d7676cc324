import { actionOf, helpText, titleCase } from '../../../nodes/shared/wording';

test.each([
  ['failed, kept for debugging', 'Failed, Kept for Debugging'],
  ['OS Morphing Minion Pools', 'OS Morphing Minion Pools'],
  ['waiting for', 'Waiting For'],
])('the title of "%s"', (given, title) => {
  expect(titleCase(given)).toBe(title);
});

test.each([
  ['List transfers (replicas), newest first', 'List transfers'],
  ['Execute a transfer: start a sync of a replica', 'Execute a transfer'],
  ['Create a Coriolis region', 'Create a region'],
  ['List the worker services of Coriolis', 'List the worker services'],
])('the action of "%s"', (summary, action) => {
  expect(actionOf(summary)).toBe(action);
});

test.each([
  ['Id of the service.', 'ID of the service'],
  ['Its id, or ids. Several are fine.', 'Its ID, or IDs. Several are fine.'],
  ['Valid identifiers', 'Valid identifiers'],
])('the help of "%s"', (given, help) => {
  expect(helpText(given)).toBe(help);
});
