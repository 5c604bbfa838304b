// The watch over a run, where the process under it does what no agent of ours would.
import { expect, test } from "bun:test";
import { spawned } from "../../src/execution/launcher.ts";
import { supervise } from "../../src/execution/supervise.ts";

const LIMITS = {
  ...{ cpuSeconds: 5, memoryMb: 64, wallSeconds: 5, processes: 8 },
  ...{ diskMb: 1, files: 10 },
};
const MARKER = "started\n";

test("a process that dies between its word and ours is no fault of econ", async () => {
  const command = ["/bin/sh", "-c", "exec <&-; echo started; exit 7"];
  const watch = () =>
    supervise({
      start: () => {
        const child = spawned({ command, env: {}, cwd: "/" });
        const { stdout, stderr, exited } = child;
        const end = () => child.kill();
        return { stdin: child.stdin ?? null, stdout, stderr, exited, end, kill: end };
      },
      limits: LIMITS,
      signal: undefined,
      gateway: undefined,
      marker: MARKER,
      streamMax: 1_000,
    });
  // An error that nobody catches fails the file, whenever it comes.
  for (let n = 0; n < 20; n++) expect(await watch()).toMatchObject({ code: 7, stop: null });
});
