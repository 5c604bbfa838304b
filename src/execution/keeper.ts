// Process 1 of a container and the connection to it. The keeper takes orders on its input, so that
// nothing is asked of the machine that the daemon runs on but to carry bytes: it unpacks the
// workspace, waits for a word, runs the agent, kills all that is left and hands the files out.
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import { restSocket } from "./engine.ts";
import { ACTIONS_BYTES_MAX } from "./sandbox.ts";
import type { Running } from "./supervise.ts";

export const KEEPER = "/opt/keeper";
export const MARKER = "econ: started\n";
export const DOES_NOT_FIT = 97;
/** As the first name in the tar that comes out; those of the workspace all begin with "./". */
export const ACTIONS = "actions.jsonl";

/**
 * The agent cannot kill process 1 nor read its memory (Dockerfile.agent), so the secret of an
 * order, which ends what the run prints and hands out, is the host's. When the host goes, the input
 * ends, and with it the run. The counters come from the container's own control group, where there
 * is one to see.
 */
export const KEEPER_SCRIPT = `
exec 3<&0
trap : TERM INT HUP
counted() { grep -hs "^$1 " "$2" "$3" | { read -r _ n; echo "\${n:-0}"; }; }
cpu_used() {
  n=0
  { read -r n </sys/fs/cgroup/cpuacct/cpuacct.usage && n=$((n / 1000)) ||
    n=$(counted usage_usec /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu.stat); } 2>/dev/null
}
while read -r secret cpu blocks keep; do
  code=${DOES_NOT_FIT} before=0 n=0
  if tar -xf /econ/etc/workspace.tar 2>/dev/null; then
    echo 'econ: started'
    read -r go || exit 98
    cpu_used; before=$n
    { read -r over; kill -TERM 1; } <&3 >/dev/null 2>&1 &
    ( ulimit -S -t "$cpu"; ulimit -H -t $((cpu + 1)); ulimit -f "$blocks"
      . /econ/etc/start; exec "$@" ) </dev/null >&2 3<&- &
    wait $! 2>/dev/null; code=$?
    while kill -9 -1 2>/dev/null; do sleep 0.01; done
    cpu_used
    truncate -s '<${ACTIONS_BYTES_MAX + 1}' /econ/${ACTIONS} 2>/dev/null
    tar -cf - -C /econ ${ACTIONS} -C /workspace . 2>/dev/null || echo cut
  fi
  cd /sys/fs/cgroup
  killed=$(counted oom_kill memory/memory.oom_control memory.events)
  refused=$(counted max pids/pids.events pids.events)
  cd /workspace
  echo "$secret" >&2
  echo "$secret $code $killed $refused $before $n"
  [ "$keep" = keep ] || exit 0
  for place in /workspace /tmp /dev/shm; do
    find $place -mindepth 1 -maxdepth 1 ! -type l -exec chmod -R u+rwx {} +
    find $place -mindepth 1 -maxdepth 1 -exec rm -rf {} +
    [ -z "$(ls -A $place)" ] || exit 99
  done 2>/dev/null
  echo 'econ: clean'
done
`;

/** What the keeper says when a run is over. */
export type Report = {
  code: number;
  outOfMemory: number;
  forksRefused: number;
  /** Of the container since its start: when the agent started, and when it was gone. */
  cpuSecondsBefore: number;
  cpuSeconds: number;
};

export type Order = { cpuSeconds: number; fileBlocks: number; keep: boolean };

export type Keeper = {
  /** Starts a run; the streams end with the run or with the connection. */
  order(order: Order): Pick<Running, "stdin" | "stdout" | "stderr"> & {
    /** Null when the connection ended before. */
    report: Promise<Report | null>;
    /** After the report: true when nothing of the run is left, false when the keeper is gone. */
    clean: Promise<boolean>;
  };
  /** Resting, it does not keep the program from ending. */
  rest(isResting: boolean): void;
  close(): void;
};

type Channel = { take: (bytes: Buffer) => void; end: () => void };
const NOBODY: Channel = { take() {}, end() {} };

