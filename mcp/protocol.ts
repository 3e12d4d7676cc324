import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** A request with parameters that mean nothing here: JSON-RPC's -32602. */
export class InvalidParamsError extends ProtocolError {
  constructor(message: string) {
    super(ProtocolErrorCode.InvalidParams, message);
  }
}
