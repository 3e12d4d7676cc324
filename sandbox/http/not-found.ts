import type { Context } from 'hono';

const HTML = 'The resource could not be found.<br /><br />\n\n\n';

/** No such route: an answer without an `error` key, so that a client can tell it from an unknown id (coriolis-api.md §2). */
export function routingNotFound(context: Context): Response {
  if (context.req.method === 'HEAD') {
    return context.body(null, 404, { 'Content-Type': 'text/html; charset=UTF-8', 'Content-Length': '0' });
  }
  const accept = context.req.header('Accept') ?? '';
  if (accept.includes('application/json')) {
    return context.json({ message: HTML, code: '404 Not Found', title: 'Not Found' }, 404);
  }
  if (accept.includes('text/html')) {
    const page = `<html>\n <head>\n  <title>404 Not Found</title>\n </head>\n <body>\n  <h1>404 Not Found</h1>\n  ${HTML} </body>\n</html>`;
    return context.body(page, 404, { 'Content-Type': 'text/html; charset=UTF-8' });
  }
  return context.body('404 Not Found\n\nThe resource could not be found.\n\n\n\n', 404, {
    'Content-Type': 'text/plain; charset=UTF-8',
  });
}
