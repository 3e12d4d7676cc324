import type { JsonObject } from '../../json-object';
import { WORKER_HOST } from '../model';

/** Processes of a Coriolis that has one of each kind, all on one machine (recorded). */
const APPLICATIONS = [
  'coriolis-conductor',
  'coriolis-transfer-cron',
  'coriolis-deployer-manager',
  'coriolis-minion-manager',
  'coriolis-scheduler',
  'coriolis-api',
  'coriolis-worker',
];

const OPERATING_SYSTEM = [
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  'NAME="Debian GNU/Linux"',
  'VERSION_ID="12"',
  'VERSION="12 (bookworm)"',
  'VERSION_CODENAME=bookworm',
  'ID=debian',
  '',
];

/** Diagnostics of one process of Coriolis (docs/reference/coriolis-api.md §6.7). */
export function diagnosticsOfProcess(application: string, hostname: string): JsonObject {
  const address = { addr: '192.0.2.10', netmask: '255.255.255.0', broadcast: '192.0.2.255' };
  return {
    application,
    packages: ['alembic==1.8.1', 'coriolis==1.2.7', 'keystoneauth1==5.0.0', 'oslo.messaging==14.0.0'],
    os_info: OPERATING_SYSTEM,
    hostname,
    ip_addresses: [{ eth0: { ipv4: [address], ipv6: null } }],
    release_tag: 'latest',
  };
}

export function diagnosticsOfAllProcesses(): JsonObject[] {
  return APPLICATIONS.map((application) => diagnosticsOfProcess(application, WORKER_HOST));
}
