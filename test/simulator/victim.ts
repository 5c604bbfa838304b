// One command in a process of its own that is killed at a drawn step: of the file system, or when
// git is about to be started. What it is told comes as JSON on the command line.
import "./load.ts";

const { root, seed, command, at, now } = JSON.parse(process.argv[2] ?? "");
Date.now = () => now;
const { arm, step } = await import("./faulty-fs.ts");
const { runCommand } = await import("./commands.ts");

const spawn = Bun.spawn;
Bun.spawn = ((...args: Parameters<typeof spawn>) => {
  step("spawn", "git");
  return spawn(...args);
}) as typeof spawn;

arm({ kind: "kill", at });
const outcome = await runCommand(root, command, { seed });
process.stdout.write(JSON.stringify(outcome.ok ? [] : outcome.problems));
