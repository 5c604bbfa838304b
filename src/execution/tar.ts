// The only importer of tar-stream. Workspaces travel as tar streams because every machine with a
// shell can make and read one, and a stream crosses a pipe, a socket or a network alike; the
// library knows the dialects (GNU long names, pax) that our own forty lines would get wrong.
import type { Readable } from "node:stream";
import { extract, type Header, pack } from "tar-stream";
import type { Folder } from "../economy/state.ts";

/** One thing found in a workspace, not judged yet: everything here may be hostile. */
export type Entry = {
  name: string;
  /** "file", "directory", or the word for what it is instead. */
  kind: string;
  executable: boolean;
  bytes: Uint8Array;
  /** Of a hard link: the other name. Which of two comes as the file is chance. */
  other?: string;
};

/** A place in a tar: a file, or a folder where there are no bytes, or a link. */
export type Place = { name: string; mode: number } & (
  | { kind: "file"; bytes: () => Uint8Array }
  | { kind: "directory" }
  | { kind: "symlink"; to: string }
);

/** A tar of root's files, made at the pace at which it is read. */
export function packPlaces(places: Iterable<Place>): Readable {
  const archive = pack();
  const write = async () => {
    for (const place of places) {
      const head = { name: place.name, mode: place.mode, mtime: new Date(0), uid: 0, gid: 0 };
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const done = (error?: Error | null) => (error ? reject(error) : resolve());
      if (place.kind === "file") archive.entry(head, Buffer.from(place.bytes()), done);
      else if (place.kind === "directory") archive.entry({ ...head, type: "directory" }, done);
      else archive.entry({ ...head, type: "symlink", linkname: place.to }, done);
      await promise;
    }
    archive.finalize();
  };
  write().catch((error) => archive.destroy(error));
  return archive as unknown as Readable;
}

/** The same folder gives the same bytes. */
export async function packFolder(folder: Folder): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, file] of [...folder].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const mode = file.executable ? 0o755 : 0o644;
    archive.entry({ name, mode, mtime: new Date(0) }, Buffer.from(file.bytes));
  }
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/**
 * Reads a tar stream that an enemy may have written. `whole` is false when it broke off or was
 * never one; the entries before that are returned all the same. More than `filesMax` files are
 * not read, one more than that shows that there were.
 */
export async function readTar(
  chunks: Uint8Array[],
  filesMax: number,
): Promise<{ entries: Entry[]; whole: boolean }> {
  const entries: Entry[] = [];
  const archive = extract();
  const fed = feed(archive, chunks);
  let files = 0;
  try {
    for await (const source of archive) {
      const entry = entryOf(source.header);
      if (entry.kind === "file") {
        files += 1;
        const parts: Uint8Array[] = [];
        for await (const part of source) parts.push(part as Uint8Array);
        entry.bytes = Buffer.concat(parts);
      } else source.resume();
      entries.push(entry);
      if (files > filesMax) return { entries, whole: true };
    }
    await fed;
    return { entries, whole: chunks.length > 0 };
  } catch {
    return { entries, whole: false };
  } finally {
    archive.destroy();
  }
}

/** Writes at the pace at which the reader takes; ends quietly when the reader is gone. */
function feed(archive: ReturnType<typeof extract>, chunks: Uint8Array[]): Promise<void> {
  return new Promise<void>((done) => {
    const rest = chunks.values();
    archive.once("close", () => done());
    archive.on("error", () => done());
    const next = () => {
      for (let chunk = rest.next(); !chunk.done; chunk = rest.next()) {
        if (!archive.write(chunk.value)) return;
      }
      archive.end(undefined);
      done();
    };
    archive.on("drain", next);
    next();
  });
}

function entryOf(header: Header): Entry {
  const kind = header.type === "contiguous-file" ? "file" : (header.type ?? "unknown thing");
  const executable = ((header.mode ?? 0) & 0o100) !== 0;
  const entry = { name: header.name, kind, executable, bytes: new Uint8Array() };
  return kind === "link" ? { ...entry, other: header.linkname ?? "" } : entry;
}
