import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { networkErrorToCoriolisError } from '../../../nodes/login/network-error';
import { toNodeError } from '../../../nodes/render/node-error';
import { ConflictError, InvalidInputError, NotFoundError, UnreachableError } from '../../../src/api/errors';

const node: INode = {
  id: '1',
  name: 'Coriolis',
  type: 'n8n-nodes-coriolis.coriolis',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

describe('an error of the core as n8n shows it', () => {
  const id = '5f0a1b2c-0000-4000-8000-00000000dead';

  test('an answer is a sentence and an advice; request and request id are folded below', () => {
    const shown = toNodeError(
      node,
      new NotFoundError(`Transfer with ID '${id}' not found. (GET /transfers/${id}, HTTP 404)`, {
        status: 404,
        advice: 'Check the id.',
        requestId: 'req-1',
      }),
      { itemIndex: 3 },
    );

    expect(shown).toBeInstanceOf(NodeApiError);
    expect(shown).toMatchObject({
      message: `Transfer with ID '${id}' not found.`,
      description: 'Check the id.',
      httpCode: '404',
      context: { itemIndex: 3, data: { request: `GET /transfers/${id}, HTTP 404`, request_id: 'req-1' } },
    });
  });

  test.each([
    [`Transfer with ID '${id}' not found`, 'Transfer "Shop $& db" not found'],
    [`Transfer ${id} is busy; ask ${id} again`, 'Transfer "Shop $& db" is busy; ask "Shop $& db" again'],
    [`The endpoint id: ${id.toUpperCase()} is used`, 'The endpoint "Shop $& db" is used'],
    ['Nothing is named here', 'Nothing is named here'],
  ])('%s: names stand for ids', (message, expected) => {
    const names = new Map([[id, 'Shop $& db']]);

    const shown = toNodeError(node, new NotFoundError(message, { status: 404, advice: `Look at ${id}.` }), {
      names,
    });

    expect(shown.message).toBe(expected);
    expect(shown.description).toBe('Look at "Shop $& db".');
  });

  test('the ids that names stand for are folded below', () => {
    const names = new Map([
      [id, 'Shop'],
      ['5f0a1b2c-0000-4000-8000-00000000beef', 'Not meant'],
    ]);

    const shown = toNodeError(node, new ConflictError(`Transfer ${id} is busy`, { status: 409 }), { names });

    expect(shown.context['data']).toEqual({ ids: { Shop: id } });
  });

  test('a sentence that has nothing to fold has no details', () => {
    expect(
      toNodeError(node, new InvalidInputError('Name is missing (see below).')).context,
    ).not.toHaveProperty('data');
  });

  test('bad input is no answer of an API', () => {
    expect(toNodeError(node, new InvalidInputError('Name is missing.'))).toBeInstanceOf(NodeOperationError);
  });

  test('words that n8n takes for an error code stay what they are', () => {
    const message = 'The worker said: connect ECONNREFUSED 10.0.0.7:22';

    expect(toNodeError(node, new NotFoundError(message, { status: 404 })).message).toBe(message);
    expect(toNodeError(node, new InvalidInputError(message)).message).toBe(message);
  });
});

describe('trouble below HTTP', () => {
  const coded = (code: string, cause?: Error) =>
    Object.assign(new Error(`raw ${code}`, cause === undefined ? {} : { cause }), { code });
  const url = 'https://coriolis.example.com:7667/v1/secret?token=x';

  test.each([
    ['ECONNREFUSED', 'Nothing listens at coriolis.example.com:7667'],
    ['ENOTFOUND', 'host name of coriolis.example.com:7667 is unknown'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'certificate of coriolis.example.com:7667 is self-signed'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'issued by an authority that is not known here'],
    ['EPROTO', 'does not speak TLS'],
    ['EWHATEVER', 'No connection to coriolis.example.com:7667'],
  ])('%s is told in words for people, without the code', (code, words) => {
    const error = networkErrorToCoriolisError(
      new Error('wrapped', { cause: coded(code) }),
      url,
      1_000,
      false,
    );

    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain(code);
    expect(error.message).not.toContain('secret');
    expect(error).toMatchObject({ code });
  });

  test('a timeout and a stopped workflow are told apart', () => {
    expect(networkErrorToCoriolisError(coded('ECONNABORTED'), url, 15_000, false)).toMatchObject({
      kind: 'timeout',
      message: 'No complete answer from coriolis.example.com:7667 within 15 s',
    });
    expect(networkErrorToCoriolisError(coded('ERR_CANCELED'), url, 1_000, true)).toMatchObject({
      kind: 'canceled',
    });
    expect(networkErrorToCoriolisError(coded('ERR_CANCELED'), url, 1_000, false)).toMatchObject({
      kind: 'timeout',
    });
  });

  test('an error of the core that n8n wrapped comes back as it was', () => {
    const original = new NotFoundError('gone');

    expect(
      networkErrorToCoriolisError(
        new Error('outer', { cause: new Error('inner', { cause: original }) }),
        url,
        1,
        false,
      ),
    ).toBe(original);
  });

  test('what n8n itself refuses is passed on', () => {
    expect(networkErrorToCoriolisError(new Error('Domain not allowed'), url, 1, false).message).toContain(
      'Domain not allowed',
    );
  });
});
