import { withoutUndefined } from '../../src/model/json';
import { makeSandboxCredentialFields } from '../../tools/n8n/n8n-client';
import { locator, sharedN8n, type Shared, type SharedN8nClient } from './lab';

/** What n8n's editor asks the packed nodes for, over the API that the editor uses. */

let client: SharedN8nClient;
let given: Shared;
beforeAll(async () => {
  ({ client, ...given } = await sharedN8n());
});

interface Choices {
  results: { name: string; value: string }[];
  paginationToken?: string;
}

const search = async (
  operation: [resource: string, name: string],
  path: string,
  method: string,
  more: { filter?: string; paginationToken?: string; parameters?: Record<string, unknown> } = {},
): Promise<Choices> =>
  (await client.requestChoices(
    'list',
    'coriolis',
    {
      path,
      method,
      ...more,
      parameters: { resource: operation[0], operation: operation[1], ...more.parameters },
    },
    given.credential,
  )) as Choices;

test('n8n has loaded both nodes, and made a tool of the first', async () => {
  const ours = (await client.fetchNodeTypes()).filter((name) => name.startsWith('n8n-nodes-coriolis.'));

  expect(ours.sort()).toEqual([
    'n8n-nodes-coriolis.coriolis',
    'n8n-nodes-coriolis.coriolisTool',
    'n8n-nodes-coriolis.coriolisTrigger',
  ]);
});

describe('the test of the credential', () => {
  const test_ = (changes: Record<string, unknown>) =>
    client.testCredential(given.credential, { ...makeSandboxCredentialFields(given.sandbox), ...changes });

  test('accepts the right password', async () => {
    expect(await test_({})).toEqual({ status: 'OK', message: expect.any(String) });
  });

  test('says that a password is wrong, and for whom, without telling it', async () => {
    const answer = await test_({ password: 'not-the-password' });

    expect(answer).toEqual({
      status: 'Error',
      message: expect.stringMatching(/Keystone refused user "demo".*Check the password/),
    });
    expect(JSON.stringify(answer)).not.toContain('not-the-password');
  });
});

describe('lists to choose from', () => {
  test('are shown page by page, to their end, each entry once', async () => {
    const pages: Choices[] = [];
    do {
      const { paginationToken } = pages.at(-1) ?? {};
      pages.push(
        await search(['transfer', 'get'], 'transferId', 'searchTransfer', {
          ...withoutUndefined({ paginationToken }),
        }),
      );
    } while (pages.at(-1)?.paginationToken !== undefined && pages.length < 20);

    const ids = pages.flatMap(({ results }) => results.map(({ value }) => value));
    expect(pages.length).toBeGreaterThan(2);
    expect(ids.length).toBeGreaterThan(250);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('are narrowed by what a person types', async () => {
    const { results } = await search(['endpoint', 'get'], 'endpointId', 'searchEndpoint', {
      filter: 'OPENST',
    });

    expect(results).toEqual([{ name: expect.stringContaining('openstack'), value: expect.any(String) }]);
  });

  test('depend on what was chosen before', async () => {
    const { results } = await search(['execution', 'get'], 'executionId', 'searchExecutionInTransferId', {
      parameters: { transferId: locator(await executedTransfer()) },
    });

    expect(results.length).toBeGreaterThan(0);
    expect(results[0]?.name).toMatch(/COMPLETED|ERROR/i);
  });

  test('say in words why they are empty', async () => {
    const missing = '11111111-2222-4333-8444-555555555555';

    const asked = search(['instance', 'get'], 'instance', 'searchInstanceInEndpointId', {
      parameters: { endpointId: locator(missing) },
    });

    await expect(asked).rejects.toThrow(missing);
  });
});

test('the form of an environment is that of the provider', async () => {
  const { fields } = (await client.requestChoices(
    'mapper',
    'coriolis',
    {
      path: 'destinationEnvironment',
      method: 'mapDestinationInDestinationEndpointId',
      parameters: {
        resource: 'transfer',
        operation: 'create',
        destinationEndpointId: { __rl: true, mode: 'name', value: 'openstack' },
      },
    },
    given.credential,
  )) as { fields: { id: string; required: boolean }[] };

  expect(fields).toContainEqual(expect.objectContaining({ id: 'migr_network' }));
});

/** The id of a transfer that has run. */
async function executedTransfer(): Promise<string> {
  const { results } = await search(['transfer', 'get'], 'transferId', 'searchTransfer', {
    filter: 'completed',
  });
  const [first] = results;
  if (first === undefined) throw new Error('the sandbox has no transfer that completed');
  return first.value;
}
