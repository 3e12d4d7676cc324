import { MAX_CONFIRMATION_MINUTES, ConfirmationTokens } from '../../mcp/confirmation/confirmation-tokens';
import { createSealMaker } from '../../mcp/confirmation/seal';

const call = {
  caller: 'local',
  tool: 'delete_transfer',
  input: { transferId: 'a' },
  subject: { id: 'a', name: 'web', status: 'COMPLETED', changed: '2026-11-22T15:00:00' },
  consequences: ['2 disks are removed'],
};

function at(key?: string) {
  let now = 1_000_000;
  const confirmations = new ConfirmationTokens(() => now, createSealMaker(key)('confirmation'));
  return { confirmations, pass: (minutes: number) => (now += minutes * 60_000) };
}

describe('a confirmation token', () => {
  it('works once', () => {
    const { confirmations } = at();
    const token = confirmations.issue(call, 'token').token;

    expect(() => confirmations.redeem(token, call, 'token')).not.toThrow();
    expect(() => confirmations.redeem(token, call, 'token')).toThrow('was used already');
  });

  it('works once also when the object has changed, and after other tokens were used', () => {
    const { confirmations } = at();
    const [token = '', other = ''] = [1, 2].map(() => confirmations.issue(call, 'token').token);
    const changed = { ...call, consequences: [] };

    expect(() => confirmations.redeem(token, changed, 'token')).toThrow('has changed');
    expect(() => confirmations.redeem(other, call, 'token')).not.toThrow();
    expect(() => confirmations.redeem(token, call, 'token')).toThrow('was used already');
  });

  it('is forgotten once it has expired', () => {
    const { confirmations, pass } = at();
    for (let each = 0; each < 3; each += 1) {
      confirmations.redeem(confirmations.issue(call, 'token').token, call, 'token');
      pass(MAX_CONFIRMATION_MINUTES);
    }

    expect(Reflect.get(confirmations, 'spent')).toHaveProperty('size', 1);
  });

  it('is no proof for another purpose of the same key', () => {
    const makeSeal = createSealMaker('k'.repeat(32));

    expect(makeSeal('task').verifies('text', makeSeal('confirmation').sign('text'))).toBe(false);
    expect(makeSeal('task').verifies('text', makeSeal('task').sign('text'))).toBe(true);
  });

  it('works for ten minutes', () => {
    const { confirmations, pass } = at();
    const early = confirmations.issue(call, 'token').token;
    const late = confirmations.issue(call, 'token').token;

    pass(MAX_CONFIRMATION_MINUTES - 0.01);
    expect(() => confirmations.redeem(early, call, 'token')).not.toThrow();
    pass(0.01);
    expect(() => confirmations.redeem(late, call, 'token')).toThrow('older than 10 minutes');
  });

  it.each([
    ['tool', { ...call, tool: 'delete_endpoint' }, 'other arguments'],
    ['caller', { ...call, caller: 'somebody else' }, 'other arguments'],
    ['arguments', { ...call, input: { transferId: 'b' } }, 'other arguments'],
    ['object', { ...call, subject: { ...call.subject, id: 'b' } }, 'has changed'],
    ['name', { ...call, subject: { ...call.subject, name: 'db' } }, 'has changed'],
    ['consequences', { ...call, consequences: ['2 disks and 1 schedule are removed'] }, 'has changed'],
    ['status', { ...call, subject: { ...call.subject, status: 'RUNNING' } }, 'has changed'],
    ['last change', { ...call, subject: { ...call.subject, changed: '2026-11-22T15:00:01' } }, 'has changed'],
  ])('is bound to the %s', (_what, other, words) => {
    const { confirmations } = at();
    const token = confirmations.issue(call, 'token').token;

    expect(() => confirmations.redeem(token, other, 'token')).toThrow(words);
  });

  it('is of no use where the person was to be asked, nor the other way round', () => {
    const { confirmations } = at();

    const asked = confirmations.issue(call, 'person').token;
    const shown = confirmations.issue(call, 'token').token;

    expect(() => confirmations.redeem(asked, call, 'token')).toThrow('other arguments');
    expect(() => confirmations.redeem(shown, call, 'person')).toThrow('other arguments');
  });

  it('works in every process with the same key, until the object has changed', () => {
    const key = 'k'.repeat(32);
    const token = at(key).confirmations.issue(call, 'token').token;
    const changed = { ...call, subject: { ...call.subject, changed: 'later' } };

    expect(() => at(key).confirmations.redeem(token, call, 'token')).not.toThrow();
    expect(() => at(key).confirmations.redeem(token, changed, 'token')).toThrow('has changed');
  });

  it('is not bound to the progress of a run at work, but to its status', () => {
    const { confirmations } = at();
    const running = { ...call, subject: { ...call.subject, status: 'RUNNING' } };
    const later = { ...running, subject: { ...running.subject, changed: '2026-11-22T15:00:09' } };
    const [one, other] = [
      confirmations.issue(running, 'token').token,
      confirmations.issue(running, 'token').token,
    ];

    expect(() => confirmations.redeem(one, later, 'token')).not.toThrow();
    expect(() => confirmations.redeem(other, call, 'token')).toThrow('its status is now «COMPLETED»');
  });

  it('says what changed: new values and sentences, at most five, and how many are gone', () => {
    const { confirmations } = at();
    const many = { ...call, consequences: ['a', 'b', 'c', 'd'] };
    const refusalOf = (now: typeof call): string => {
      try {
        confirmations.redeem(confirmations.issue(many, 'token').token, now, 'token');
      } catch (error) {
        return String(error);
      }
      return 'confirmed';
    };

    expect(refusalOf({ ...many, consequences: ['a', 'd'] })).toContain(
      '2 sentences of the preview no longer true',
    );
    expect(refusalOf({ ...many, consequences: ['b', 'a', 'c', 'd'] })).toContain('in another order');
    expect(refusalOf({ ...many, consequences: ['a', 'password=x » y'] })).toContain(
      'now: «password=*** " y»',
    );
    expect(refusalOf({ ...many, consequences: ['1', '2', '3', '4', '5', '6', '7'] })).toContain(
      '«5»; 2 more',
    );
  });

  it('does not depend on the order of the arguments', () => {
    const { confirmations } = at();
    const token = confirmations.issue({ ...call, input: { one: 1, two: { a: 1, b: 2 } } }, 'token').token;

    expect(() =>
      confirmations.redeem(token, { ...call, input: { two: { b: 2, a: 1 }, one: 1 } }, 'token'),
    ).not.toThrow();
  });

  it('is worthless in another process, and when anything in it was changed', () => {
    const { confirmations } = at();
    const token = confirmations.issue(call, 'token').token;
    const prolonged = token.replace(/^\d+/u, (expires) => String(Number(expires) + 60_000));

    expect(() => at().confirmations.redeem(token, call, 'token')).toThrow('was not issued by this server');
    expect(() => confirmations.redeem(prolonged, call, 'token')).toThrow('was not issued by this server');
    expect(() => confirmations.redeem('', call, 'token')).toThrow('was not issued by this server');
  });
});
