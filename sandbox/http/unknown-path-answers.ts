import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { readSentPath, toLatin1Path, type WebServer } from './request-path';

const EXPLANATION = 'The resource could not be found.';

/**
 * Answers a path that no route has with a 404. The body has no key `error`: so clients can tell it from an unknown id
 * (docs/reference/coriolis-api.md §2).
 */
export function answerUnroutedPath(context: Context): Response {
  if (context.req.method === 'HEAD') {
    return context.body(null, 404, { 'Content-Type': 'text/html; charset=UTF-8', 'Content-Length': '0' });
  }
  const html = `${EXPLANATION}<br /><br />\n\n\n`;
  switch (preferredType(context.req.header('Accept') ?? '')) {
    case 'application/json':
      return context.json({ message: html, code: '404 Not Found', title: 'Not Found' }, 404);
    case 'text/html':
      return context.body(
        `<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  ${html}\n </body>\n</html>`,
        404,
        { 'Content-Type': 'text/html; charset=UTF-8' },
      );
    default:
      return context.body(`404 Not Found\n\n${EXPLANATION}\n\n   `, 404, {
        'Content-Type': 'text/plain; charset=UTF-8',
      });
  }
}

/** Answers a path outside of the API with the 404 of the server's URL map, e.g. another version of the API. */
export function answerUnmountedPath(
  context: Context<{ Bindings: HttpBindings }>,
  webServer: WebServer,
): Response {
  const accept = context.req.header('Accept') ?? '';
  const { host } = new URL(context.req.url);
  const pathname = toLatin1Path(readSentPath(context.req.raw, context.env), webServer);
  if (!/html|\*\/\*/.test(accept)) {
    return context.body(`404 Not Found\r\n${EXPLANATION}\r\n${pathname}\r\n\r\n`, 404, {
      'Content-Type': 'text/plain; charset=utf8',
    });
  }
  const apps = "defined apps: (None, '/v1')\nSCRIPT_NAME: ''\nPATH_INFO: '";
  const comment = escaped(`${apps}${pathname}'\nHTTP_HOST: '${host}'`);
  const lines = [
    '<html>',
    '  <head><title>Not Found</title></head>',
    '  <body>',
    '    <h1>Not Found</h1>',
    `    <p>${EXPLANATION}`,
    `<br/>${escaped(pathname)}`,
    `<!-- ${comment} --></p>`,
    '    <hr noshade>',
    '    <div align="right">WSGI Server</div>',
    '  </body>',
    '</html>',
    '',
  ];
  return context.body(lines.join('\r\n'), 404, { 'Content-Type': 'text/html; charset=utf8' });
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;');
}

/** Matches the media range of an Accept header, without its parameters. */
const RANGE = /^([\w!#$&^.+-]+|\*)\/([\w!#$&^.+-]+|\*)$/;

/**
 * Content type of a routing 404: the preferred one of HTML and JSON, HTML when equal; undefined when neither is
 * accepted.
 */
function preferredType(accept: string): 'text/html' | 'application/json' | undefined {
  if (accept.trim() === '') return undefined;
  const ranges = accept.split(',').map((part) => part.split(';').map((piece) => piece.trim().toLowerCase()));
  // An invalid Accept header accepts everything.
  if (ranges.some(([range = '']) => !RANGE.test(range))) return 'text/html';
  const quality = (type: string): number => {
    const family = type.replace(/\/.*/, '/*');
    const fitting = ranges
      .filter(([range = '', ...parameters]) => {
        const plain = parameters.every((parameter) => parameter.startsWith('q='));
        return plain && [type, family, '*/*'].includes(range);
      })
      .map(([, parameter]) => (parameter === undefined ? 1 : Number(parameter.slice(2))));
    return Math.max(0, ...fitting);
  };
  const [html, json] = [quality('text/html'), quality('application/json')];
  if (html === 0 && json === 0) return undefined;
  return html >= json ? 'text/html' : 'application/json';
}
