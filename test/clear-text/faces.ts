import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startUser } from '../mcp/support/client';
import { bare } from '../mcp/support/server';
import { chain, items } from '../support/engine';
import { credentialType, type Lab } from '../engine/lab';

/** A login as `OS_*` variables; one without `OS_AUTH_URL` names an appliance. */
export type Login = Readonly<Record<string, string>>;

/** What a caller is told: the rows, or the words of the error. */
export type Told = { readonly rows: number } | { readonly error: string };

/** Calls that each face can make: two reads, and a change. */
export type What = 'endpoints' | 'logs' | 'region';

export const FACES = ['the library', 'the MCP server', 'n8n'] as const;
export type FaceName = (typeof FACES)[number];

/** Makes a call with a login of its own, over the built product, trusting one more certificate. */
export type Face = (login: Login, what: What) => Promise<Told>;

/** The three faces of the built product. */
export function facesOf(lab: Lab, cert: string) {
  const folder = mkdtempSync(join(tmpdir(), 'clear-text-'));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, cert);
  const faces: Readonly<Record<FaceName, Face>> = {
    'the library': fromLibrary(caFile),
    'the MCP server': fromMcp(caFile),
    n8n: fromNode(lab, cert),
  };
  return { faces, close: () => rmSync(folder, { recursive: true }) };
}

const LIBRARY = join(__dirname, '../../dist/library/index.js');

const PROGRAM = `
  const { connect } = require(${JSON.stringify(LIBRARY)});
  const coriolis = connect({ environment: process.env });
  const calls = {
    endpoints: () => coriolis.endpoints.list().toArray(),
    logs: () => coriolis.logs.list().toArray(),
    region: async () => [await coriolis.regions.create({ name: 'made over https' })],
  };
  calls[process.env.WHAT]().then(
    (rows) => console.log(JSON.stringify({ rows: rows.length })),
    (error) => console.log(JSON.stringify({ error: error.message + ' ' + (error.advice ?? '') })),
  );`;

const fromLibrary =
  (caFile: string): Face =>
  async (login, what) => {
    const env = { ...bare, ...login, WHAT: what, NODE_EXTRA_CA_CERTS: caFile };
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROGRAM], { env });
    return JSON.parse(stdout) as Told;
  };

const fromMcp =
  (caFile: string): Face =>
  async (login, what) => {
    const user = await startUser({
      env: { ...bare, ...login, OS_CACERT: caFile },
      args: ['--allow-write', '--toolsets', 'all'],
    });
    try {
      const [tool, given] = {
        endpoints: ['list_endpoints', {}] as const,
        logs: ['list_logs', {}] as const,
        region: ['create_region', { name: 'made over https' }] as const,
      }[what];
      const { isError, text, structured } = await user.call(tool, given);
      return isError ? { error: text } : { rows: what === 'region' ? 1 : structured.rows.length };
    } finally {
      await user.close();
    }
  };

const fromNode =
  (lab: Lab, cert: string): Face =>
  async (login, what) => {
    const { engine } = lab;
    const { id, name } = engine.credentials.add(credentialType, { ...formOf(login), caPem: cert });
    const [operation, given] = {
      endpoints: ['endpoint.getAll', { returnAll: true }] as const,
      logs: ['log.getAll', { returnAll: true }] as const,
      region: ['region.create', { name: 'made over https' }] as const,
    }[what];
    const node = { ...lab.coriolis(operation, given), credentials: { [credentialType]: { id, name } } };
    const result = await engine.runWorkflow(chain(items({}), node));
    const { error } = result;
    return error === undefined
      ? { rows: result.rows('Coriolis').length }
      : { error: `${error.message} ${error.description ?? ''}` };
  };

/** The same login in n8n's credential: pasted, as people do with such files. */
const formOf = (login: Login) => ({
  keystoneBy: 'pasted',
  pastedSecret: Object.entries(login)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join('\n'),
});
