import type { KnownError } from './known-error';

/** Known errors of Coriolis itself, in matching order: workers, licences, states, options, minion pools. */
export const coriolisErrors: readonly KnownError[] = [
  {
    id: 'no-worker',
    scope: 'any',
    pattern:
      /Failed to schedule task \S+ after \d+ tries|None of the inspected Coriolis Worker services|No suitable Coriolis Worker service was found|NoSuitableWorkerService|No Coriolis Worker Service\(s\) were found|NoWorkerServiceError|None of the selected Regions .{0,200}are enabled|No Coriolis Region\(s\) fitting the criteria|NoSuitableRegionError|one or more of the proposed regions/i,
    title: 'No worker can take the task',
    cause:
      'No enabled worker in a usable region offers this platform and capability; also the answer when the platform lacks the feature or all regions of the endpoint are disabled.',
    remedy:
      "Check worker status, the endpoint's regions and the platform's capability codes; bring up or enable what is missing, then run again.",
    category: 'worker/infrastructure',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'provider-not-installed',
    scope: 'any',
    pattern: /(?:No provider found for|Provider not found for): /i,
    title: 'Platform plug-in or capability missing',
    cause:
      'The platform plug-in (or that capability of it) is not installed or not loaded on the workers; also seen when source and destination are swapped.',
    remedy:
      'Check the provider list for the platform name and the capability code; correct the endpoint roles or install the plug-in.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'coriolis-internal-fault',
    scope: 'any',
    pattern:
      /fatal deadlock has occurred|is bound to be deadlocked|asked to run on task info with missing properties|failed to return the following declared return values|returned the following undeclared keys|returned result of type .{0,80}instead of a dict|did NOT return any '|TaskRunner not found for task type|task parameters for instance .{0,300}are missing/i,
    title: 'Internal fault of Coriolis',
    cause:
      'Tasks that can never start, or a plug-in and a core of different releases that misunderstand each other.',
    remedy:
      'Collect conductor and worker logs, compare component versions, clean up leftovers on both platforms and report it.',
    category: 'bug',
    retry: 'no',
    evidence: 'code',
  },
  {
    id: 'coriolis-internal-error',
    scope: 'any',
    pattern:
      /MessagingTimeout|Timed out waiting for a reply to message ID|AMQP server on .{0,80}unreachable|MessageDeliveryFailure|pymysql\.err\.|DBConnectionError|Lock wait timeout exceeded|Can't connect to MySQL server|MySQL server has gone away|The server has either erred or is incapable of performing the requested operation/i,
    title: 'Coriolis lost or hid the reason',
    cause:
      'The server hides the reason or lost it: service or queue timeout, database error, trust or secret failure, wrong type in a body; the operation may still have happened.',
    remedy:
      'Re-read the object before repeating anything; note the request id, then look into API and conductor logs.',
    category: 'worker/infrastructure',
    retry: 'no',
    evidence: 'recording',
  },
  {
    id: 'endpoint-secret-unreadable',
    scope: 'any',
    pattern:
      /Secret not found|secret has no payload|Provided secret id is invalid|Secret (?:payload )?retrieval attempt not allowed|review your user\/project privileges/i,
    title: "The endpoint's secret cannot be read",
    cause:
      "The endpoint's connection data live in a Barbican secret that is deleted, expired, empty or not readable for this user.",
    remedy:
      "Restore the secret and update the endpoint's reference, or give the user the Barbican role or ACL entry; then run again.",
    category: 'credentials',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'keystone-trust-failed',
    scope: 'any',
    pattern:
      /Trustee authentication failed|Could not find trust|Using a delegated token to create another token is not allowed|Trust roles cannot be delegated/i,
    title: 'Keystone trust not possible',
    cause:
      'Coriolis could not make or use the Keystone trust: application credential, disabled user, removed role, or wrong service password.',
    remedy:
      'Log in with user name and password of an enabled member of the project; for schedules recreate them as that user.',
    category: 'credentials',
    retry: 'after_fix',
    evidence: 'code',
  },
  {
    id: 'policy-denied',
    scope: 'api',
    pattern: /Policy doesn't allow \S+ to be performed|User does not have admin privileges/i,
    title: "The user's role does not allow this",
    cause: "The user's role does not allow this call.",
    remedy: 'Use an account with the needed role in this project or ask an administrator.',
    category: 'credentials',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'object-in-use',
    scope: 'api',
    pattern:
      /\d+ (?:transfers|replicas) would be orphaned|Another tasks execution is in progress|is currently being deployed|Cannot delete .{0,160}as it is currently in '?[A-Z_]+'? state/i,
    title: 'Still in use',
    cause:
      'An execution or deployment of the transfer is still active, or live transfers still refer to the endpoint (a 403 that is no rights problem).',
    remedy: 'Wait for the run (or cancel it); before deleting an endpoint delete or move its transfers.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'no-replicated-disks',
    scope: 'any',
    pattern:
      /must have been executed successfully at least once|has never been executed|doesn't contain volumes information for instance|does not have volumes information for any|No volumes information present/i,
    title: 'No transferred disks',
    cause:
      'The transfer was never synced successfully, or its disks are gone (deleted, or consumed by a deployment without clone); force does not help.',
    remedy: 'Execute the transfer, wait for COMPLETED (a full copy when the disks are gone), then deploy.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'licence-fulfilled',
    scope: 'api',
    pattern:
      /has already been fulfilled on|reservation with ID \S+ already exists and has been marked as fulfilled/i,
    title: 'Licence of the live migration is used up',
    cause: "The live migration's licence was consumed by its completed deployment.",
    remedy:
      'Create a new live-migration transfer (uses another licence) or use scenario replica for repeated runs.',
    category: 'licence',
    retry: 'no',
    evidence: 'code',
    document: 'guides/coriolis-license.md',
  },
  {
    id: 'licence-unavailable',
    scope: 'api',
    pattern:
      /\blicen[cs](?:e|es|ing)\b.{0,160}\b(?:expired|exceeded|exhausted|insufficient|invalid|not (?:enough|available|found|valid)|no (?:more|valid|active|available))\b|\b(?:no (?:more|valid|active|available)|not enough|insufficient|expired)\b.{0,80}\blicen[cs](?:e|es)\b|More than one appliance IDs found/i,
    title: 'No licence available',
    cause:
      'No valid licence with enough free units for this scenario and number of VMs (or the licensing service is confused about the appliance).',
    remedy:
      'Check licence period and free migrations/replicas; add a licence, or free reservations by deleting disks and then the transfer.',
    category: 'licence',
    retry: 'after_fix',
    evidence: 'assumed',
    document: 'guides/coriolis-license.md',
  },
  {
    id: 'options-schema',
    scope: 'any',
    pattern:
      /Schema validation for the provided connection parameters has failed|Invalid (?:source|destination)(?: minion pool)? environment|Schema validation failed|Failed to validate JSON schema|is not valid under any of the given schemas/i,
    title: 'An option is missing or wrong',
    cause:
      "An option or connection field is missing, unknown or of the wrong type; the text before 'Failed validating' names it.",
    remedy: 'Correct that field against the live provider schema (real booleans, no unknown keys).',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'pool-not-usable',
    scope: 'any',
    pattern:
      /Minion Pool '[^']*' is an invalid state|minion pool .{0,160}(?:belongs to a different Coriolis endpoint|is configured as a|is of OS type)|OSMorphing pool mappings were provided for instances .{0,200}not part of|Source Minion Pools are required to be of OS type|Minion (?:machines for )?pool '[^']*' cannot be \w+ as (?:the pool|it) is in|has one or more machines which are in an active state|minion machine (?:with ID )?'[^']*'.{0,120}(?:is in '|appears to be allocated|were missing)|has refused minion machine allocations/i,
    title: 'Minion pool not usable',
    cause:
      'The pool or one of its machines is in the wrong state, or the pool belongs to another endpoint, side or OS type.',
    remedy:
      'Choose a matching pool and bring it to ALLOCATED (refresh, or deallocate and allocate again), then run again.',
    category: 'worker/infrastructure',
    retry: 'after_fix',
    evidence: 'recording',
    document: 'features/minion-pools-creation-and-management.md',
  },
  {
    id: 'pool-too-small',
    scope: 'any',
    pattern:
      /lower maximum minion count|unable to accommodate the requested number of machines|No minion machines were available for allocation/i,
    title: 'Minion pool too small',
    cause: 'More instances than the pool can serve now.',
    remedy: "Raise the pool's maximum, split the transfer, or wait until machines are free.",
    category: 'capacity/quota',
    retry: 'after_fix',
    evidence: 'code',
  },
];
