import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** JSON-RPC error -32602: parameters of a request are invalid or name an unknown object. */
export class InvalidParamsError extends ProtocolError {
  /** @param data details for programs, such as the URI of an unknown resource */
  constructor(message: string, data?: Readonly<Record<string, string>>) {
    super(ProtocolErrorCode.InvalidParams, message, data);
  }
}
