import type {
  ClientCapabilities,
  Implementation,
  McpServer,
  ServerContext,
} from '@modelcontextprotocol/server';
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY } from '@modelcontextprotocol/server';
import { quoteText } from '../../src/model/untrusted-text';

/** `_meta` envelope of a request. The SDK checks it but types it as an object without keys. */
interface Envelope {
  readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities;
  readonly [CLIENT_INFO_META_KEY]?: Implementation;
}

const envelopeOf = ({ mcpReq }: ServerContext): Envelope => mcpReq.envelope ?? {};

/**
 * Capabilities of a client. Clients of protocol 2026-07-28 send them with each request, earlier ones once, at
 * initialization. Undefined when neither was sent.
 */
export const readClientCapabilities = (
  server: McpServer,
  context: ServerContext,
): ClientCapabilities | undefined =>
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- revisions before 2026-07-28 have no other way
  envelopeOf(context)[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();

/**
 * Whether the request declares a protocol extension. Clients before protocol 2026-07-28 cannot, so it is false for
 * them.
 */
export const declaresExtension = (context: ServerContext, extension: string): boolean =>
  envelopeOf(context)[CLIENT_CAPABILITIES_META_KEY]?.extensions?.[extension] !== undefined;

/**
 * Name and version of a client; undefined when they are not known. Clients before protocol 2026-07-28 send them only at
 * initialization, which the MCP server made for a single HTTP request has not seen.
 */
export function readClientNameAndVersion(server: McpServer, context: ServerContext): string | undefined {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
  const info = envelopeOf(context)[CLIENT_INFO_META_KEY] ?? server.server.getClientVersion();
  return info === undefined ? undefined : quoteText(`${info.name} ${info.version}`, 80);
}
