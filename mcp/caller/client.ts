import type {
  ClientCapabilities,
  Implementation,
  McpServer,
  ServerContext,
} from '@modelcontextprotocol/server';
import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY } from '@modelcontextprotocol/server';
import { quote } from '../../src/model/untrusted';

/** The SDK checks the envelope but types it as an object without keys. */
interface Envelope {
  readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities;
  readonly [CLIENT_INFO_META_KEY]?: Implementation;
}

const envelopeOf = ({ mcpReq }: ServerContext): Envelope => mcpReq.envelope ?? {};

/** What a client can do: the modern era tells it with each request, the legacy one once, in the beginning. */
export const capabilitiesOf = (server: McpServer, context: ServerContext): ClientCapabilities | undefined =>
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- on the legacy era there is no other way to know
  envelopeOf(context)[CLIENT_CAPABILITIES_META_KEY] ?? server.server.getClientCapabilities();

/** Whether this very request declares an extension of the protocol; only those of the modern era can. */
export const declares = (context: ServerContext, extension: string): boolean =>
  envelopeOf(context)[CLIENT_CAPABILITIES_META_KEY]?.extensions?.[extension] !== undefined;

/** What a client calls itself, with its version; undefined when it did not say, as without a session in the legacy era. */
export function clientOf(server: McpServer, context: ServerContext): string | undefined {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- as above
  const info = envelopeOf(context)[CLIENT_INFO_META_KEY] ?? server.server.getClientVersion();
  return info === undefined ? undefined : quote(`${info.name} ${info.version}`, 80);
}
