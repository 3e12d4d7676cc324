import { loginVariablesOf } from '../../sandbox/login-variables';
import type { Trial } from './trial';

/** Text for a person who begins: addresses, logins, and values for the form. One line an entry. */
export function introduceTrial(
  { n8n, mail, sandbox, table, forms, workflows }: Omit<Trial, 'stop'>,
  speed: number,
): readonly string[] {
  return [
    '',
    `n8n      ${n8n.url}/home/workflows`,
    `e-mail   ${n8n.owner.email}`,
    `password ${n8n.owner.password}`,
    `mails    ${mail.url}  (whatever the workflows send; approvals are links in them)`,
    `sandbox  ${sandbox.auth_url}, ${speed} times as fast as life`,
    '',
    'The same sandbox for npm run demo, the MCP server and the coriolis command line:',
    ...Object.entries(loginVariablesOf(sandbox)).map(([name, value]) => `  export ${name}='${value}'`),
    '',
    'Some begin with a form. Here they are, filled in; approve what they ask for in the mails:',
    ...forms.flatMap(({ name, address }) => [`  ${name}`, `    ${address}`]),
    `Choose this file for the spreadsheet: ${table}`,
    '',
    `${workflows.length} workflows are there, filled in for the sandbox: open one and run it.`,
    'Ctrl-C stops everything; nothing is kept.',
  ];
}
