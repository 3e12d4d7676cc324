import type { SetUps } from '../replay';
import { authentication } from './authentication';
import { barbican } from './barbican';
import { command } from './command';
import { deployment } from './deployment';
import { endpoint } from './endpoint';
import { execution } from './execution';
import { keystone } from './keystone';
import { logger } from './logger';
import { legacy } from './legacy';
import { legacyCommands } from './legacy-commands';
import { minionPool } from './minion-pool';
import { provider } from './provider';
import { region } from './region';
import { routing } from './routing';
import { schedule } from './schedule';
import { service } from './service';
import { transfer } from './transfer';

/** The set-ups of all recordings, by what they are about. A new recording gets a line in one of these. */
export const SET_UPS: Readonly<Record<string, SetUps>> = {
  keystone,
  authentication,
  routing,
  provider,
  endpoint,
  transfer,
  execution,
  deployment,
  schedule,
  'minion-pool': minionPool,
  command,
  region,
  service,
  legacy,
  legacyCommands,
  logger,
  barbican,
};
