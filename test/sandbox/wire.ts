import { connect } from 'node:net';
import type { Sandbox } from '../../sandbox/sandbox';

/** A token of the main user. */
export async function loginToken(sandbox: Sandbox): Promise<string> {
  const { username, password } = sandbox.connection;
  const user = { name: username, domain: { name: 'Default' }, password };
  const response = await fetch(`${sandbox.authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } }),
  });
  return response.headers.get('X-Subject-Token') ?? '';
}

/** What really comes over the wire: HTTP clients hide the body of a 204. */
export function rawRequest(url: string, lines: string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
    });
    socket.on('end', () => {
      resolve(text);
    });
    socket.on('error', reject);
  });
}
