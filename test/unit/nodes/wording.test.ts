import { formatHelpText, toTitleCase } from '../../../nodes/render/ui-texts';

test.each([
  ['failed, kept for debugging', 'Failed, Kept for Debugging'],
  ['OS Morphing Minion Pools', 'OS Morphing Minion Pools'],
  ['waiting for', 'Waiting For'],
])('the title of "%s"', (given, title) => {
  expect(toTitleCase(given)).toBe(title);
});

test.each([
  ['Id of the service.', 'ID of the service'],
  ['Its id, or ids. Several are fine.', 'Its ID, or IDs. Several are fine.'],
  ['Valid identifiers', 'Valid identifiers'],
])('the help of "%s"', (given, help) => {
  expect(formatHelpText(given)).toBe(help);
});
