import { pythonTypeError } from '../python/errors';
import { parsePythonJson } from '../python/json';
import type { PythonError } from '../python/errors';
import { getFromDict, isPythonTruthy } from '../python/value-operations';
import { isJsonObject } from '../json-object';
import { ApiError, badRequest, internalError, malformedRequest, notFound } from '../world/api-error';
import type { CoriolisContext } from './request-context';

/**
 * Model of the server's WSGI layer: reads a request and calls the method of a controller (`coriolis/api/wsgi.py`,
 * `coriolis/api/v1/utils.py`).
 */

type Handled = Response | Promise<Response>;
type Handler = (context: CoriolisContext) => Promise<Response>;

/**
 * Makes the handler of a controller method that takes a body. Without a body, Python calls the method with an argument
 * too few, which is a TypeError.
 */
export function makeHandlerWithBody(handle: (context: CoriolisContext, body: unknown) => Handled): Handler {
  return async (context) => {
    const body = await readJsonBody(context);
    requireProject(context);
    if (!body) throw pythonTypeError("missing 1 required positional argument: 'body'");
    return handle(context, body.value);
  };
}

/**
 * Makes the handler of a controller method that takes no body. A body that is sent anyway is an argument too many,
 * which is a TypeError in Python.
 */
export function makeHandlerWithoutBody(handle: (context: CoriolisContext) => Handled): Handler {
  return async (context) => {
    const body = await readJsonBody(context);
    requireProject(context);
    if (body) throw pythonTypeError("got an unexpected keyword argument 'body'");
    return handle(context);
  };
}

/**
 * Makes the handler for the actions of an object. The only key of the body names the action
 * (docs/reference/coriolis-api.md §1.7).
 * @param actions by their names; each takes the value of its key
 */
export function makeActionHandler(
  actions: Readonly<Record<string, (context: CoriolisContext, options: unknown) => Handled>>,
): Handler {
  return async (context) => {
    const { type, bytes } = await readContent(context);
    if (type !== 'application/json') {
      throw badRequest(`There is no such action: ${type === 'text/csv' ? 'csv' : 'None'}`);
    }
    const value = parseBody(bytes);
    const name = actionName(value);
    const action = actions[name];
    if (!Object.hasOwn(actions, name) || !action) throw badRequest(`There is no such action: ${name}`);
    requireProject(context);
    return action(context, (value as Record<string, unknown>)[name]);
  };
}

/** Handler for a route whose controller has no such method. */
export const throwNotFound = (): never => {
  throw notFound('The resource could not be found.');
};

/** Returns a parameter of the URL's path as the server reads it: the bytes of its UTF-8 as Latin-1 characters. */
export function readLatin1PathParam(context: CoriolisContext, name: string): string {
  const text = (context.req.param(name) ?? '').replaceAll('/', '%2F');
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Converts an uncaught Python exception to the server's error answer. `runRequestBodyCheck` converts those of body checks. */
export function toApiError(error: PythonError): ApiError {
  return error.type === 'TypeError' ? malformedRequest() : new ApiError('internal', ApiError.INTERNAL);
}

/** Reads `force` from the options of a cancel or a deallocation: `(options or {}).get('force', False)`. */
export function readForceOption(options: unknown): boolean {
  return isPythonTruthy(getFromDict(isPythonTruthy(options) ? options : {}, 'force', false));
}

function actionName(value: unknown): string {
  if (typeof value === 'string' || Array.isArray(value)) {
    if (value.length !== 1) throw badRequest('Malformed request body');
    return throwNotFound();
  }
  if (!isJsonObject(value)) return throwNotFound();
  const [name, ...others] = Object.keys(value);
  if (name === undefined || others.length > 0) throw badRequest('Malformed request body');
  return name;
}

/**
 * Parses the body of a request by its media type.
 * @returns undefined when there is no body, or when the server ignores it because of its media type
 */
async function readJsonBody(context: CoriolisContext): Promise<{ value: unknown } | undefined> {
  const { type, bytes } = await readContent(context);
  if (type === undefined) return undefined;
  if (type !== 'application/json') throw badRequest('Unsupported Content-Type');
  return { value: context.get('dialect').convertRequestBody(parseBody(bytes)) };
}

/** Body and media type of a request; the type is undefined when the server ignores the body. */
async function readContent(context: CoriolisContext): Promise<{ type: string | undefined; bytes: Buffer }> {
  const bytes = await bodyOf(context);
  if (bytes.length === 0) return { type: undefined, bytes };
  // A blank before the semicolon makes it another type for the server.
  const type = context.req.header('Content-Type')?.split(';')[0];
  const known = ['application/json', ...(context.get('features').csv ? ['text/csv'] : [])];
  return { type: type !== undefined && known.includes(type) ? type : undefined, bytes };
}

async function bodyOf(context: CoriolisContext): Promise<Buffer> {
  if (context.req.method !== 'GET') return Buffer.from(await context.req.arrayBuffer());
  // The Request of a GET has no body.
  const pieces: Buffer[] = [];
  for await (const piece of context.env.incoming) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Maximum nesting that Python's JSON parser accepts. The server does not catch the parser's error. */
const MAX_DEPTH = 950;

/** Parses JSON like Python, which also accepts NaN and the infinities. */
function parseBody(bytes: Buffer): unknown {
  const text = malformedUnless(() =>
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
  );
  if (depth(text) > MAX_DEPTH) throw internalError();
  return malformedUnless(() => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return parsePythonJson(text);
    }
  });
}

function malformedUnless<T>(read: () => T): T {
  try {
    return read();
  } catch {
    throw badRequest('Malformed request body');
  }
}

function depth(text: string): number {
  let deepest = 0;
  let now = 0;
  for (const [character] of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[\]{}]/g)) {
    now += character === '[' || character === '{' ? 1 : -1;
    deepest = Math.max(deepest, now);
  }
  return deepest;
}

function requireProject(context: CoriolisContext): void {
  if (context.get('caller').projectId !== context.get('projectId')) throw badRequest('Malformed request url');
}
