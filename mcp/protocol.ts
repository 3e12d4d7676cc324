import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** A request with parameters that mean nothing here: JSON-RPC's -32602. */
export class InvalidParamsError extends ProtocolError {
  /** @param data for programs, e.g. the address that nothing stands at */
  constructor(message: string, data?: Readonly<Record<string, string>>) {
    super(ProtocolErrorCode.InvalidParams, message, data);
  }
}
