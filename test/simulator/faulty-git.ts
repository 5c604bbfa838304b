// git as the simulator has it: each start is counted, and a drawn one may die at a call to the
// system, by strace. Unarmed, it is git.
const STRACE = Bun.which("strace");
if (!STRACE && process.env.CI) throw new Error("strace is missing: apt-get install strace");

/** The first git with this subcommand is killed at the n-th call of this name. */
export type Death = { git: string; call: string; at: number };

let armed: Death | null = null;
let onStart: () => void = () => {};

/** Without strace git does not die: the same seed is another life then. */
export const MORTAL = STRACE !== null;

export function armGit(death: Death): void {
  armed = death;
}

export function disarmGit(): void {
  armed = null;
}

/** Called before each start of a git. */
export function watchGit(watch: () => void): void {
  onStart = watch;
}

const spawn = Bun.spawn;
Bun.spawn = ((argv: string[], options: object) => {
  onStart();
  return spawn(mortal(argv), options);
}) as typeof spawn;

function mortal(argv: string[]): string[] {
  if (!armed || !STRACE || argv[0] !== "git" || !argv.includes(armed.git)) return argv;
  const { call, at } = armed;
  armed = null;
  const fault = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${at}`];
  return [STRACE, "-qq", "-o", "/dev/null", ...fault, ...argv];
}
