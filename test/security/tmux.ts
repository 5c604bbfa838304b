// A real terminal for the tests: tmux, with a server of its own. It obeys what terminals obey: it
// clears its screen, takes a title, and fills its buffer by OSC 52.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ENV } from "../e2e/helpers.ts";

export const TMUX = tmux();

function tmux(): string | null {
  const found = Bun.which("tmux");
  if (!found && process.env.CI) throw new Error("no tmux on this machine; apt install tmux");
  if (!found) console.log("skipped: no tmux on this machine; apt install tmux");
  return found;
}

export type Screen = {
  /** Every line that was ever shown, without trailing blanks. */
  lines: string[];
  title: string;
  /** What a program has put in the clipboard. */
  clipboard: string;
};

const FIRST = "the line before";
const LAST = "the line after";
const ROWS = 4_000;

type Place = { columns: number; rows: number; cwd: string; env?: Record<string, string> };

/** A terminal of this size in which this command runs. It has to be closed. */
export function terminalWith(command: string, { columns, rows, cwd, env = {} }: Place) {
  const place = mkdtempSync(join(tmpdir(), "econ-test-tmux-"));
  const server = (...words: string[]) =>
    Bun.spawnSync([TMUX ?? "tmux", "-S", join(place, "socket"), "-f", "/dev/null", ...words], {
      cwd,
      env: { ...ENV, LANG: "C.UTF-8", TERM: "xterm-256color", SHELL: "/bin/sh", ...env },
    }).stdout.toString();
  server("-u", "new-session", "-d", "-x", `${columns}`, "-y", `${rows}`, `sleep 600`);
  server("set", "-g", "set-clipboard", "on");
  server("set", "-g", "allow-rename", "on");
  server("new-window", command);
  const screen = () => server("capture-pane", "-p", "-t", ":1");
  return {
    screen,
    /** Waits until this is on the screen, or for a minute. */
    async until(isSo: (screen: string) => boolean): Promise<void> {
      for (let n = 0; n < 600 && !isSo(screen()); n++) await Bun.sleep(100);
      if (!isSo(screen())) throw new Error(`it never comes; this is seen:\n${screen()}`);
    },
    /** Keys by tmux's names ("Enter", "C-c"), or text. */
    type: (...keys: string[]) => void server("send-keys", "-t", ":1", ...keys),
    resize: (x: number, y: number) =>
      void server("resize-window", "-t", ":1", "-x", `${x}`, "-y", `${y}`),
    /** What tmux says of it, in its own format. */
    look: (format: string) => server("display-message", "-p", "-t", ":1", format).trim(),
    clipboard: () => server("show-buffer"),
    close() {
      server("kill-server");
      rmSync(place, { recursive: true, force: true });
    },
  };
}

/** What a terminal shows once this line has been run in it. What asks for more is told Ctrl-C. */
export async function shownBy(
  command: string,
  { columns = 100, cwd = "/", env = {} as Record<string, string> } = {},
): Promise<Screen> {
  const folder = mkdtempSync(join(tmpdir(), "econ-test-tmux-"));
  const script = join(folder, "script");
  writeFileSync(
    script,
    `trap : INT; echo '${FIRST}'; ${command}; echo; echo '${LAST}'; sleep 600\n`,
  );
  const terminal = terminalWith(`sh ${script}`, { columns, rows: ROWS, cwd, env });
  try {
    for (let n = 0; n < 1_200 && !terminal.screen().includes(LAST); n++) {
      await Bun.sleep(100);
      if (/\(0-10\):$/.test(terminal.screen().trimEnd().split("\n").slice(-2).join("")))
        terminal.type("C-c");
    }
    const lines = terminal
      .screen()
      .trimEnd()
      .split("\n")
      .map((line) => line.trimEnd());
    const title = terminal.look("#{pane_title} #{window_name}");
    return { lines, title, clipboard: terminal.clipboard() };
  } finally {
    terminal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What in this text a terminal obeys; empty when all of it is only shown. */
export function obeyed({ lines, title, clipboard }: Screen): string[] {
  const wrong: string[] = [];
  if (lines[0] !== FIRST) wrong.push("the screen was cleared");
  if (lines.some((line) => line.startsWith(FORGED))) wrong.push("a line was forged");
  if (title.includes("OWNED")) wrong.push("the title was set");
  if (clipboard !== "") wrong.push("the clipboard was filled");
  if (lines.some((line) => /[\u202a-\u202e\u2066-\u2069]/.test(line))) wrong.push("bidi marks");
  if (!lines.at(-1)?.startsWith(LAST)) wrong.push("it did not end");
  return wrong;
}

const FORGED = "APPROVED by econ";
/** Clears the screen, forges a line by CR, LF and BS, sets the title, fills the clipboard, hides. */
export const ATTACK =
  `hi\u202e\u001b]0;OWNED\u0007\u001b]52;c;T1dORUQ=\u0007\u001bkOWNED\u001b\\` +
  `\r${FORGED}\n${FORGED}\r\n\u001b[2J\u001b[H\u001b[8mhidden\u009b2J\u2028${FORGED}\b\b`;
