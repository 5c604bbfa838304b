// The beginning of a stream, as much of it as it takes to know what it is.

export type Reader = {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
};

/** The bytes so far, once they suffice; what comes after them is still to be read. */
export async function readUntil(
  reader: Reader,
  suffices: (bytes: Buffer) => boolean,
  before: Buffer = Buffer.alloc(0),
): Promise<Buffer> {
  let bytes: Buffer = before;
  while (!suffices(bytes)) {
    const { value, done } = await reader.read();
    if (done || !value) break;
    bytes = Buffer.concat([bytes, value]);
  }
  return bytes;
}
