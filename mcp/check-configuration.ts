import { isCoriolisError } from '../src/api/errors';
import { catalogueRegionsToChoose } from '../src/api/service-catalogue';
import { loginSettingVariables } from '../src/api/login-settings';
import { openCoriolisAccess } from './connection/coriolis-access';
import { formatCount } from '../src/model/display-texts';
import type { HttpOptions } from './configuration/http-options';
import type { SharedDependencies } from './mcp-server-factory';
import { makeToolsAndInstructions } from './mcp-server-factory';
import { localFileAccess, prepareLogin } from './shared-dependencies';
import { estimateTokens } from './results/estimate-tokens';

/** Result of `--check`. */
export interface ConfigurationCheckResult {
  /** True when the server would start with this configuration and could log in. */
  readonly passes: boolean;
  /** Lines for a person: what would be served, or the first problem and what to do. */
  readonly lines: readonly string[];
}

/**
 * Tests the configuration without serving: logs in, detects the API generation, and opens the audit log and the
 * files of tokens and keys. Never throws: the first problem is in the lines.
 */
export async function checkConfiguration(service: SharedDependencies): Promise<ConfigurationCheckResult> {
  const lines: string[] = [];
  const say = (subject: string, words: string): void => void lines.push(`${subject.padEnd(12)}${words}`);
  try {
    await checkLogin(service, say);
    await checkServing(service, say);
    return { passes: true, lines };
  } catch (error) {
    say('Fails', error instanceof Error ? error.message : 'unknown');
    if (isCoriolisError(error) && error.advice !== undefined) say('', error.advice);
    return { passes: false, lines };
  }
}

type AddLine = (subject: string, words: string) => void;

async function checkLogin({ options, telemetry }: SharedDependencies, say: AddLine): Promise<void> {
  const access = await openCoriolisAccess(await prepareLogin(options), localFileAccess, telemetry);
  const { keystone, connection, coriolis } = access;
  const token = await keystone.fetchToken();
  const { userName, projectName, projectId, roles } = token;
  const { identity } = connection;
  if ('authUrl' in identity) say('Keystone', identity.authUrl);
  else say('Appliance', identity.appliance);
  say('Logged in', `user ${userName}, project ${projectName} (${projectId}), roles ${roles.join(', ')}`);
  if (identity.method === 'application_credential') {
    say('', 'An application credential can read, but Coriolis cannot start work with it.');
  }
  say('Coriolis', await keystone.fetchCoriolisAddress());
  // An appliance's configuration has the address of its Coriolis, so there is no region to choose.
  const regions = 'authUrl' in identity ? catalogueRegionsToChoose(token, connection.selection) : [];
  if (regions.length > 0) {
    say('', `This is the first of ${formatCount(regions.length, 'region')}: ${regions.join(', ')}.`);
    say('', `Name the one you mean with ${loginSettingVariables.region_name.join(' or ')}.`);
  }
  say('Speaks', `the ${await coriolis.client.detectGeneration()} API`);
}

async function checkServing(
  { options, getConfirmationTokens: confirmations, getAuditLog: audit, log }: SharedDependencies,
  say: AddLine,
): Promise<void> {
  const { permissions, http, auditFile } = options;
  const { listed } = makeToolsAndInstructions(options, permissions);
  const tokens = estimateTokens(
    JSON.stringify(listed.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))),
  );
  say('Allows', permissions.destroy ? 'read, write, destroy' : permissions.write ? 'read, write' : 'read');
  say('Toolsets', [...options.toolsets, ...options.tools].join(', '));
  say('Tools', `${listed.length}, about ${tokens} tokens`);
  await confirmations();
  if (auditFile !== undefined) {
    await (await audit()).requireWritable();
    say('Audit', auditFile);
  }
  say('Serves', http === undefined ? 'standard input and output' : await describeHttp(http, log));
}

async function describeHttp(http: HttpOptions, log: SharedDependencies['log']): Promise<string> {
  const { createAuthentication } = await import('./http/authentication');
  await createAuthentication(http, log);
  const guards = [
    ...(http.tokensFile === undefined ? [] : [`the tokens of ${http.tokensFile}`]),
    ...(http.oauth === undefined ? [] : [`tokens of ${http.oauth.issuer} for ${http.oauth.audience}`]),
  ];
  return `HTTP on ${http.host}:${http.port}, to ${guards.length === 0 ? 'everybody on this machine' : guards.join(' and ')}`;
}
