import { isObject, type JsonObject } from '../../../src/model/json';

/** Version of the extension MCP Apps that the view speaks. */
const APPS_PROTOCOL_VERSION = '2026-01-26';
/** Timeout of a request to the host. */
const ANSWER_TIMEOUT_MS = 60_000;

/** Events that the host sends to the view. */
export interface HostEventHandlers {
  /** Arguments of the call whose result is to be drawn. */
  readonly onInput: (given: JsonObject) => void;
  readonly onResult: (result: JsonObject) => void;
  readonly onCanceled: () => void;
  readonly onTheme: (theme: unknown) => void;
  readonly onEnd: () => void;
}

/** Connection of the view to its host. */
export interface HostConnection {
  /** Whether the host forwards tool calls to the server. */
  readonly canCallTools: boolean;
  /** Calls a tool of the server. @throws when the host refuses, or does not answer in time */
  readonly callTool: (tool: string, given: JsonObject) => Promise<JsonObject>;
  readonly reportSize: (width: number, height: number) => void;
}

/** Connects the view to its host: JSON-RPC over messages between windows. Only the parent window is listened to. */
export async function connectToHost(view: Window, events: HostEventHandlers): Promise<HostConnection> {
  const host = view.parent;
  const pending = new Map<number, (answer: JsonObject) => void>();
  let last = 0;
  // The host's origin is not known in a sandboxed frame, and nothing that is sent is secret to the host.
  const send = (message: JsonObject): void => host.postMessage({ jsonrpc: '2.0', ...message }, '*');
  const request = (method: string, params: JsonObject): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      last += 1;
      const id = last;
      const timer = view.setTimeout(() => {
        pending.delete(id);
        reject(new Error('The host does not answer.'));
      }, ANSWER_TIMEOUT_MS);
      pending.set(id, ({ result, error }) => {
        view.clearTimeout(timer);
        if (isObject(result)) resolve(result);
        else reject(new Error(isObject(error) ? String(error['message']) : 'The host refuses.'));
      });
      send({ id, method, params });
    });

  view.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
    if (source !== host || !isObject(data) || data['jsonrpc'] !== '2.0') return;
    const { id, method, params } = data;
    if (typeof method !== 'string') {
      const settle = pending.get(Number(id));
      pending.delete(Number(id));
      settle?.(data);
      return;
    }
    const given = isObject(params) ? params : {};
    if (method === 'ui/notifications/tool-input') {
      events.onInput(isObject(given['arguments']) ? given['arguments'] : {});
    } else if (method === 'ui/notifications/tool-result') events.onResult(given);
    else if (method === 'ui/notifications/tool-cancelled') events.onCanceled();
    else if (method === 'ui/notifications/host-context-changed') events.onTheme(given['theme']);
    else if (method === 'ui/resource-teardown') events.onEnd();
    if (id === undefined || id === null) return;
    const isKnown = method === 'ui/resource-teardown' || method === 'ping';
    send(isKnown ? { id, result: {} } : { id, error: { code: -32601, message: `No method ${method}` } });
  });

  const { hostCapabilities, hostContext } = await request('ui/initialize', {
    appInfo: { name: 'coriolis-board', version: '1' },
    appCapabilities: {},
    protocolVersion: APPS_PROTOCOL_VERSION,
  });
  events.onTheme(isObject(hostContext) ? hostContext['theme'] : undefined);
  send({ method: 'ui/notifications/initialized', params: {} });
  return {
    canCallTools: isObject(hostCapabilities) && hostCapabilities['serverTools'] !== undefined,
    callTool: (tool, given) => request('tools/call', { name: tool, arguments: given }),
    reportSize: (width, height) =>
      send({ method: 'ui/notifications/size-changed', params: { width, height } }),
  };
}
