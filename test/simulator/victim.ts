// One command in a process of its own that is killed at a drawn step: of the file system, or when
// git is about to be started. What it is told comes as JSON on the command line.
import "./load.ts";

const { root, seed, command, at, now } = JSON.parse(process.argv[2] ?? "");
const { clock, holdClock } = await import("./clock.ts");
clock.now = now;
holdClock();
const { arm, step } = await import("./faulty-fs.ts");
const { watchGit } = await import("./faulty-git.ts");
const { runCommand } = await import("./commands.ts");

watchGit(() => step("spawn", "git"));
arm({ kind: "kill", at });
const outcome = await runCommand(root, command, { seed });
process.stdout.write(JSON.stringify(outcome.ok ? [] : outcome.problems));
