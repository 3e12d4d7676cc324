import fc from 'fast-check';
import { CoriolisClient } from '../../../src/api/coriolis-client';
import { UncertainError } from '../../../src/api/errors';
import { BEGIN, dateHeader, fakeRuntime, scripted, type Reply } from './support';

/** Answers to changes, damaged in every way: what was made is what was meant, or the caller was told that it is uncertain. */

const damage = fc.oneof(
  fc.constant({ kind: 'none' as const }),
  fc.record({
    kind: fc.constant('page' as const),
    status: fc.constantFrom(200, 302, 400, 401, 403, 404, 500, 502, 503, 524),
  }),
  fc.record({ kind: fc.constant('foreign' as const), status: fc.constantFrom(200, 400, 401, 404, 500) }),
  fc.record({ kind: fc.constant('empty' as const), status: fc.constantFrom(200, 202, 401, 500) }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(200) }),
  fc.constant({ kind: 'earlier' as const }),
  fc.constant({ kind: 'other' as const }),
);

it('makes no object twice, and none without a word', async () => {
  const steps = fc.array(fc.record({ damage, isPassedOn: fc.boolean() }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const made: Array<{ id: string; action_id: string; created_at: string }> = [];
      const runtime = fakeRuntime();
      let step = 0;
      const { transport } = scripted(({ method }): Reply => {
        const headers = { date: dateHeader(runtime.clock() - BEGIN) };
        if (method === 'GET') return { headers, body: { executions: [...made].reverse() } };
        const { damage: how, isPassedOn } = plan[step] ?? { damage: { kind: 'none' }, isPassedOn: true };
        const before = made.at(-1);
        if (isPassedOn || how.kind === 'none') {
          const created_at = new Date(runtime.clock()).toISOString().replace('Z', '000');
          made.push({ id: `e${made.length}`, action_id: 't', created_at });
        }
        const whole = JSON.stringify({ execution: made.at(-1) ?? {} });
        switch (how.kind) {
          case 'page':
            return { status: how.status, headers, body: '<html>' };
          case 'foreign':
            return { status: how.status, headers, body: { message: 'hello' } };
          case 'empty':
            return { status: how.status, headers };
          case 'cut':
            return { headers, body: whole.slice(0, how.at % whole.length) };
          case 'earlier':
            return { headers, body: { execution: before ?? {} } };
          case 'other':
            return { headers, body: { execution: { ...made.at(-1), id: 'x', action_id: 'other' } } };
          default:
            return { headers, body: whole };
        }
      });
      const client = new CoriolisClient({ transport, runtime });
      const told: string[] = [];
      let uncertain = 0;
      for (step = 0; step < plan.length; step += 1) {
        const before = made.length;
        try {
          const { execution } = await client.post<{ execution: { id: string } }>(
            '/transfers/t/executions',
            { execution: {} },
            {
              recover: async (createdSince) => {
                const { executions } = await client.get<{ executions: typeof made }>(
                  '/transfers/t/executions',
                );
                const execution = executions.find((one) => createdSince(one.created_at));
                return execution && { execution };
              },
            },
          );
          told.push(execution.id);
        } catch (error) {
          if (!(error instanceof UncertainError)) throw error;
          uncertain += 1;
        }
        expect(made.length - before).toBeLessThanOrEqual(1);
        runtime.pass(10_000);
      }
      expect(new Set(told).size).toBe(told.length);
      expect(told.every((id) => made.some((one) => one.id === id))).toBe(true);
      expect(told.length + uncertain).toBe(plan.length);
    }),
    { numRuns: Number(process.env['SOAK_RUNS'] ?? 300) },
  );
});
