/** Environment variables, as `process.env` holds them. */
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Host and port of the proxy that environment variables name for a URL; undefined when the URL is reached without a
 * proxy. The rules are those of axios: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in capitals or not.
 */
export function findProxy(url: string, environment: Environment): string | undefined {
  const [, scheme = '', host = ''] = /^(https?):\/\/(?:[^/?#@]*@)?([^/?#]+)/iu.exec(url) ?? [];
  const variable = (name: string): string =>
    (environment[name.toLowerCase()] || environment[name.toUpperCase()] || '').trim();
  if (isExempt(host, scheme, variable('no_proxy'))) return undefined;
  const proxy = variable(`${scheme}_proxy`) || variable('all_proxy');
  // The user, the password and the path are removed.
  return proxy === ''
    ? undefined
    : proxy
        .replace(/^[a-z0-9]+:\/\//iu, '')
        .replace(/^.*@/u, '')
        .replace(/\/.*$/u, '');
}

function isExempt(host: string, scheme: string, exempt: string): boolean {
  const name = host.replace(/:\d+$/u, '').toLowerCase();
  const port = /:(\d+)$/u.exec(host)?.[1] ?? (scheme.toLowerCase() === 'https' ? '443' : '80');
  return exempt
    .toLowerCase()
    .split(/[\s,]+/u)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, pattern = entry, wanted] = /^(.+):(\d+)$/u.exec(entry) ?? [];
      if (wanted !== undefined && wanted !== port) return false;
      const end = pattern.replace(/^\*/u, '');
      return end.startsWith('.') || end !== pattern ? name.endsWith(end) : name === end;
    });
}
