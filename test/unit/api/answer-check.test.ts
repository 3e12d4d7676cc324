import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DIALECTS } from '../../../src/api/generations';
import type { ApiRequest, Generation } from '../../../src/api/api-request';
import { MalformedValue } from '../../../src/api/answer-field-check';
import { checkAnswerBody } from '../../../src/api/answer-check';
import { RECORDINGS } from './support';

/** What the core relies on in answers: true of all that were recorded, made true or refused in all others. */

interface Recorded {
  readonly request: { readonly method: ApiRequest['method']; readonly path: string; readonly body?: unknown };
  readonly response: { readonly status: number; readonly body: unknown };
}

function recorded(generation: Generation): Array<[string, ApiRequest, unknown]> {
  const folder = join(RECORDINGS, generation);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !/^(cli|series|keystone|method|auth)-/.test(name))
    .flatMap((name) => {
      const { request, response } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<Recorded>;
      if (request === undefined || response?.status !== 200 || typeof response.body !== 'object') return [];
      const path = request.path
        .replace(/^\/v1\/[0-9a-f]{32}/, '')
        .replace(/\?.*/, '')
        .replace(/\/detail$/, '')
        .replace(/^\/replicas/, '/transfers')
        .replace(/^\/migrations/, '/deployments');
      const meant = { method: request.method, path, query: {}, body: request.body };
      return [[name, meant, DIALECTS[generation].convertAnswerBody(meant, response.body)]];
    });
}

describe.each(['current', 'legacy'] as const)('recorded answers of the %s generation', (generation) => {
  const answers = recorded(generation);

  it('are plenty', () => {
    expect(answers.length).toBeGreaterThan(generation === 'current' ? 120 : 40);
  });

  it.each(answers)('%s passes as it came', (_name, request, body) => {
    // Servers take numbers for names of machines, and show them so.
    const expected = JSON.stringify(body).replaceAll('"instances":[1,2]', '"instances":["1","2"]');
    expect(checkAnswerBody(body, request, undefined)).toEqual(JSON.parse(expected));
  });
});

const of = (path: string, body: unknown, method: ApiRequest['method'] = 'GET'): unknown =>
  checkAnswerBody(body, { method, path, query: {} }, undefined);

describe('what can be read all the same', () => {
  const transfer = {
    id: 't',
    created_at: '2026-11-22T15:44:13.000000',
    updated_at: null,
    origin_endpoint_id: 'o',
    destination_endpoint_id: 'd',
    last_execution_status: 'HIBERNATING',
    instances: ['vm'],
    colour: { of: 'the future' },
  };

  it('is what nobody knows yet, untouched', () => {
    const body = { transfer, mood: 'good' };
    expect(of('/transfers/t', body)).toBe(body);
  });

  it('is a list that is missing or null: empty', () => {
    const { instances: _none, ...without } = transfer;
    const expected = { transfer: { ...transfer, instances: [] } };
    expect(of('/transfers/t', { transfer: without })).toEqual(expected);
    expect(of('/transfers/t', { transfer: { ...transfer, instances: null } })).toEqual(expected);
    expect(of('/transfers', { transfers: null })).toEqual({ transfers: [] });
  });

  it('is a text that is a number, and a number that is a text', () => {
    const execution = {
      id: 7,
      status: 'RUNNING',
      type: 'transfer_execution',
      number: '12',
      created_at: '',
      updated_at: null,
    };
    expect(of('/transfers/t/executions/7', { execution })).toEqual({
      execution: { ...execution, id: '7', number: 12 },
    });
  });

  it('leaves the answer alone that it reads', () => {
    const body = Object.freeze({
      transfers: Object.freeze([Object.freeze({ ...transfer, instances: null })]),
    });
    expect(of('/transfers', body)).not.toEqual(body);
  });
});

describe('what cannot be read', () => {
  it.each<[string, unknown, string, string]>([
    ['/transfers', {}, 'transfers', 'an object'],
    ['/transfers', { transfers: 'none' }, 'transfers', 'a list'],
    ['/transfers', { transfers: [{ id: 't' }, null] }, 'transfers[1]', 'an object'],
    ['/transfers/t', { transfer: null }, 'transfer', 'an object'],
    ['/transfers/t', { transfer: { notes: 'no id' } }, 'transfer.id', 'a text'],
    ['/transfers/t', { transfer: { id: 't', notes: ['a'] } }, 'transfer.notes', 'a text'],
    ['/transfers/t', { transfer: { id: 't', network_map: 'a=b' } }, 'transfer.network_map', 'an object'],
    [
      '/deployments/d',
      { deployment: { id: 'd', tasks: [{ id: 'x', progress_updates: [{ total_steps: 'many' }] }] } },
      'deployment.tasks[0].progress_updates[0].total_steps',
      'a whole number',
    ],
    ['/transfers/t/schedules/s', { schedule: { id: 's' } }, 'schedule.schedule', 'an object'],
    [
      '/services',
      {
        services: [
          { id: 's', providers: { aws: {} } },
          { id: 's', providers: { aws: 1 } },
        ],
      },
      'services[1].providers.aws',
      'an object',
    ],
    ['/endpoints/e/networks', [], '', 'an object'],
  ])('is told with its place: %s %j', (path, body, place, wanted) => {
    const read = of(path, body);
    expect(read).toBeInstanceOf(MalformedValue);
    expect(read).toMatchObject({ place, wanted });
  });

  it('is an answer to a change that does not hold what was made', () => {
    expect(of('/transfers', {}, 'POST')).toMatchObject({ place: 'transfer' });
    expect(of('/transfers/t', { transfer: { id: 't' } }, 'PUT')).toMatchObject({ place: 'execution' });
    expect(of('/minion_pools/p', {}, 'DELETE')).toEqual({});
  });
});
