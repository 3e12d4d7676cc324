import { MAX_ANSWER_BYTES } from './network-failure';

/** Reader of a body in parts, as the `Response` of `fetch` has it. */
interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** Body of an answer, as the `Response` of `fetch` has it. */
export interface StreamedBody {
  getReader(): Reader;
}

/** Reads a body as UTF-8. Undefined when it is larger than `MAX_ANSWER_BYTES`; the rest is then not read. */
export async function readLimitedText(body: StreamedBody): Promise<string | undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    if (value === undefined) continue;
    bytes += value.byteLength;
    if (bytes > MAX_ANSWER_BYTES) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}
