import { IdentityService, addSandboxUsers } from '../../sandbox/keystone';
import type { SandboxUsers } from '../../sandbox/keystone';
import { ManualClock } from '../../sandbox/world/clock';
import { Random } from '../../sandbox/world/random';

interface Service {
  readonly clock: ManualClock;
  readonly identity: IdentityService;
  readonly people: SandboxUsers;
}

function service(seed = 1): Service {
  const clock = new ManualClock();
  const identity = new IdentityService({ nowMs: () => clock.now(), random: new Random(seed).next });
  return { clock, identity, people: addSandboxUsers(identity) };
}

function issue({ identity, people }: Service): string {
  return identity.issueToken({ method: 'password', user: people.demo, project: people.migration }).id;
}

describe('the people and tokens of the sandbox', () => {
  test('the same seed makes the same people, another seed others', () => {
    expect(service(7).people).toEqual(service(7).people);
    expect(service(7).people.demo.id).not.toBe(service(8).people.demo.id);
  });

  test('a token is worth what its user may do in its project', () => {
    const ours = service();

    const caller = ours.identity.findCaller(issue(ours));

    expect(caller).toMatchObject({
      userName: 'demo',
      projectId: ours.people.migration.id,
      roles: ['reader', 'member', 'creator'],
      delegated: false,
      revoked: false,
    });
  });

  test('a token made from an application credential is marked as delegated', () => {
    const { identity, people } = service();
    const { user, project } = people.restricted;
    const token = identity.issueToken({
      method: 'application_credential',
      user,
      project,
      applicationCredential: people.restricted,
    });

    expect(identity.findCaller(token.id)).toMatchObject({ delegated: true });
  });

  test('a token expires to the second although Coriolis had validated it', () => {
    const ours = service();
    ours.identity.tokenLifetimeMs = 20_000;
    const token = issue(ours);

    ours.clock.advance(19);
    expect(ours.identity.findCaller(token)).toBeDefined();
    ours.clock.advance(1);
    expect(ours.identity.findCaller(token)).toBeUndefined();
  });

  test('a token revoked before Coriolis saw it is refused at once', () => {
    const ours = service();
    const token = issue(ours);

    ours.identity.revokeToken(ours.identity.requireToken(token));

    expect(ours.identity.findCaller(token)).toBeUndefined();
  });

  test('a token revoked after Coriolis validated it is accepted for 300 s from then, however often it is used', () => {
    const ours = service();
    const token = issue(ours);
    ours.identity.findCaller(token);
    ours.identity.revokeToken(ours.identity.requireToken(token));

    ours.clock.advance(299);
    expect(ours.identity.findCaller(token)).toMatchObject({ revoked: true });
    ours.clock.advance(1);
    expect(ours.identity.findCaller(token)).toBeUndefined();
  });

  test('a token made from another keeps its expiry and remembers how that was obtained', () => {
    const ours = service();
    const { identity, people, clock } = ours;
    const first = identity.requireToken(issue(ours));
    clock.advance(60);

    const second = identity.issueToken({
      method: 'token',
      user: people.demo,
      project: people.otherProject,
      from: first,
    });

    expect(second.expiresAtMs).toBe(first.expiresAtMs);
    expect(second.methods).toEqual(['token', 'password']);
    expect(second.auditIds[1]).toBe(first.auditIds[0]);
  });
});