export function keeperOn(connection: Duplex): Keeper {
  const channels: Record<number, Channel> = { 1: NOBODY, 2: NOBODY };
  let closed = false;
  const frames = framesTo((kind, bytes) => channels[kind]?.take(bytes));
  const end = () => {
    closed = true;
    for (const channel of Object.values(channels)) channel.end();
  };
  connection.on("data", frames);
  for (const event of ["end", "close", "error"]) connection.on(event, end);
  return {
    order({ cpuSeconds, fileBlocks, keep }) {
      const secret = randomBytes(24).toString("hex");
      const out = section(secret);
      const err = section(secret);
      const clean = Promise.withResolvers<boolean>();
      channels[1] = { take: out.take, end: out.end };
      channels[2] = { take: err.take, end: err.end };
      out.ended.then((line) => {
        if (line === null) return clean.resolve(false);
        channels[1] = lineChannel(out.rest(), "econ: clean\n", clean.resolve);
      });
      const report = Promise.all([out.ended, err.ended]).then(([line]) => reportOf(line));
      if (closed) end();
      else connection.write(`${secret} ${cpuSeconds} ${fileBlocks} ${keep ? "keep" : "leave"}\n`);
      // The input stays open while the run goes on: its end is the end of the run.
      const stdin = { write: (text: string) => connection.write(text), end() {} };
      return { stdin, stdout: out.stream, stderr: err.stream, report, clean: clean.promise };
    },
    rest: (isResting) => restSocket(connection, isResting),
    close() {
      connection.destroy();
    },
  };
}

function reportOf(line: string | null): Report | null {
  if (line === null) return null;
  const [code = 0, outOfMemory = 0, forksRefused = 0, before = 0, used = 0] = line
    .trim()
    .split(" ")
    .map((word) => Number(word) || 0);
  const [cpuSecondsBefore, cpuSeconds] = [before / 1e6, used / 1e6];
  return { code, outOfMemory, forksRefused, cpuSecondsBefore, cpuSeconds };
}

/** The daemon mixes both outputs on one connection: kind, three zeros, length, bytes. */
export function framesTo(take: (kind: number, bytes: Buffer) => void): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let left = 0;
  let kind = 0;
  return (chunk) => {
    let rest = chunk;
    while (rest.length > 0) {
      if (left === 0) {
        const missing = 8 - header.length;
        header = Buffer.concat([header, rest.subarray(0, missing)]);
        rest = rest.subarray(missing);
        if (header.length < 8) return;
        kind = header[0] ?? 0;
        left = header.readUInt32BE(4);
        header = Buffer.alloc(0);
      }
      const bytes = rest.subarray(0, left);
      if (bytes.length > 0) take(kind, bytes);
      left -= bytes.length;
      rest = rest.subarray(bytes.length);
    }
  };
}

/** One run's part of an output: up to its secret, with what stands behind that on its line. */
function section(secret: string) {
  const { readable, writable } = pipe();
  const { promise, resolve } = Promise.withResolvers<string | null>();
  let held: Buffer = Buffer.alloc(0);
  let over = false;
  const finish = (line: string | null) => {
    if (over) return;
    over = true;
    writable.close();
    resolve(line);
  };
  return {
    stream: readable,
    ended: promise,
    rest: () => held,
    take(bytes: Buffer) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      if (over) return;
      const at = held.indexOf(secret);
      const sure = at < 0 ? held.length - begun(held, secret) : at;
      if (sure > 0) writable.put(held.subarray(0, sure));
      held = held.subarray(sure);
      const lineEnd = at < 0 ? -1 : held.indexOf("\n");
      if (lineEnd < 0) return;
      const line = held.subarray(secret.length, lineEnd).toString();
      held = held.subarray(lineEnd + 1);
      finish(line);
    },
    end() {
      if (!over && held.length > 0) writable.put(held);
      finish(null);
    },
  };
}

/** How many of the last bytes may be the beginning of the word. */
function begun(bytes: Buffer, word: string): number {
  for (let length = Math.min(bytes.length, word.length - 1); length > 0; length--) {
    if (bytes.subarray(-length).equals(Buffer.from(word.slice(0, length)))) return length;
  }
  return 0;
}

function pipe() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const readable = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given;
    },
  });
  const put = (bytes: Uint8Array) => controller.enqueue(new Uint8Array(bytes));
  return { readable, writable: { put, close: () => controller.close() } };
}

/** Waits for one line. */
function lineChannel(start: Buffer, line: string, heard: (whole: boolean) => void): Channel {
  let held = start;
  const look = () => held.includes(line) && heard(true);
  look();
  return {
    take(bytes) {
      held = Buffer.concat([held, bytes]).subarray(-line.length);
      look();
    },
    end: () => heard(false),
  };
}
