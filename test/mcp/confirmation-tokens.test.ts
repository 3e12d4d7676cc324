import { CONFIRMATION_MINUTES, Confirmations } from '../../mcp/confirm';

const call = {
  tool: 'delete_transfer',
  input: { transferId: 'a' },
  subject: { id: 'a', name: 'web', status: 'COMPLETED', changed: '2026-11-22T15:00:00' },
};

function at(start = 1_000_000) {
  let now = start;
  const confirmations = new Confirmations(() => now);
  return { confirmations, pass: (minutes: number) => (now += minutes * 60_000) };
}

describe('a confirmation token', () => {
  it('works once', () => {
    const { confirmations } = at();
    const token = confirmations.issue(call);

    expect(() => confirmations.redeem(token, call)).not.toThrow();
    expect(() => confirmations.redeem(token, call)).toThrow('was used already');
  });

  it('works for ten minutes', () => {
    const { confirmations, pass } = at();
    const early = confirmations.issue(call);
    const late = confirmations.issue(call);

    pass(CONFIRMATION_MINUTES - 0.01);
    expect(() => confirmations.redeem(early, call)).not.toThrow();
    pass(0.01);
    expect(() => confirmations.redeem(late, call)).toThrow('older than 10 minutes');
  });

  it.each([
    ['tool', { ...call, tool: 'delete_endpoint' }, 'other arguments'],
    ['arguments', { ...call, input: { transferId: 'b' } }, 'other arguments'],
    ['object', { ...call, subject: { ...call.subject, id: 'b' } }, 'has changed'],
    ['status', { ...call, subject: { ...call.subject, status: 'RUNNING' } }, 'has changed'],
    ['last change', { ...call, subject: { ...call.subject, changed: '2026-11-22T15:00:01' } }, 'has changed'],
  ])('is bound to the %s', (_what, other, words) => {
    const { confirmations } = at();
    const token = confirmations.issue(call);

    expect(() => confirmations.redeem(token, other)).toThrow(words);
  });

  it('does not depend on the order of the arguments', () => {
    const { confirmations } = at();
    const token = confirmations.issue({ ...call, input: { one: 1, two: { a: 1, b: 2 } } });

    expect(() =>
      confirmations.redeem(token, { ...call, input: { two: { b: 2, a: 1 }, one: 1 } }),
    ).not.toThrow();
  });

  it('is worthless in another process, and when anything in it was changed', () => {
    const { confirmations } = at();
    const token = confirmations.issue(call);
    const prolonged = token.replace(/^\d+/u, (expires) => String(Number(expires) + 60_000));

    expect(() => at().confirmations.redeem(token, call)).toThrow('was not issued by this server');
    expect(() => confirmations.redeem(prolonged, call)).toThrow('was not issued by this server');
    expect(() => confirmations.redeem('', call)).toThrow('was not issued by this server');
  });
});
