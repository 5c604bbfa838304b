// Many connections over one byte stream, the same at both ends. Each connection has a window: who
// sends waits until what it sent is consumed, so that a slow reader holds up nobody else and fills
// nobody's memory. The other end may be hostile: a frame that breaks the rules closes the channel,
// and nothing here throws.
import type { ByteStream } from "./contract.ts";
import { DATA_BYTES_MAX, encodeFrame, type Frame, frameReader, ID_MAX } from "./frames.ts";

export type Channel = {
  /** True when the other end says that it listens; false when the channel closes before that. */
  listening: Promise<boolean>;
  /** Settles when nothing more can be carried. */
  closed: Promise<void>;
  /** Says to the other end that this one listens. */
  announce(): void;
  /** Carries a connection to the other end; false where there are too many, or no channel. */
  open(stream: ByteStream): boolean;
  /** Breaks off all connections, at once. */
  close(): void;
};

/** Connections at one time. */
export const CONNECTIONS_MAX = 128;
/** Bytes on their way, for each connection and direction. */
export const WINDOW = 64 * 1024;
/** Answers that the other end has not taken; from then on nothing more of it is read. */
const ANSWERS_MAX = 1_024;

type Reader = ReturnType<typeof readerOf>;
type Writer = WritableStreamDefaultWriter<Uint8Array>;

/**
 * `accept` gives this side's end of a connection that the other side opens, and is there at the
 * end that trusts nobody. Without it, only this side opens connections.
 */
export function multiplex(wire: ByteStream, accept: (() => ByteStream) | null): Channel {
  return new Multiplexed(wire, accept);
}

class Multiplexed implements Channel {
  readonly listening: Promise<boolean>;
  readonly closed: Promise<void>;
  readonly #accept: (() => ByteStream) | null;
  readonly #reader: Reader;
  readonly #writer: Writer;
  readonly #connections = new Map<number, Connection>();
  readonly #heard = Promise.withResolvers<boolean>();
  readonly #over = Promise.withResolvers<void>();
  #isClosed = false;
  #lastId = 0;
  #answers = 0;
  #answered: Promise<void> = Promise.resolve();

  constructor(wire: ByteStream, accept: (() => ByteStream) | null) {
    this.listening = this.#heard.promise;
    this.closed = this.#over.promise;
    this.#accept = accept;
    this.#reader = readerOf(wire);
    this.#writer = wire.writable.getWriter();
    this.#listen();
  }

  announce(): void {
    this.#answer({ kind: "listening", id: 0 });
  }

  open(stream: ByteStream): boolean {
    const full = this.#connections.size >= CONNECTIONS_MAX || this.#lastId >= ID_MAX;
    if (this.#isClosed || full) return false;
    this.#lastId += 1;
    this.#answer({ kind: "open", id: this.#lastId });
    this.#add(this.#lastId, stream);
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const connection of this.#connections.values()) connection.breakOff();
    this.#connections.clear();
    this.#reader.cancel().catch(ignore);
    this.#writer.abort().catch(ignore);
    this.#heard.resolve(false);
    this.#over.resolve();
  }

  async #listen(): Promise<void> {
    const read = frameReader();
    while (!this.#isClosed) {
      const { value } = await this.#reader.read().catch(nothing);
      if (!value) break;
      const frames = read(value);
      if (!frames.ok || !frames.value.every((frame) => this.#receive(frame))) break;
      // The end that opens must always read, or both could wait for one another.
      while (this.#accept !== null && this.#answers > ANSWERS_MAX) await this.#answered;
    }
    this.close();
  }

  /** False for a frame that breaks the rules. */
  #receive(frame: Frame): boolean {
    const { id } = frame;
    if (frame.kind === "listening") {
      this.#heard.resolve(true);
      return this.#accept !== null;
    }
    if (frame.kind === "open") return this.#receiveOpen(id);
    const connection = this.#connections.get(id);
    // It may have been on its way while this end broke the connection off.
    if (!connection) return id <= this.#lastId;
    switch (frame.kind) {
      case "data":
        return this.#receiveData(connection, frame.bytes);
      case "end":
        if (connection.ended) return false;
        connection.ended = true;
        connection.finish().then(() => this.#settle(connection));
        return true;
      case "reset":
        this.#drop(connection);
        return true;
      case "credit":
        return connection.give(frame.bytes);
    }
  }

  #receiveOpen(id: number): boolean {
    if (this.#accept === null || id <= this.#lastId) return false;
    this.#lastId = id;
    if (this.#connections.size < CONNECTIONS_MAX) this.#add(id, this.#accept());
    else this.#answer({ kind: "reset", id });
    return true;
  }

  #receiveData(connection: Connection, bytes: Uint8Array): boolean {
    if (connection.ended || connection.room < bytes.length) return false;
    connection.room -= bytes.length;
    connection.deliver(bytes).then((credit) => {
      if (credit > 0) this.#answer({ kind: "credit", id: connection.id, bytes: credit });
    });
    return true;
  }

  #add(id: number, stream: ByteStream): void {
    const connection = new Connection(id, stream);
    this.#connections.set(id, connection);
    connection
      .pump((frame) => this.#send(frame))
      .then(
        () => this.#settle(connection),
        () => this.#reset(connection),
      );
  }

  #settle(connection: Connection): void {
    if (connection.sentAll && connection.gotAll) this.#connections.delete(connection.id);
  }

  #reset(connection: Connection): void {
    if (connection.gone) return;
    this.#drop(connection);
    this.#answer({ kind: "reset", id: connection.id });
  }

  #drop(connection: Connection): void {
    this.#connections.delete(connection.id);
    connection.breakOff();
  }

