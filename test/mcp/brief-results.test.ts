import { makeSingleResult } from '../../mcp/results/tool-results';
import { operationOf } from '../support/coriolis';

/** Keys that another key or the call itself tells are left out of results, unless the caller names the key that holds them. */

const FAILED = {
  kind: 'transfer',
  id: 'a',
  name: 'Web shop',
  execution_id: 'b',
  finished_at: null,
  cause: 'quota',
  in_a_row: null,
};

const shown = (fields: readonly string[] | undefined, detail: 'summary' | 'full' = 'summary') =>
  makeSingleResult(
    operationOf('estate.summarize'),
    { transfers: 1, failed: [FAILED] },
    { detail, fields, warnings: [], nextSteps: [] },
  );

it('a result has no spare keys', () => {
  expect(shown(undefined)['result']).toEqual({
    transfers: 1,
    failed: [{ kind: 'transfer', id: 'a', name: 'Web shop', cause: 'quota' }],
  });
});

it('a named key is whole', () => {
  expect(shown(['failed'])['result']).toMatchObject({ failed: [{ execution_id: 'b' }] });
});

it('everything is whole', () => {
  expect(shown(undefined, 'full')['full']).toMatchObject({ failed: [{ execution_id: 'b' }] });
});
