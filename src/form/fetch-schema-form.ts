import { isCoriolisError, NotFoundError } from '../api/errors';
import type { Coriolis } from '../api/operation-context';
import type { FormField } from '../vocabulary/field';
import { omitKeys, type JsonObject } from '../model/json';
import { isSecretName } from '../model/secret-names';
import { formFieldsOfSchema, formValueOf, type SchemaField } from '../model/form-from-schema';
import type { ProviderOption } from '../model/api-objects';
import { fetchOne } from '../requests/object-requests';
import { fetchProviderOptions, type ProviderOptionSide } from '../resources/endpoint-platform';
import { fetchPlatformSchema, type PlatformSchemaKind } from '../resources/provider';

/** Form for a field whose value a provider's schema describes. */
export interface SchemaForm {
  readonly fields: readonly SchemaField[];
  /** Reason why the form is empty; undefined for a form with fields. */
  readonly notice?: string;
}

/** Facts that determine a form: the platform and kind of its schema, and the endpoint whose platform offers choices. */
interface FormSource {
  readonly platform: string;
  readonly kind: PlatformSchemaKind;
  readonly endpointId?: string;
  /** Present values, when an object is updated. No entry is required then. */
  readonly present?: JsonObject;
}

/**
 * Properties that get no entry in the form. Some destination schemas list them, but they have inputs of their own
 * (docs/reference/coriolis-api.md §11.4).
 */
const SEPARATE_INPUTS = ['network_map', 'storage_mappings'];

/**
 * Makes the form of a field from the schema of a platform.
 * @param parents inputs that determine the platform and so the schema, with names resolved to ids
 * @param filled values entered so far, because some platforms offer choices only once other values are known
 *   (docs/reference/coriolis-api.md §6.3)
 */
export async function fetchSchemaForm(
  coriolis: Coriolis,
  field: Pick<FormField, 'schema' | 'within'>,
  parents: Readonly<Record<string, unknown>>,
  filled: JsonObject = {},
): Promise<SchemaForm> {
  const { platform, kind, endpointId, present } = await findFormSource(coriolis, field, parents);
  const schema = await findSchema(coriolis, platform, kind);
  if (schema === undefined) return { fields: [], notice: `The platform ${platform} has no form for this.` };
  const offers =
    endpointId === undefined ? [] : await fetchOffers(coriolis, endpointId, kind, present, filled);
  const entries = formFieldsOfSchema(schema, offers, SEPARATE_INPUTS);
  if (entries.length === 0)
    return { fields: entries, notice: `The platform ${platform} has no options here.` };
  return {
    fields: present === undefined ? entries : entries.map((entry) => asOptionalEntry(entry, present)),
  };
}

/** Makes an entry of a form that changes an object: optional, with the present value as its default. */
function asOptionalEntry(entry: SchemaField, present: JsonObject): SchemaField {
  const value = formValueOf(present, entry);
  const changed = { ...omitKeys(entry, 'default'), required: false };
  return value === undefined ? changed : { ...changed, default: value };
}

async function findFormSource(
  coriolis: Coriolis,
  { schema, within }: Pick<FormField, 'schema' | 'within'>,
  parents: Readonly<Record<string, unknown>>,
): Promise<FormSource> {
  const parent = String(parents[within] ?? '');
  if (schema === 'connection') {
    return within === 'endpointId'
      ? { platform: (await fetchOne(coriolis, 'endpoint', parent)).type, kind: 'connection', present: {} }
      : { platform: parent, kind: 'connection' };
  }
  if (schema === 'minionPool') return await poolFormSource(coriolis, within, parent, parents['platform']);
  if (within !== 'transferId') return await endpointFormSource(coriolis, schema, parent);
  const transfer = await fetchOne(coriolis, 'transfer', parent);
  const [id, present] =
    schema === 'source'
      ? [transfer.origin_endpoint_id, transfer.source_environment]
      : [transfer.destination_endpoint_id, transfer.destination_environment];
  return { ...(await endpointFormSource(coriolis, schema, id)), present: present ?? {} };
}

async function endpointFormSource(
  coriolis: Coriolis,
  kind: PlatformSchemaKind,
  endpointId: string,
): Promise<FormSource & { readonly endpointId: string }> {
  return { platform: (await fetchOne(coriolis, 'endpoint', endpointId)).type, kind, endpointId };
}

async function poolFormSource(
  coriolis: Coriolis,
  within: string,
  parent: string,
  side: unknown,
): Promise<FormSource> {
  const kindOf = (platform: unknown): PlatformSchemaKind =>
    platform === 'destination' ? 'destination_minion_pool' : 'source_minion_pool';
  if (within === 'endpointId') return await endpointFormSource(coriolis, kindOf(side), parent);
  const pool = await fetchOne(coriolis, 'minionPool', parent);
  const origin = await endpointFormSource(coriolis, kindOf(pool.platform), pool.endpoint_id);
  return { ...origin, present: pool.environment_options };
}

/**
 * Reads a schema; undefined when the platform has none of this kind, which the server answers with 404 or an empty
 * answer (docs/reference/coriolis-api.md §6.1).
 */
async function findSchema(
  coriolis: Coriolis,
  platform: string,
  kind: PlatformSchemaKind,
): Promise<JsonObject | undefined> {
  return await fetchPlatformSchema(coriolis, platform, kind).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
}

/**
 * Reads the choices that the platform offers, given the values known so far. When the platform cannot answer, there are
 * none, and the form takes free text.
 */
async function fetchOffers(
  coriolis: Coriolis,
  endpointId: string,
  kind: PlatformSchemaKind,
  present: JsonObject | undefined,
  filled: JsonObject,
): Promise<readonly ProviderOption[]> {
  // The environment is sent in the URL, so secrets are left out.
  const environment = Object.fromEntries(
    Object.entries({ ...present, ...filled }).filter(
      ([name]) => !SEPARATE_INPUTS.includes(name) && !isSecretName(name),
    ),
  );
  const known = Object.keys(environment).length === 0 ? undefined : environment;
  return await fetchProviderOptions(coriolis, endpointId, kind as ProviderOptionSide, undefined, known).catch(
    (error: unknown) => {
      if (isCoriolisError(error) && error.kind !== 'authentication' && error.kind !== 'canceled') return [];
      throw error;
    },
  );
}
