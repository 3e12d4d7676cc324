import { NodeApiError, NodeOperationError, type INode } from 'n8n-workflow';
import { networkError } from '../../../nodes/login/network-error';
import { nodeError } from '../../../nodes/render/node-error';
import { InvalidInputError, NotFoundError, UnreachableError } from '../../../src/api/errors';

const node: INode = {
  id: '1',
  name: 'Coriolis',
  type: 'n8n-nodes-coriolis.coriolis',
  typeVersion: 1,
  position: [0, 0],
  parameters: {},
};

describe('an error of the core as n8n shows it', () => {
  test('an answer keeps its status, words, advice and request id', () => {
    const shown = nodeError(
      node,
      new NotFoundError('Transfer x could not be found.', {
        status: 404,
        advice: 'Check the id.',
        requestId: 'req-1',
      }),
      3,
    );

    expect(shown).toBeInstanceOf(NodeApiError);
    expect(shown).toMatchObject({
      message: 'Transfer x could not be found.',
      description: 'Check the id. Request id for support: req-1.',
      httpCode: '404',
      context: expect.objectContaining({ itemIndex: 3 }),
    });
  });

  test('bad input is no answer of an API', () => {
    expect(nodeError(node, new InvalidInputError('Name is missing.'))).toBeInstanceOf(NodeOperationError);
  });

  test('words that n8n takes for an error code stay what they are', () => {
    const message = 'The worker said: connect ECONNREFUSED 10.0.0.7:22';

    expect(nodeError(node, new NotFoundError(message, { status: 404 })).message).toBe(message);
    expect(nodeError(node, new InvalidInputError(message)).message).toBe(message);
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
    const error = networkError(new Error('wrapped', { cause: coded(code) }), url, 1_000, false);

    expect(error).toBeInstanceOf(UnreachableError);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain(code);
    expect(error.message).not.toContain('secret');
    expect(error).toMatchObject({ code });
  });

  test('a timeout and a stopped workflow are told apart', () => {
    expect(networkError(coded('ECONNABORTED'), url, 15_000, false)).toMatchObject({
      kind: 'timeout',
      message: 'No complete answer from coriolis.example.com:7667 within 15 s',
    });
    expect(networkError(coded('ERR_CANCELED'), url, 1_000, true)).toMatchObject({ kind: 'canceled' });
    expect(networkError(coded('ERR_CANCELED'), url, 1_000, false)).toMatchObject({ kind: 'timeout' });
  });

  test('an error of the core that n8n wrapped comes back as it was', () => {
    const original = new NotFoundError('gone');

    expect(
      networkError(new Error('outer', { cause: new Error('inner', { cause: original }) }), url, 1, false),
    ).toBe(original);
  });

  test('what n8n itself refuses is passed on', () => {
    expect(networkError(new Error('Domain not allowed'), url, 1, false).message).toContain(
      'Domain not allowed',
    );
  });
});
