import { Visitor } from './visitor';
import { loginToken, rawRequest } from './wire';
import type { Execution } from './visitor';

describe('faults of the sandbox', () => {
  let visitor: Visitor;

  beforeEach(async () => {
    visitor = await Visitor.arrive();
  });

  afterEach(() => visitor.leave());

  it('strike as often as they are told, after as many requests as they are told', async () => {
    visitor.sandbox.faults.add({
      method: 'GET',
      path: /\/transfers/,
      after: 1,
      times: 2,
      fault: { kind: 'status', status: 503, headers: { 'Retry-After': '1' }, body: '{}' },
    });

    const statuses = [];
    for (let request = 0; request < 4; request += 1)
      statuses.push((await visitor.send('GET', '/transfers')).status);

    expect(statuses).toEqual([200, 503, 503, 200]);
    expect((await visitor.send('GET', '/endpoints')).status).toBe(200);
  });

  it('reset a connection before anything is done', async () => {
    const { id } = await visitor.createTransfer(['web-01']);
    visitor.sandbox.faults.add({ method: 'POST', fault: { kind: 'reset' } });

    await expect(visitor.execute(id)).rejects.toThrow();

    expect(await visitor.get(`/transfers/${id}/executions`, 'executions')).toEqual([]);
  });

  it('lose an answer after the work was done', async () => {
    const { id } = await visitor.createTransfer(['web-01']);
    visitor.sandbox.faults.add({ method: 'POST', fault: { kind: 'lost-answer' } });

    await expect(visitor.execute(id)).rejects.toThrow();

    const executions = await visitor.get<Execution[]>(`/transfers/${id}/executions`, 'executions');
    expect(executions.map(({ status }) => status)).toEqual(['RUNNING']);
  });

  it('break off in the middle of an answer', async () => {
    visitor.sandbox.faults.add({ fault: { kind: 'truncate' } });

    await expect(visitor.send('GET', '/endpoints')).rejects.toThrow();
    await expect(visitor.send('GET', '/endpoints')).resolves.toMatchObject({ status: 200 });
  });

  it('answer with a page of HTML or send somewhere else', async () => {
    visitor.sandbox.faults.add({ fault: { kind: 'html', status: 502 } });
    visitor.sandbox.faults.add({ fault: { kind: 'redirect', location: 'http://127.0.0.1:9/elsewhere' } });

    const page = await fetch(visitor.sandbox.coriolisUrl);
    const redirect = await fetch(visitor.sandbox.coriolisUrl, { redirect: 'manual' });

    expect([page.status, page.headers.get('Content-Type')]).toEqual([502, 'text/html']);
    expect([redirect.status, redirect.headers.get('Location')]).toEqual([
      302,
      'http://127.0.0.1:9/elsewhere',
    ]);
  });

  it('send a body with a 204, as old servers did', async () => {
    const { id } = await visitor.createTransfer(['web-01']);
    visitor.sandbox.faults.add({ method: 'DELETE', fault: { kind: 'body-on-204' } });
    const token = await loginToken(visitor.sandbox);

    const raw = await rawRequest(visitor.sandbox.url, [
      `DELETE ${new URL(visitor.sandbox.coriolisUrl).pathname}/transfers/${id} HTTP/1.1`,
      'Host: sandbox',
      `X-Auth-Token: ${token}`,
    ]);

    expect(raw).toMatch(/^HTTP\/1\.1 204 /);
    expect(raw).toContain('{"error": {"fault": "computeFault", "code": 204, "message": ""}}');
    expect((await visitor.send('GET', `/transfers/${id}`)).status).toBe(404);
  });

  it('can be taken back', async () => {
    const takeBack = visitor.sandbox.faults.add({ times: Infinity, fault: { kind: 'status', status: 500 } });
    takeBack();

    expect((await visitor.send('GET', '/transfers')).status).toBe(200);
  });
});

describe('the request log of the sandbox', () => {
  it('counts requests by method and path, ids left out, and holds no token', async () => {
    const visitor = await Visitor.arrive();
    try {
      const { id } = await visitor.createTransfer(['web-01']);
      visitor.sandbox.requests.clear();

      await visitor.send('GET', `/transfers/${id}`);
      await visitor.send('GET', `/transfers/${id}?include_task_info=true`);
      await visitor.send('GET', '/transfers/no-such-id');

      const { requests } = visitor.sandbox;
      expect(requests.count('GET', '/v1/{id}/transfers/{id}')).toBe(2);
      expect(requests.count('GET', /\/transfers\//)).toBe(3);
      expect(requests.count('POST', '/v3/auth/tokens')).toBe(0);
      expect(requests.total).toBe(3);
      expect(requests.entries.map(({ status }) => status)).toEqual([200, 200, 404]);
      expect(JSON.stringify(requests.entries)).not.toContain(await loginToken(visitor.sandbox));
    } finally {
      await visitor.leave();
    }
  });
});