  async #send(frame: Frame): Promise<void> {
    if (this.#isClosed) return;
    await this.#writer.write(encodeFrame(frame)).catch(() => this.close());
  }

  /** Not waited for, but counted. */
  #answer(frame: Frame): void {
    this.#answers += 1;
    this.#answered = this.#send(frame).then(() => {
      this.#answers -= 1;
    });
  }
}

/** One connection's end on this side, with what each side may still send to the other. */
class Connection {
  readonly id: number;
  /** No more data comes from the other side, and all that came is consumed. */
  ended = false;
  gotAll = false;
  sentAll = false;
  /** Broken off. */
  gone = false;
  /** Bytes that the other side may send. */
  room = WINDOW;
  /** Of those, consumed without its being told yet. */
  #consumed = 0;
  #credit = WINDOW;
  #wake: (() => void) | null = null;
  readonly #reader: Reader;
  readonly #writer: Writer;

  constructor(id: number, stream: ByteStream) {
    this.id = id;
    this.#reader = readerOf(stream);
    this.#writer = stream.writable.getWriter();
  }

  /** Sends all that this end reads. Rejects where reading fails. */
  async pump(send: (frame: Frame) => Promise<void>): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (this.gone) return;
      if (done) break;
      for (let at = 0; at < value.length; ) {
        const size = await this.#spend(Math.min(value.length - at, DATA_BYTES_MAX));
        if (this.gone) return;
        await send({ kind: "data", id: this.id, bytes: value.subarray(at, at + size) });
        at += size;
      }
    }
    this.sentAll = true;
    await send({ kind: "end", id: this.id });
  }

  /** How many of so many bytes may be sent, when at least one may. */
  async #spend(wanted: number): Promise<number> {
    while (this.#credit === 0 && !this.gone) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const size = Math.min(wanted, this.#credit);
    this.#credit -= size;
    return size;
  }

  /** More that may be sent; false for more than a window. */
  give(bytes: number): boolean {
    if (this.#credit + bytes > WINDOW) return false;
    this.#credit += bytes;
    this.#wake?.();
    return true;
  }

  /**
   * Gives what this end takes in, and then how many bytes the other side is to be told of. What
   * this end refuses is thrown away: it may still have something to say.
   */
  async deliver(bytes: Uint8Array): Promise<number> {
    await this.#writer.write(bytes).catch(ignore);
    this.#consumed += bytes.length;
    if (this.gone || this.ended || this.#consumed < WINDOW / 2) return 0;
    const credit = this.#consumed;
    this.room += credit;
    this.#consumed = 0;
    return credit;
  }

  /** After the last of the data. */
  async finish(): Promise<void> {
    await this.#writer.close().catch(ignore);
    this.gotAll = true;
  }

  breakOff(): void {
    this.gone = true;
    this.#wake?.();
    this.#reader.cancel().catch(ignore);
    this.#writer.abort().catch(ignore);
  }
}

function readerOf({ readable }: ByteStream) {
  return readable.getReader();
}

function ignore(): void {}

function nothing(): { value: undefined } {
  return { value: undefined };
}
