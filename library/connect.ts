import { CoriolisClient, type RetryPolicy } from '../src/api/coriolis-client';
import { InvalidInputError } from '../src/api/errors';
import { loginFromSettings, serverAndProjectKeyOf } from '../src/api/login-from-settings';
import { makeKeystoneSession } from '../src/api/keystone-session';
import {
  loginSettingsFromVariables,
  mergeLoginSettings,
  loginSettingVariables,
  type EnvironmentVariables,
  type LoginSettingName,
  type LoginSettings,
} from '../src/api/login-settings';
import type { Transport } from '../src/api/transport';
import type { Coriolis } from '../src/api/operation-context';
import type { Runtime } from '../src/api/core-runtime';
import { toCamelCase, type CamelCase } from './member-names';
import { makeMethods, type Groups } from './methods';
import { defaultRuntime, makeDefaultTransport } from './connect-defaults';
import { watchEvents, type WatchBatch, type WatchSettings } from './watch-events';
import { watchWave, type WaveBoard, type WaveWatchSettings } from './watch-wave';

/** Login settings without TLS, which belongs to the transport. */
type LoginSetting = Exclude<LoginSettingName, 'cacert' | 'insecure' | 'cert' | 'key'>;

/** Login options, named as in `clouds.yaml` but in camel case. */
export type LoginOptions = { readonly [Name in LoginSetting as CamelCase<Name>]?: string | undefined };

/** Options of `connect()`: login, transport, runtime, retries. */
export interface ConnectOptions extends LoginOptions {
  /** `OS_*` variables, such as `process.env`. Other options override them. */
  readonly environment?: EnvironmentVariables | undefined;
  /** Transport for requests. Default: the global `fetch`. */
  readonly transport?: Transport | undefined;
  /** Clock, sleep and random numbers. Default: those of the platform. */
  readonly runtime?: Runtime | undefined;
  /** Retries of reads after network errors. */
  readonly retry?: Partial<RetryPolicy> | undefined;
}

/** Access to one project of a Coriolis: a group of methods for each resource, and a watch for events. */
export interface CoriolisApi extends Groups {
  /** Yields events: executions and deployments that end, or other kinds (docs/core.md). */
  readonly watch: (settings?: WatchSettings) => AsyncGenerator<WatchBatch, void>;
  readonly waves: Groups['waves'] & {
    /** Yields the boards of a wave until it ends (docs/waves.md). */
    readonly watch: (settings: WaveWatchSettings) => AsyncGenerator<WaveBoard, void>;
  };
}

/**
 * Connects to Coriolis. Nothing is sent before the first call, which logs in; one login serves all calls.
 * @throws {InvalidInputError} naming every setting of the login that is missing
 */
export function connect(options: ConnectOptions): CoriolisApi {
  const {
    environment = {},
    transport = makeDefaultTransport(),
    runtime = defaultRuntime,
    retry,
    ...given
  } = options;
  const login = loginFromSettings(
    mergeLoginSettings(loginSettingsFromVariables(environment), settingsOf(given)),
    {
      nameOf: (setting) => `${toCamelCase(setting)} (${loginSettingVariables[setting][0]})`,
      advice: 'Give them to connect() as options, or as variables of its environment.',
    },
  );
  const session = makeKeystoneSession({ ...login, transport, runtime });
  const client = new CoriolisClient({
    transport: session,
    runtime,
    retry,
  });
  const coriolis: Coriolis = { ...runtime, client };
  const groups = makeMethods(coriolis);
  return {
    ...groups,
    waves: { ...groups.waves, watch: (settings) => watchWave(coriolis, groups.waves.get, settings) },
    watch: (settings = {}) => watchEvents(coriolis, serverAndProjectKeyOf(login), settings),
  };
}

const settingByOption: ReadonlyMap<string, LoginSettingName> = new Map(
  (Object.keys(loginSettingVariables) as LoginSettingName[]).map((name) => [toCamelCase(name), name]),
);

/**
 * Converts options to login settings.
 * @throws {InvalidInputError} an option that does not exist: a misspelled one must not be ignored
 */
function settingsOf(given: LoginOptions): LoginSettings {
  const settings: Record<string, string> = {};
  for (const [option, value] of Object.entries(given)) {
    const name = settingByOption.get(option);
    if (name === undefined) {
      throw new InvalidInputError(`connect() has no option ${option}.`, {
        field: option,
        advice: `It has environment, transport, runtime, retry, ${[...settingByOption.keys()].join(', ')}.`,
      });
    }
    if (value !== undefined && value !== '') settings[name] = value;
  }
  return settings;
}
