import { modelInstructions } from '../../src/guide/model-instructions';
import type { Operation } from '../../src/operation';
import type { Permissions } from '../caller/permissions';
import { MAX_WAIT_WITHOUT_PROGRESS_SECONDS } from '../calls/progress-heartbeat';
import { mentionsOnlyOfferedTools, insertToolNames } from './tool-mentions';

/** Instructions of the server for models, at most 2,000 characters. */
export function makeServerInstructions(
  offered: readonly Operation[],
  permissions: Permissions,
  toolsets: readonly string[],
  maxWaitSeconds: number,
): string {
  return [
    ...modelInstructions
      .filter((paragraph) => mentionsOnlyOfferedTools(paragraph, offered))
      .map((paragraph) => insertToolNames(paragraph, offered)),
    `Long work: execute and deploy return at once; call the tool in next_steps to wait. A wait ends after ${MAX_WAIT_WITHOUT_PROGRESS_SECONDS} s; clients that show progress may ask for up to ${maxWaitSeconds} s (timeout_seconds). timed_out means that the work continues: wait again. Cancelling a wait does not cancel the work.`,
    'After a lost answer, call again: already_running or already_exists: true shows that the first call worked.',
    'Lists have pages (limit, cursor); fields picks keys.',
    describeSwitches(permissions, toolsets),
  ].join('\n');
}

function describeSwitches({ write, destroy }: Permissions, toolsets: readonly string[]): string {
  const off = [
    ...(write || destroy ? [] : ['creating, executing, deploying and cancelling (--allow-write)']),
    ...(destroy ? [] : ['deleting, forced cancels and shutting down source VMs (--allow-destroy)']),
    ...(toolsets.includes('all') ? [] : ['less usual tools (--toolsets all)']),
  ];
  const confirmation = destroy
    ? 'Destructive calls first return a preview and a confirmation_token: show it to the person, and call again with the token only with their consent. '
    : '';
  return off.length === 0
    ? `${confirmation}Everything is enabled.`
    : `${confirmation}Disabled here, only the operator can enable it: ${off.join('; ')}.`;
}
