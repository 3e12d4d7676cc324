import { SandboxUser } from './user';
import { loginToken, rawRequest } from './wire';
import type { Execution } from './user';

describe('faults of the sandbox', () => {
  let user: SandboxUser;

  beforeEach(async () => {
    user = await SandboxUser.start();
  });

  afterEach(() => user.stop());

  it('strike as often as they are told, after as many requests as they are told', async () => {
    user.sandbox.faults.add({
      method: 'GET',
      path: /\/transfers/,
      after: 1,
      times: 2,
      fault: { kind: 'status', status: 503, headers: { 'Retry-After': '1' }, body: '{}' },
    });

    const statuses = [];
    for (let request = 0; request < 4; request += 1)
      statuses.push((await user.send('GET', '/transfers')).status);

    expect(statuses).toEqual([200, 503, 503, 200]);
    expect((await user.send('GET', '/endpoints')).status).toBe(200);
  });

  it('reset a connection before anything is done', async () => {
    const { id } = await user.createTransfer(['web-01']);
    user.sandbox.faults.add({ method: 'POST', fault: { kind: 'reset' } });

    await expect(user.execute(id)).rejects.toThrow();

    expect(await user.get(`/transfers/${id}/executions`, 'executions')).toEqual([]);
  });

  it('lose an answer after the work was done', async () => {
    const { id } = await user.createTransfer(['web-01']);
    user.sandbox.faults.add({ method: 'POST', fault: { kind: 'lost-answer' } });

    await expect(user.execute(id)).rejects.toThrow();

    const executions = await user.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
    expect(executions.map(({ status }) => status)).toEqual(['RUNNING']);
  });

  it('break off in the middle of an answer', async () => {
    user.sandbox.faults.add({ fault: { kind: 'truncate' } });

    await expect(user.send('GET', '/endpoints')).rejects.toThrow();
    await expect(user.send('GET', '/endpoints')).resolves.toMatchObject({ status: 200 });
  });

  it('answer with a page of HTML or send somewhere else', async () => {
    user.sandbox.faults.add({ fault: { kind: 'html', status: 502 } });
    user.sandbox.faults.add({ fault: { kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' } });

    const page = await fetch(user.sandbox.coriolisUrl);
    const redirect = await fetch(user.sandbox.coriolisUrl, { redirect: 'manual' });

    expect([page.status, page.headers.get('Content-Type')]).toEqual([502, 'text/html']);
    expect([redirect.status, redirect.headers.get('Location')]).toEqual([
      302,
      'http://127.0.0.1:9/elsewhere',
    ]);
  });

  it('send a body with a 204, as old servers did', async () => {
    const { id } = await user.createTransfer(['web-01']);
    user.sandbox.faults.add({ method: 'DELETE', fault: { kind: 'body-on-204' } });
    const token = await loginToken(user.sandbox);

    const raw = await rawRequest(user.sandbox.url, [
      `DELETE ${new URL(user.sandbox.coriolisUrl).pathname}/transfers/${id} HTTP/1.1`,
      'Host: sandbox',
      `X-Auth-Token: ${token}`,
    ]);

    expect(raw).toMatch(/^HTTP\/1\.1 204 /);
    expect(raw).toContain('{"error": {"fault": "computeFault", "code": 204, "message": ""}}');
    expect((await user.send('GET', `/transfers/${id}`)).status).toBe(404);
  });

  it('can be taken back', async () => {
    const takeBack = user.sandbox.faults.add({ times: Infinity, fault: { kind: 'status', status: 500 } });
    takeBack();

    expect((await user.send('GET', '/transfers')).status).toBe(200);
  });
});

describe('the request log of the sandbox', () => {
  it('counts requests by method and path, ids left out, and holds no token', async () => {
    const user = await SandboxUser.start();
    try {
      const { id } = await user.createTransfer(['web-01']);
      user.sandbox.requests.clear();

      await user.send('GET', `/transfers/${id}`);
      await user.send('GET', `/transfers/${id}?include_task_info=true`);
      await user.send('GET', '/transfers/no-such-id');

      const { requests } = user.sandbox;
      expect(requests.count('GET', '/v1/{id}/transfers/{id}')).toBe(2);
      expect(requests.count('GET', /\/transfers\//)).toBe(3);
      expect(requests.count('POST', '/v3/auth/tokens')).toBe(0);
      expect(requests.total).toBe(3);
      expect(requests.entries.map(({ status }) => status)).toEqual([200, 200, 404]);
      expect(JSON.stringify(requests.entries)).not.toContain(await loginToken(user.sandbox));
    } finally {
      await user.stop();
    }
  });
});
