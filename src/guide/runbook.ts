/**
 * Runbook of migrations with Coriolis, for people and models (docs/reference/coriolis-domain.md). Operations stand in
 * angle brackets as `<resource.name>`; n8n, MCP and the library replace each by their own name for the operation.
 */
export const runbook = `# Running migrations with Coriolis

## Terms
- Endpoint: a cloud or hypervisor with its credentials.
- Transfer (formerly replica): which machines go from one endpoint to another, and the state of their copied disks.
  Scenario \`replica\` is for repeated syncs and disaster recovery, \`live_migration\` for one move.
- Execution: one run over a transfer: a sync, an update, or a deletion of disks.
- Deployment (formerly migration): starts machines on the destination from the copied disks.
- Migration: a transfer, its syncs and its deployment in one go.

## Moving a machine
1. <endpoint.validate> both endpoints; a failed validation says why.
2. <instance.getAll>, then <instance.get>: its networks are the keys of the network map, its disks those of the disk mappings.
3. <provider.getSchema> of both platforms, <endpoint.getNetworks> of the destination.
4. <transfer.create>. It starts nothing.
5. <execution.start>: the first sync copies everything, later ones only what changed. Repeat until the time of a sync suits the outage.
6. <estate.wait> for it. Running out of time is no failure.
7. <transfer.preflight>, then <deployment.create>, then wait for the deployment. The source machines are not touched.

## Cutting over
1. Sync shortly before, so that the last sync is short.
2. <execution.start> with shutdown of the source machines, or with somebody shutting them down inside: what changes on the source
   after the last sync is lost otherwise. Coriolis does not start them again.
3. <deployment.create>, wait, then test the machines on the destination.
4. Keep the source machines off, and unchanged, until the new ones are accepted: they are the way back.

## When something failed
- <execution.diagnose> or <deployment.diagnose> names the task that failed first, its error, the remedy and whether a retry helps.
- RUNNING, CANCELLING, ERROR is the way of a failure: CANCELLING does not mean that somebody canceled.
- An application credential cannot execute or deploy: the server answers with a general error.
- UNEXECUTED for more than a minute: it will never run; start another.
- Leftovers on the platforms come before a retry.

## Rules of the server
- One execution or deployment of a transfer at a time; different transfers are independent.
- The status of a transfer is that of its latest execution of any type: COMPLETED does not prove that disks are there.
- After a deployment without cloned disks, or a deletion of disks, the next sync is a full copy.
- Deleting a transfer keeps its disks on the destination; deleting a deployment keeps its machines.
- Only minion pools that are ALLOCATED can be used.
- All times are UTC.
`;
