// `econ serve` at work: what is shown of it, on a terminal or in a pipe.
import { condensed } from "../economy/chronicle.ts";
import type { Economy } from "../economy/state.ts";
import { chronicle } from "../kernel.ts";
import { type Happenings, serve as runServer } from "../serve/serve.ts";
import { dashboard } from "../view/dashboard.ts";
import { problemsText } from "../view/errors.ts";
import { safeLine } from "../view/safe-text.ts";
import { hint } from "../view/tables.ts";
import { tickLine } from "../view/tick.ts";
import { type Context, EXIT, failWith, inWorld } from "./context.ts";
import { untilInterrupted } from "./interrupt.ts";
import { waitingText } from "./progress.ts";

export function run(context: Context): Promise<number> {
  return inWorld(context, async (root) => {
    const screen = context.outWidth === null ? lines(context) : live(context, root);
    const interrupt = untilInterrupted(["SIGINT", "SIGTERM", "SIGHUP"]);
    const { signal } = interrupt;
    const done = await runServer(root, { ...screen, signal }).finally(() => {
      interrupt.release();
      screen.close();
    });
    if (!done.ok) return failWith(context, done.problems);
    context.out("Stopped. Nothing is lost: every cycle is a commit.");
    return EXIT.ok;
  });
}

type Screen = Happenings & { close: () => void };

/** Piped: what happens, a line each. */
function lines(context: Context): Screen {
  const { out, err, look, errLook } = context;
  return {
    onStart: ({ rules }) =>
      out(`serving: a cycle every ${rules.allocation.schedule_seconds} s; Ctrl-C stops`),
    onCycle: (report) => {
      const events = condensed(report.events).map(({ text }) => `  ${safeLine(text)}`);
      out([tickLine(report, look.paint), ...events].join("\n"));
    },
    onProblems: (problems) => err(problemsText(problems, errLook.paint)),
    onPause: (prompt) => out(pauseText(prompt)),
    onResume: (path) => out(`going on: ${safeLine(path)} was saved`),
    onWait: (holder) => err(waitingText(holder)),
    close: () => {},
  };
}

const ENTER = "\u001b[?1049h\u001b[?25l";
const LEAVE = "\u001b[?25h\u001b[?1049l";
const CLEAR = "\u001b[H\u001b[J";

/** On a terminal: the dashboard, drawn anew after each cycle on the alternate screen. */
function live(context: Context, root: string): Screen {
  const { look } = context;
  let economy: Economy | null = null;
  let note = "";
  let closed = false;
  const draw = async () => {
    if (!economy) return;
    // A dashboard without its news is no reason to stop.
    const chapters = await chronicle(root, 10).catch(() => []);
    if (closed) return;
    const width = context.outWidth;
    const every = `a cycle every ${economy.rules.allocation.schedule_seconds} s`;
    const now = { ...look, width };
    const foot = hint(note || `${every} · econ attend in another terminal · Ctrl-C stops`, now);
    const drawn = dashboard(economy, chapters, now);
    process.stdout.write(`${CLEAR}${fitted(drawn, foot, process.stdout)}\n`);
  };
  const say = (text: string) => {
    note = text;
    void draw();
  };
  const close = () => {
    if (closed) return;
    closed = true;
    process.off("exit", close);
    process.stdout.off("resize", draw);
    process.off("SIGTSTP", suspend);
    process.off("SIGCONT", goOn);
    process.stdout.write(LEAVE);
  };
  // Ctrl-Z: the shell gets the person's own screen, and `fg` the dashboard.
  const suspend = () => {
    process.stdout.write(LEAVE);
    process.kill(process.pid, "SIGSTOP");
  };
  const goOn = () => {
    process.stdout.write(ENTER);
    void draw();
  };
  process.stdout.write(ENTER);
  process.stdout.on("resize", draw);
  process.on("SIGTSTP", suspend);
  process.on("SIGCONT", goOn);
  // A second Ctrl-C ends the process at once: the person's own screen must come back all the same.
  process.once("exit", close);
  return {
    onStart: (first) => {
      economy = first;
      void draw();
    },
    onCycle: (report) => {
      economy = report.economy;
      say("");
    },
    onProblems: (problems) => say(problemsText(problems, look.paint)),
    onPause: (prompt) => say(pauseText(prompt)),
    onResume: () => say(""),
    onWait: (holder) => say(waitingText(holder)),
    close,
  };
}

/**
 * As much from the top as there are rows for, and the foot: more would scroll what matters away,
 * and a line that wraps is two.
 */
export function fitted(
  drawn: string,
  foot: string,
  { columns = 80, rows = 24 }: { columns?: number; rows?: number },
): string {
  const rowsOf = (line: string) => Math.max(1, Math.ceil(Bun.stringWidth(line) / columns));
  // Of the foot too no more than there is room for, of a tiny terminal nothing else.
  const under = foot.split("\n").slice(0, Math.max(1, rows - 4));
  let left = rows - under.reduce((sum, line) => sum + rowsOf(line), 0) - 2;
  if (left < 1) return under.slice(0, Math.max(1, rows - 1)).join("\n");
  const lines: string[] = [];
  for (const line of drawn.split("\n")) {
    left -= rowsOf(line);
    if (left < 0) break;
    lines.push(line);
  }
  return [...lines, "", ...under].join("\n");
}

function pauseText(prompt: string): string {
  return `paused: ${prompt} waits for your score. Score it with econ attend, and it goes on.`;
}
