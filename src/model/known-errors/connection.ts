import { VMWARE_TYPE_PATTERN } from './platform-patterns';
import type { KnownError } from './known-error';

/**
 * Known errors of credentials, certificates, networks, the platform's API and the worker process, in matching order.
 * Their patterns are generic, so they are tried last.
 */
export const connectionErrors: readonly KnownError[] = [
  {
    id: 'endpoint-credentials',
    scope: 'any',
    pattern:
      /Invalid credentials|incorrect user name or password|InvalidLogin|authentication failed for user|The request you have made requires authentication|\(HTTP 401\)|InvalidClientTokenId|AuthFailure\b/i,
    title: 'Platform rejected the credentials',
    cause: 'The platform (or Keystone) rejected user name, password or token.',
    remedy:
      'Validate the endpoint, renew its credentials, check that the account is not locked; then run again.',
    category: 'credentials',
    retry: 'after_fix',
    evidence: 'recording',
  },
  {
    id: 'platform-permission',
    scope: 'any',
    pattern:
      /Permission to perform this operation was denied|NoPermission\b|privilege ?Id|not authorized to perform|\(HTTP 403\)|AuthorizationFailed|UnauthorizedOperation/i,
    title: 'Account lacks a privilege',
    cause: 'Log-in works, but the account lacks a privilege for this operation.',
    remedy: 'Grant the documented privileges on VM, datastore, network and snapshots; then run again.',
    category: 'credentials',
    retry: 'after_fix',
    evidence: 'vendor',
    platformWords: { platform: VMWARE_TYPE_PATTERN, document: 'platforms/vmware-as-a-source-cloud.md' },
  },
  {
    id: 'tls-untrusted',
    scope: 'any',
    pattern:
      /CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSL thumbprint mismatch|self[- ]signed certificate|hostname .{0,80}doesn't match|WRONG_VERSION_NUMBER/i,
    title: 'Certificate not trusted',
    cause: "The platform's certificate is not trusted, expired or for another name.",
    remedy:
      'Install the CA on the appliance or set allow_untrusted on the endpoint, and use the name in the certificate.',
    category: 'configuration',
    retry: 'after_fix',
    evidence: 'vendor',
    document: 'guides/coriolis-endpoints.md',
  },
  {
    id: 'dns-failure',
    scope: 'any',
    pattern:
      /Name or service not known|Temporary failure in name resolution|getaddrinfo failed|Could not resolve host|no such host|No address associated with hostname|\[Errno -[235]\]|NameResolutionError/i,
    title: 'Host name cannot be resolved',
    cause: 'The appliance (or a worker) cannot resolve a host name.',
    remedy:
      'Correct DNS, or add hosts entries on the appliance for the platform and its hosts; then run again.',
    category: 'network',
    retry: 'after_fix',
    evidence: 'doc',
    platformWords: {
      platform: VMWARE_TYPE_PATTERN,
      cause: 'The appliance (or a worker) cannot resolve a host name; usually an ESXi host.',
      remedy:
        'Correct DNS, or add hosts entries on the appliance for vCenter and all ESXi hosts; then run again.',
      document: 'platform-notes/vmware-plugin-known-issues.md',
    },
  },
  {
    id: 'endpoint-unreachable',
    scope: 'any',
    pattern:
      /No route to host|Network is unreachable|Host is unreachable|\[Errno (?:101|113)\]|Destination Host Unreachable|Connection refused|\[Errno 111\]|actively refused/i,
    title: 'Platform or worker not reachable',
    cause: 'No network path to the platform or worker, or nothing listens on that port.',
    remedy: 'Check host, port, routing and firewall from the appliance (documented ports); then run again.',
    category: 'network',
    retry: 'after_fix',
    evidence: 'recording',
    document: 'reference/coriolis-network-ports-requirements.md',
  },
  {
    id: 'connection-broken',
    scope: 'any',
    pattern:
      /connection reset by peer|\[Errno (?:104|32)\]|Broken pipe|RemoteDisconnected|Connection aborted|EOF occurred in violation of protocol|Server disconnected|IncompleteRead|Connection timed out|\[Errno 110\]|ConnectTimeout|ReadTimeout|Read timed out|Gateway Time-?out|\(HTTP 504\)|Max retries exceeded with url/i,
    title: 'Connection broke',
    cause:
      'An established connection broke, or the other side did not answer in time (dropped packets, overload).',
    remedy: "Retry; if it returns check firewalls' idle timeouts, MTU and load on both sides.",
    category: 'network',
    retry: 'yes',
    evidence: 'recording',
    document: 'reference/coriolis-network-ports-requirements.md',
  },
  {
    id: 'platform-unavailable',
    scope: 'any',
    pattern:
      /\(HTTP 50[023]\)|Service Unavailable|Bad Gateway|A general system error occurred|The server is currently unavailable/i,
    title: "Platform's API failed",
    cause: "The platform's API failed internally.",
    remedy: "Check the platform's health, wait, retry.",
    category: 'platform',
    retry: 'yes',
    evidence: 'vendor',
  },
  {
    id: 'process-ended-or-cancelled',
    scope: 'cancel',
    pattern: /^Task was canceled\.?$/i,
    title: 'Canceled, or the worker process died',
    cause:
      "Either a user canceled, or the task's process on the worker died without a result (crash, out of memory, disk library); the text is the same.",
    remedy: 'If nobody canceled: look at the worker log; clean up, then run again.',
    category: 'worker/infrastructure',
    retry: 'after_fix',
    evidence: 'code',
    platformWords: {
      platform: VMWARE_TYPE_PATTERN,
      remedy:
        'If nobody canceled: look at the worker log, check DNS and TCP 902 to all ESXi hosts; clean up, then run again.',
      document: 'platform-notes/vmware-plugin-known-issues.md',
    },
  },
];
